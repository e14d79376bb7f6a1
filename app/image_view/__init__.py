"""A picture that can be zoomed, with marks on it."""
