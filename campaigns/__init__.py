"""The domain: what is decided and what is recorded. Imports no web framework, queue, cache or carrier."""
