"""Training the classifier: its images and cost, its test figures."""
