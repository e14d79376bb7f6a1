"""The run folder and its events: what the trainer writes and the windows read."""
