"""A trained detector → its model file (ONNX), compared with torch before it gets its name."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from torch import nn

from core.base.errors import FailureError
from core.base.files import written_aside
from core.detector import DetectorFile
from core.export import describe, to_onnx
from core.reading.detector_format import MULTIPLE, STRIDE

TOLERANCE = 2e-3
"""The largest difference between torch and ONNX Runtime that is let pass; logits, some of them near 10."""


def export_detector(network: nn.Module, about: dict[str, Any], path: Path) -> float:
    """Write `path`, a model file; returns the largest difference to torch that was seen.

    about: what `best_model.pt` says of itself; its `reader`, where it has one, goes into the file.

    Raises:
        FailureError: the file does not compute what torch computes. Nothing is written then.
    """
    wrapped = DetectorFile(copy.deepcopy(network).cpu().to(memory_format=torch.contiguous_format)).eval()  # type: ignore[call-overload]
    example = torch.rand(1, 1, 96, 128, generator=torch.Generator().manual_seed(1))
    proto = to_onnx(
        wrapped, (example,), ["images"], ["maps"], {"images": {2: "rows", 3: "columns"}}, multiple=MULTIPLE
    )
    describe(
        proto, about, kind="detector", classes=",".join(str(d) for d in range(10)), strides=str(STRIDE),
        multiple=str(MULTIPLE), reader=json.dumps(about.get("reader", {})),
    )  # fmt: skip
    session = ort.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    difference = 0.0
    for shape in ((48, 64), (160, 112)):
        images = torch.rand(1, 1, *shape, generator=torch.Generator().manual_seed(shape[0]))
        with torch.no_grad():
            wanted = wrapped(images).numpy()
        got = session.run(["maps"], {"images": images.numpy()})[0]
        difference = max(difference, float(np.abs(got - wanted).max()))
    if difference > TOLERANCE:
        raise FailureError(
            f"The exported model differs from the trained one by {difference:.2g}; {path.name} was not written. "
            "Another version of torch or onnx may help."
        )
    with written_aside(path) as file:
        file.write(proto.SerializeToString())
    return difference
