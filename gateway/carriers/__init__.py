"""The way out, and reading what comes back: one package for each carrier, both directions."""
