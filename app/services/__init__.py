"""Settings, workers, the models and who owns them, corrections."""
