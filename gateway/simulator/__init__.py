"""The other side of the wire: a carrier with Twilio's message API, handsets in the browser, faults on demand.

It stands apart on purpose: it imports nothing else of this project, so that what the gateway gets right or wrong
about the carrier is seen against an independent reading of the carrier's rules. It is a simulator and says so.
"""
