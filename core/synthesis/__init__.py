"""Made photos of numbers: backgrounds, type, paint, a camera's faults."""
