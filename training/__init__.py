"""The training window and what stands behind it."""
