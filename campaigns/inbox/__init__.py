"""The conversation by text: from what came in to what is answered."""
