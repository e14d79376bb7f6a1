"""Maintainers' one-off commands: model cards, pseudo-labels, samples."""
