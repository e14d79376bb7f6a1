"""Training the line reader: its data and cost, its test figures, its model file."""
