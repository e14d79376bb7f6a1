"""From the command `gnc` to the event loop."""
