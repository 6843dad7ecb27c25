"""The conversation by keys: the menu as data, what a caller hears next, and what of a call is kept."""
