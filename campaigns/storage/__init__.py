"""Where everything is kept: engine, column types, vault and migrations. Knows no table of any other room."""
