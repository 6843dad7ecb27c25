"""What people write and what we write: folding, keywords, SMS parts, and one catalogue file per language.

Pure: imports nothing of the house, touches no database, clock or network.
"""
