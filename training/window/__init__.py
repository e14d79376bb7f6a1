"""The training window, which only wires its parts together."""
