"""What Redis and time call: wake-ups, the clock that gives them, and the sender. The truth is in the database."""
