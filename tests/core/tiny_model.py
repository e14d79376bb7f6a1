"""Small model files to the contract of `core.train.export`: one layer that compares with templates."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from core.reading.strokes import Stroke, rasterise
from tests.core.pen_digits import pen_digit

STAGES = ("stage1", "stage2", "stage3")


def write_model(
    path: Path,
    *,
    size: int = 32,
    classes: int = 11,
    weights: NDArray[Any] | None = None,
    bias: NDArray[Any] | None = None,
    said: Mapping[str, str | None] | None = None,
    outputs: tuple[str, str] = ("probabilities", "votes"),
    softmax: bool = True,
) -> Path:
    """A classifier softmax(ink · weights + bias); all its stages vote alike.

    Ink is how far a pixel is from the first one, 1 for the farthest: neither polarity nor contrast matters.
    weights: (size * size, classes), zeros where missing. said: metadata to change; None leaves one out.
    """
    weights = np.zeros((size * size, classes)) if weights is None else weights
    bias = np.zeros(classes) if bias is None else bias
    constants: dict[str, NDArray[Any]] = {
        "weights": weights.astype(np.float32), "bias": bias.astype(np.float32),
        "flat": np.array([-1, size * size], np.int64), "one": np.array([1], np.int64),
        "first": np.array([0], np.int64), "least": np.array([0.01], np.float32),
    }  # fmt: skip
    probabilities, votes = outputs
    nodes = [
        helper.make_node("Reshape", ["images", "flat"], ["x"]),
        helper.make_node("Gather", ["x", "first"], ["ground"], axis=1),
        helper.make_node("Sub", ["x", "ground"], ["signed"]),
        helper.make_node("Abs", ["signed"], ["away"]),
        helper.make_node("ReduceMax", ["away", "one"], ["farthest"], keepdims=1),
        helper.make_node("Max", ["farthest", "least"], ["scale"]),
        helper.make_node("Div", ["away", "scale"], ["ink"]),
        helper.make_node("Gemm", ["ink", "weights", "bias"], ["logits"]),
        helper.make_node("Softmax", ["logits"], [probabilities], axis=-1)
        if softmax
        else helper.make_node("Identity", ["logits"], [probabilities]),
        helper.make_node("Unsqueeze", [probabilities, "one"], ["vote"]),
        helper.make_node("Concat", ["vote"] * len(STAGES), [votes], axis=1),
    ]
    graph = helper.make_graph(
        nodes, "tiny",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 1, size, size])],
        [
            helper.make_tensor_value_info(probabilities, TensorProto.FLOAT, ["batch", classes]),
            helper.make_tensor_value_info(votes, TensorProto.FLOAT, ["batch", len(STAGES), classes]),
        ],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )  # fmt: skip
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    names = [*map(str, range(10)), "none"][:classes]
    metadata: dict[str, str | None] = {
        "gnc_kind": "classifier", "gnc_input_size": str(size), "gnc_classes": ",".join(names),
        "gnc_stages": ",".join(STAGES), "gnc_recipe": "tiny", "gnc_run": "tiny-1", "gnc_revision": "abc",
        "gnc_date": "2025-01-02", "gnc_figures": '{"mnist": {"n": 10}}', "gnc_format": "1", **(said or {}),
    }  # fmt: skip
    helper.set_model_props(model, {k: v for k, v in metadata.items() if v is not None})
    onnx.save(model, str(path))
    return path


def write_template_model(path: Path, *, size: int = 32, classes: int = 11) -> Path:
    """A model that knows `pen_digits` when it sees them, and calls what is like none of them no digit."""
    templates = np.stack([_spread(rasterise(pen_digit(d), size, pen=0.14)) for d in range(10)])
    weights, bias = np.zeros((size * size, classes)), np.zeros(classes)
    weights[:, :10] = 2.2 * templates.T
    if classes == 11:
        bias[10] = 10.5
    return write_model(path, size=size, classes=classes, weights=weights, bias=bias)


def _spread(crop: NDArray[np.uint8]) -> NDArray[np.float64]:
    ink = crop.ravel() / 255 - crop.mean() / 255
    return np.asarray(ink / np.linalg.norm(ink))


def dash(x: float, y: float, length: float, width: float = 8.0) -> Stroke:
    """A level line."""
    return Stroke(((x, y), (x + length, y)), width)
