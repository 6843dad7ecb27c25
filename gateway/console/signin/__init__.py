"""Signing in: accounts, passwords, second factors, sessions. What a person may do is the domain's to say."""
