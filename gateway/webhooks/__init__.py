"""Door 1: what a carrier calls. Nothing goes further than the guard that is not signed, known and whole."""

from gateway.webhooks.door import blueprint

__all__ = ["blueprint"]
