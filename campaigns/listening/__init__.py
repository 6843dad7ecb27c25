"""Listening: feedback sealed in the request, mixed before it is shelved, opened only by a moderator's own key."""
