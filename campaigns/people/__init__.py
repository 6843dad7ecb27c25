"""Phones and groups: a contact is a phone we may hold a number for; no name of a person is stored."""
