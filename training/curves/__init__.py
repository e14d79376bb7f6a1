"""The plot of cost curves."""
