"""Settings, workers, models, the shared reader, corrections."""
