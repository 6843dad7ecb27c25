"""Twilio, and whatever speaks its REST interface and signs its webhooks alike (Somleng, the simulator)."""
