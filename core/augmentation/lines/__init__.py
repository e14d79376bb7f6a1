"""Batched augmentation of rows of characters."""
