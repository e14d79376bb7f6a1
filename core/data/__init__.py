"""Labelled digits of many sources: `catalogue` says what there is (no torch), `sources` loads it as tensors."""
