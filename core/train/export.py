"""Trained weights -> model file (ONNX), compared with torch before it gets its name."""

from __future__ import annotations

import copy
import json
import logging
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch import Tensor, nn

from core.base.errors import FailureError
from core.base.files import written_aside
from core.networks.classifier import Answer, GeneralNetwork, SeedNetwork, build_network
from core.networks.detector import DetectorFile, DetectorNetwork
from core.networks.line_reader import LineFile, LineNetwork
from core.reading import line_format
from core.reading.detector_format import MULTIPLE, STRIDE
from core.runs.model_example import write_example
from core.train import checkpoint
from core.train.about import About

Network = TypeVar("Network", bound=nn.Module)

FORMAT = "1"
TOLERANCE = 1e-4
"""The largest difference of a probability between torch and ONNX Runtime that is let pass."""
LOGITS_TOLERANCE = 2e-3
"""The same of logits, some of them near 10, and of logarithms of probabilities."""


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


def export_classifier(network: nn.Module, about: About, path: Path) -> float:
    """Write a classifier's model file; see `write_model`. `about.temperature` divides the logits."""
    assert isinstance(network, SeedNetwork | GeneralNetwork)
    size = network.input_size
    names = [str(d) for d in range(10)] + ["none"]
    return write_model(
        Calibrated(network, about.temperature), about, path,
        example=_noise(2, 1, size, size, seed=1),
        trials=[_noise(count, 1, size, size, seed=count) for count in (1, 7)],
        outputs=["probabilities", "votes"], dynamic={0: ("batch", 1)}, tolerance=TOLERANCE,
        metadata={
            "kind": "classifier", "input_size": str(size), "classes": ",".join(names[: network.classes]),
            "stages": ",".join(network.stages),
        },
    )  # fmt: skip


def export_detector(network: nn.Module, about: About, path: Path) -> float:
    """Write a detector's model file; see `write_model`. `about.reader` goes into the file."""
    assert isinstance(network, DetectorNetwork)
    return write_model(
        DetectorFile(_plain_copy(network)), about, path,
        example=_noise(1, 1, 96, 128, seed=1),
        trials=[_noise(1, 1, *shape, seed=shape[0]) for shape in ((48, 64), (160, 112))],
        outputs=["maps"], dynamic={2: ("rows", MULTIPLE), 3: ("columns", MULTIPLE)}, tolerance=LOGITS_TOLERANCE,
        metadata={
            "kind": "detector", "classes": ",".join(str(d) for d in range(10)), "strides": str(STRIDE),
            "multiple": str(MULTIPLE), "reader": json.dumps(dict(about.reader)),
        },
    )  # fmt: skip


def export_line(network: nn.Module, about: About, path: Path) -> float:
    """Write a line reader's model file; see `write_model`. `about.temperature` divides the logits; `about.reader`
    says how readings are made with it, where it is known."""
    return write_model(
        LineFile(_plain_copy(network), about.temperature), about, path,
        example=_noise(2, 1, line_format.HEIGHT, 96, seed=1),
        trials=[_noise(n, 1, line_format.HEIGHT, width, seed=width) for n, width in ((1, 32), (3, 200))],
        outputs=["log_probs"], dynamic={0: ("batch", 1), 3: ("width", line_format.STRIDE)},
        tolerance=LOGITS_TOLERANCE,
        metadata={
            "kind": "line", "input_height": str(line_format.HEIGHT), "stride": str(line_format.STRIDE),
            "characters": line_format.CHARACTERS, "temperature": str(about.temperature),
            **({"reader": json.dumps(dict(about.reader))} if about.reader else {}),
        },
    )  # fmt: skip


def write_model(
    network: nn.Module, about: About, path: Path, *, example: Tensor, trials: Sequence[Tensor], outputs: list[str],
    dynamic: Mapping[int, tuple[str, int]], tolerance: float, metadata: Mapping[str, str],
) -> float:  # fmt: skip
    """Write `path`, a model file with the input `images`; returns the largest difference to torch in `trials`.

    network: as the file holds it. dynamic: see `_to_onnx`. metadata: what only this kind of model has.

    Raises:
        FailureError: the file does not compute what torch computes. Nothing is written then.
    """
    network = network.eval()
    proto = _to_onnx(network, example, outputs, dynamic)
    describe(proto, about, metadata)
    session = ort.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])
    difference = 0.0
    for images in trials:
        with torch.no_grad():
            answer = network(images)
        wanted = answer if isinstance(answer, tuple) else (answer,)
        got = session.run(outputs, {"images": images.numpy()})
        difference = max(
            difference, *(float(np.abs(g - w.numpy()).max()) for g, w in zip(got, wanted, strict=True))
        )
    if difference > tolerance:
        raise FailureError(
            f"The exported model differs from the trained one by {difference:.2g}; {path.name} was not written. "
            "Another version of torch or onnx may help."
        )
    with written_aside(path) as file:
        file.write(proto.SerializeToString())
    return difference


def _noise(*shape: int, seed: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def _plain_copy(network: Network) -> Network:
    """On the CPU, in the usual order of memory."""
    return copy.deepcopy(network).cpu().to(memory_format=torch.contiguous_format)  # type: ignore[call-overload, no-any-return]


def _to_onnx(
    network: nn.Module, example: Tensor, outputs: list[str], dynamic: Mapping[int, tuple[str, int]]
) -> onnx.ModelProto:
    """The network as an ONNX graph. dynamic: the dimensions of the images that vary, each with a name and its step."""
    shape = {axis: step * torch.export.Dim(name, min=1, max=65_536) for axis, (name, step) in dynamic.items()}
    # The exporter warns about its own internals and logs each pass; neither concerns the user.
    noisy = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in noisy]
    for logger in noisy:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.onnx.export(
                network, (example,), input_names=["images"], output_names=outputs, dynamic_shapes=(shape,),
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


def describe(proto: onnx.ModelProto, about: About, more: Mapping[str, str]) -> None:
    """Write the metadata into the file: format, recipe, run, revision, date, figures, and `more`."""
    values = {
        "format": FORMAT,
        "recipe": about.recipe,
        "run": about.run,
        "revision": about.revision,
        "date": about.date,
        "figures": json.dumps(dict(about.figures)),
        **more,
    }
    for key, value in values.items():
        proto.metadata_props.append(onnx.StringStringEntryProto(key=f"gnc_{key}", value=value))


def export_file(source: Path, out: Path) -> float:
    """Export a run's folder or a `best_model.pt`, and a file that shows how to use the model; returns the largest
    difference to torch.

    Raises:
        ModelError: there is no such file, or it is damaged. FailureError: see `write_model`.
    """
    path = source / "best_model.pt" if source.is_dir() else source
    content = checkpoint.load(path, ("weights", "network"))
    about = About.from_dict(content, path)
    network: nn.Module
    kind = about.network if about.network in ("line", "detector") else "classifier"
    match about.network:
        case "line":
            network, export = LineNetwork(), export_line
        case "detector":
            network, export = DetectorNetwork(), export_detector
        case name:
            network, export = build_network(name, 0.0, content["weights"]), export_classifier
    checkpoint.restore(network, content, path)
    difference = export(network.eval(), about, out)
    write_example(out, kind)
    return difference
