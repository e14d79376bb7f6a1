"""Training the detector: its scenes and cost, its targets, its test figures."""
