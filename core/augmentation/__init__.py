"""Batched augmentation of digit images, in torch."""
