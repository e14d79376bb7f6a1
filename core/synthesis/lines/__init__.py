"""Made rows of characters, for the line reader: fonts, pens, displays, dots and counters."""
