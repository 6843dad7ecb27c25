"""What the tests stand on: a PostgreSQL and a Redis of our own, real processes, a browser."""
