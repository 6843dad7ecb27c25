"""Today: what is going on, what needs me, what can I do."""
