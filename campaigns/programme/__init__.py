"""What staff set: the programme itself, its places, lines, prices, calendars and the halt."""
