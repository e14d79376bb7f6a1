"""Trained weights -> model file (ONNX), compared with torch before it gets its name."""

from __future__ import annotations

import copy
import json
import logging
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor, nn

from core.base.errors import FailureError
from core.base.files import written_aside
from core.networks.classifier import Answer, GeneralNetwork, SeedNetwork, build_network
from core.networks.detector import DetectorFile, DetectorNetwork
from core.reading.detector_format import MULTIPLE, STRIDE
from core.train import checkpoint

FORMAT = "1"
TOLERANCE = 1e-4
"""The largest difference of a probability between torch and ONNX Runtime that is let pass."""


class Calibrated(nn.Module):
    """The network as a model file holds it: images in, calibrated probabilities out."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network = network
        self.temperature = temperature

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """(B, 1, S, S) in 0–1 -> probabilities (B, K) and the stages' own (B, stages, K)."""
        answer: Answer = self.network(images)
        combined = (answer.combined / self.temperature).softmax(-1)
        return combined, (answer.votes / self.temperature).softmax(-1).transpose(0, 1)


def export_classifier(
    network: SeedNetwork | GeneralNetwork | nn.Module, about: dict[str, Any], path: Path
) -> float:
    """Write `path`, a model file; returns the largest difference to torch that was seen.

    about: the metadata of `best_model.pt`; `temperature` (1 where it is missing) divides the logits.

    Raises:
        FailureError: the file does not compute what torch computes. Nothing is written then.
    """
    assert isinstance(network, SeedNetwork | GeneralNetwork)
    wrapped = Calibrated(network, float(about.get("temperature", 1.0))).eval()
    size = network.input_size
    example = torch.rand(2, 1, size, size, generator=torch.Generator().manual_seed(1))
    proto = to_onnx(wrapped, (example,), ["images"], ["probabilities", "votes"], {"images": {0: "batch"}})
    names = [str(d) for d in range(10)] + ["none"]
    describe(
        proto, about, kind="classifier", input_size=str(size), classes=",".join(names[: network.classes]),
        stages=",".join(network.stages),
    )  # fmt: skip
    difference = _largest_difference(proto, wrapped, size)
    if difference > TOLERANCE:
        raise FailureError(
            f"The exported model differs from the trained one by {difference:.2g}; {path.name} was not written. "
            "Another version of torch or onnx may help."
        )
    with written_aside(path) as file:
        file.write(proto.SerializeToString())
    return difference


def to_onnx(
    network: nn.Module, example: tuple[Tensor, ...], inputs: list[str], outputs: list[str],
    dynamic: dict[str, dict[int, str]], multiple: int | Mapping[str, int] = 1,
) -> onnx.ModelProto:  # fmt: skip
    """The network as an ONNX graph. dynamic: input name -> which of its dimensions vary, by name, all of them
    in steps of `multiple`, or each in its own."""
    steps = multiple if isinstance(multiple, Mapping) else {}
    common = 1 if isinstance(multiple, Mapping) else multiple
    dims = {
        name: steps.get(name, common) * torch.export.Dim(name, min=1, max=65_536)
        for axes in dynamic.values()
        for name in axes.values()
    }
    shapes = tuple({axis: dims[dim] for axis, dim in dynamic.get(name, {}).items()} for name in inputs)
    # The exporter warns about its own internals and logs each pass; neither concerns the user.
    noisy = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in noisy]
    for logger in noisy:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                network, example, input_names=inputs, output_names=outputs, dynamic_shapes=shapes,
                dynamo=True, verbose=False,
            )  # fmt: skip
    finally:
        for logger, level in zip(noisy, levels, strict=True):
            logger.setLevel(level)
    assert program is not None
    proto: onnx.ModelProto = program.model_proto
    # Names of files and lines of this machine have no place in a model that travels.
    for node in proto.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    for value in (*proto.graph.value_info, *proto.graph.input, *proto.graph.output):
        del value.metadata_props[:]
    del proto.graph.metadata_props[:]
    del proto.metadata_props[:]
    return proto


def describe(proto: onnx.ModelProto, about: dict[str, Any], **more: str) -> None:
    """Put into the file what it is: kind, recipe, run, revision, date, figures."""
    said = {
        "format": FORMAT,
        "recipe": str(about.get("recipe", "")),
        "run": str(about.get("run", "")),
        "revision": str(about.get("revision", "")),
        "date": str(about.get("date", "")),
        "figures": json.dumps(about.get("figures", {})),
        **more,
    }
    for key, value in said.items():
        proto.metadata_props.append(onnx.StringStringEntryProto(key=f"gnc_{key}", value=value))


def _largest_difference(proto: onnx.ModelProto, wrapped: Calibrated, size: int) -> float:
    session = ort.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    largest = 0.0
    for count in (1, 7):
        images = torch.rand(count, 1, size, size, generator=torch.Generator().manual_seed(count))
        with torch.no_grad():
            wanted = [w.numpy() for w in wrapped(images)]
        got = session.run(["probabilities", "votes"], {"images": images.numpy()})
        largest = max(largest, *(float(np.abs(g - w).max()) for g, w in zip(got, wanted, strict=True)))
    return largest


def export_file(source: Path, out: Path) -> float:
    """Export a run's folder or a `best_model.pt`; returns the largest difference to torch.

    Raises:
        ModelError: there is no such file, or it is damaged. FailureError: see `export_classifier`.
    """
    path = source / "best_model.pt" if source.is_dir() else source
    content = checkpoint.load(path, ("weights", "network"))
    if content["network"] == "line":
        from core.networks.line_reader import LineNetwork
        from core.train.line.export import export_line

        line = LineNetwork()
        checkpoint.restore(line, content, path)
        return export_line(line.eval(), content, out)
    is_detector = content["network"] == "detector"
    network = DetectorNetwork() if is_detector else build_network(content["network"], 0.0, content["weights"])
    checkpoint.restore(network, content, path)
    if is_detector:
        from core.train.export import export_detector

        return export_detector(network.eval(), content, out)
    return export_classifier(network.eval(), content, out)


DETECTOR_TOLERANCE = 2e-3
"""The largest difference between torch and ONNX Runtime that is let pass; logits, some of them near 10."""


def export_detector(network: nn.Module, about: dict[str, Any], path: Path) -> float:
    """Write `path`, a model file; returns the largest difference to torch that was seen.

    about: the metadata of `best_model.pt`; its `reader`, where it has one, goes into the file.

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
    if difference > DETECTOR_TOLERANCE:
        raise FailureError(
            f"The exported model differs from the trained one by {difference:.2g}; {path.name} was not written. "
            "Another version of torch or onnx may help."
        )
    with written_aside(path) as file:
        file.write(proto.SerializeToString())
    return difference
