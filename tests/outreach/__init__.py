"""Tests of campaigns and the outbox."""
