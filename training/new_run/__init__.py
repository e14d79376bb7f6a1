"""The page that makes a run."""
