"""Consent: the ledger of events, the standing that follows from it, suppression, and the double opt-in."""
