"""Campaigns and their deliveries: wording, audience, approval, the outbox, receipts and budget."""
