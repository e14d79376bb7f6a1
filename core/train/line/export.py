"""A trained line reader -> its model file (ONNX), compared with torch before it gets its name."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import torch
from torch import nn

from core.base.errors import FailureError
from core.base.files import written_aside
from core.networks.line_reader import LineFile
from core.reading.line_format import CHARACTERS, HEIGHT, STRIDE
from core.train.export import describe, to_onnx

TOLERANCE = 2e-3
"""The largest difference between torch and ONNX Runtime that is let pass, of logarithms of probabilities."""


def export_line(network: nn.Module, about: dict[str, Any], path: Path) -> float:
    """Write `path`, a model file; returns the largest difference to torch that was seen.

    about: the metadata of `best_model.pt`; `temperature` (1 where it is missing) divides the logits.

    Raises:
        FailureError: the file does not compute what torch computes. Nothing is written then.
    """
    plain = copy.deepcopy(network).cpu().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    temperature = float(about.get("temperature", 1.0))
    wrapped = LineFile(plain, temperature).eval()
    example = torch.rand(2, 1, HEIGHT, 96, generator=torch.Generator().manual_seed(1))
    proto = to_onnx(
        wrapped, (example,), ["images"], ["log_probs"], {"images": {0: "batch", 3: "width"}},
        multiple={"width": STRIDE},
    )  # fmt: skip
    describe(
        proto, about, kind="line", input_height=str(HEIGHT), stride=str(STRIDE), characters=CHARACTERS,
        temperature=str(temperature),
    )  # fmt: skip
    session = ort.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    difference = 0.0
    for count, width in ((1, 32), (3, 200)):
        images = torch.rand(count, 1, HEIGHT, width, generator=torch.Generator().manual_seed(width))
        with torch.no_grad():
            wanted = wrapped(images).numpy()
        got = session.run(["log_probs"], {"images": images.numpy()})[0]
        difference = max(difference, float(np.abs(got - wanted).max()))
    if difference > TOLERANCE:
        raise FailureError(
            f"The exported model differs from the trained one by {difference:.2g}; {path.name} was not written. "
            "Another version of torch or onnx may help."
        )
    with written_aside(path) as file:
        file.write(proto.SerializeToString())
    return difference
