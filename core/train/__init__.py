"""Training: the loop, the tasks, checkpoints, export and previews."""
