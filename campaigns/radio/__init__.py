"""Radio: shows, seasons and episodes, the question of the week, and listeners' clips until they go on air."""
