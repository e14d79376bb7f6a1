"""Rows of characters in a picture: where they are, how they are cut, and which numbers are written in them."""
