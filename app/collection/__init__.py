"""The window in which people look through what they labelled, put it right, and share it."""
