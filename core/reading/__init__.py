"""Live reading: from an image or strokes to a `Reading`, with ONNX Runtime."""
