"""Raw sources on disk → NumPy arrays, through a cache."""
