"""Metrics, test sets, the reader's calibration, robustness."""
