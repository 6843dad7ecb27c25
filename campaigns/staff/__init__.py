"""Who may do what: actors, permissions, the second person, and the audit trail. Accounts are the edge's."""
