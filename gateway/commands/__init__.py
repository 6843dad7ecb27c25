"""Door 3: the `paigham` command, one module per room, acting as a named Actor."""
