"""The Camera page, from the capture to the history."""
