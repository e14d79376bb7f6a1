"""What reads and what learns: models, preprocessing, data, the training loop. Knows no Qt."""
