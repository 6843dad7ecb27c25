"""A caller's journey, each leg in a module of its own: pure, from what is known to what she hears next.

`walking` takes a step. It asks `keys` what a key means; `arriving` what is heard at a node. A leg says its words
(`Words`), what its own keys do, and what comes when nobody answers (`Leg`); `legs` has them all.
"""
