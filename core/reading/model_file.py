"""The metadata of model files, and how one is opened: refused with a sentence where it is not ours.

The metadata is read from the file's own bytes, before ONNX Runtime sees any of it: a foreign, damaged or
absurd file is refused without being loaded. Model files are data; nothing here loads code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ModelError
from core.base.files import written_aside

FORMAT = "1"
MAX_BYTES = 200 * 2**20
"""Ours have 5 MB; more than this is some other model."""

_PREFIX = "gnc_"
# Fields of ModelProto in onnx.proto3, from ir_version to functions and configuration.
_KNOWN_FIELDS = frozenset([*range(1, 9), 14, 20, 25, 26])
_GRAPH, _METADATA = 7, 14


@dataclass(frozen=True)
class ModelInfo:
    """The metadata of a model file.

    kind: `classifier` or `detector`. input_size: side of the input, pixels; 0 where any size goes.
    classes: in the order of the outputs. figures: test results by source. bytes: size of the file.
    """

    kind: str
    input_size: int
    classes: tuple[str, ...]
    stages: tuple[str, ...] = ()
    recipe: str = ""
    run_id: str = ""
    revision: str = ""
    figures: dict[str, Any] = field(default_factory=dict)
    date: str = ""
    bytes: int = 0


def read_model_file(path: Path, *, kind: str) -> tuple[bytes, ModelInfo]:
    """The file's bytes and its metadata. Raises ModelError as `read_any_model`, and for another kind."""
    data, info = read_any_model(path)
    if info.kind != kind:
        raise ModelError(f"{path} is a {info.kind}, and a {kind} is needed.")
    return data, info


def read_any_model(path: Path) -> tuple[bytes, ModelInfo]:
    """The bytes of a file of any kind, and its metadata.

    Raises:
        ModelError: missing, empty, damaged, not ONNX, not ours or of a later format. The message names the file and
            the reason.
    """
    data = _content(path)
    said = _metadata(data, path)
    if f"{_PREFIX}kind" not in said:
        raise ModelError(f"{path} is an ONNX model, but not one that this program made.")
    if said.get(f"{_PREFIX}format") != FORMAT:
        version = said.get(f"{_PREFIX}format") or "unknown"
        raise ModelError(
            f"{path} has model format {version}, and this program reads {FORMAT}: update it, or export the "
            "model again."
        )
    return data, _info(said, path, len(data))


def read_setting(path: Path, name: str) -> str:
    """One value of a file's metadata, by its name without the prefix; empty where it has none of this name. Raises
    ModelError as `read_any_model`."""
    data, _ = read_any_model(path)
    return _metadata(data, path).get(_PREFIX + name, "")


def read_metadata(path: Path) -> dict[str, str]:
    """What an ONNX file of any format says of itself, by names without the prefix; nothing where it is not ours.

    Raises ModelError where it is no ONNX file or can't be read.
    """
    said = _metadata(_content(path), path)
    return {name.removeprefix(_PREFIX): value for name, value in said.items() if name.startswith(_PREFIX)}


def open_session(
    data: bytes, path: Path, *, threads: int, inputs: Sequence[str], outputs: Sequence[str]
) -> Any:
    """An ONNX Runtime session on the CPU, few threads; they spin between the layers of a picture, where sleeping
    would cost a sixth of the time, and sleep between pictures.

    Raises:
        ModelError: ONNX Runtime can't run it, or the named inputs and outputs are not there.
    """
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.force_spinning_stop", "1")
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # ONNX Runtime has a dozen unrelated exceptions for a bad graph
        raise ModelError(f"{path} is damaged: its network can't be loaded.") from error
    for there, wanted in ((session.get_inputs(), inputs), (session.get_outputs(), outputs)):
        missing = set(wanted) - {value.name for value in there}
        if missing:
            raise ModelError(f"{path} is not what it says: its network has no “{min(missing)}”.")
    return session


def run_session(
    session: Any, path: Path, outputs: Sequence[str], feed: dict[str, NDArray[np.float32]]
) -> list[NDArray[Any]]:
    """The outputs as arrays. Raises ModelError where the network can't compute them."""
    try:
        return [np.asarray(value) for value in session.run(list(outputs), feed)]
    except Exception as error:  # as above: Fail, InvalidArgument, NotImplemented … share no base
        raise ModelError(f"{path} is damaged: its network fails on an image.") from error


def _content(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise ModelError(f"{path} is a folder, not a model file.")
        size = path.stat().st_size
        if size == 0:
            raise ModelError(f"{path} is empty.")
        if size > MAX_BYTES:
            raise ModelError(f"{path} is no model of this program: it has {size / 2**20:,.0f} MB.")
        return path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"{path}: there is no such model file.") from error
    except OSError as error:
        raise ModelError(f"{path} can't be read ({error.strerror or error}).") from error


def _metadata(data: bytes, path: Path) -> dict[str, str]:
    """metadata_props of an ONNX file."""
    said: dict[str, str] = {}
    seen: set[int] = set()
    try:
        for number, value in _fields(data):
            if number not in _KNOWN_FIELDS or (not seen and number != 1):
                raise ModelError(f"{path} is not an ONNX model file.")
            seen.add(number)
            if number == _METADATA:
                entry = {n: v for n, v in _fields(value) if isinstance(v, bytes)}
                said[entry.get(1, b"").decode()] = entry.get(2, b"").decode()
    except EOFError as error:
        if seen:
            raise ModelError(f"{path} is damaged: the file is cut off.") from error
        raise ModelError(f"{path} is not an ONNX model file.") from error
    except (ValueError, TypeError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{path} is not an ONNX model file.") from error
    if _GRAPH not in seen:
        raise ModelError(f"{path} is damaged: it holds no network.")
    return said


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """(field number, value) of one protobuf message: bytes for length-delimited fields, else an int.

    Raises EOFError where it is cut off, ValueError where it is no protobuf message.
    """
    view = memoryview(data)
    at = 0
    while at < len(view):
        key, at = _varint(view, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = _varint(view, at)
            yield number, value
            continue
        if wire == 2:
            length, at = _varint(view, at)
        elif wire in (1, 5):
            length = 8 if wire == 1 else 4
        else:
            raise ValueError("no protobuf message")
        if at + length > len(view):
            # Only a field that ONNX has can be one that was cut off.
            if number not in _KNOWN_FIELDS:
                raise ValueError("no protobuf message")
            raise EOFError
        yield number, bytes(view[at : at + length]) if number != _GRAPH else b""
        at += length


def _varint(view: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(view):
            raise EOFError
        byte = view[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("no protobuf message")


def _info(said: dict[str, str], path: Path, size: int) -> ModelInfo:
    def text(name: str) -> str:
        return said.get(_PREFIX + name, "")

    def names(name: str) -> tuple[str, ...]:
        return tuple(part for part in text(name).split(",") if part)

    try:
        input_size = int(text("input_size") or 0)
        figures = json.loads(text("figures") or "{}")
    except ValueError as error:
        raise ModelError(f"{path} is damaged: its metadata can't be understood.") from error
    if not isinstance(figures, dict):
        raise ModelError(f"{path} is damaged: its metadata can't be understood.")
    return ModelInfo(
        kind=text("kind"), input_size=input_size, classes=names("classes"), stages=names("stages"),
        recipe=text("recipe"), run_id=text("run"), revision=text("revision"), figures=figures,
        date=text("date"), bytes=size,
    )  # fmt: skip


def write_metadata(source: Path, changes: Mapping[str, str], out: Path, *, kind: str) -> None:
    """A copy of a model file with some of its `gnc_…` metadata changed; `out` may be `source`.

    changes: by name without the prefix. kind: classifier or detector. Raises ModelError for other files.
    """
    import onnx

    data, _ = read_model_file(source, kind=kind)
    proto = onnx.load_from_string(data)
    changed = {f"gnc_{name}": value for name, value in changes.items()}
    kept = [p for p in proto.metadata_props if p.key not in changed]
    del proto.metadata_props[:]
    proto.metadata_props.extend(kept)
    for key, value in changed.items():
        proto.metadata_props.append(onnx.StringStringEntryProto(key=key, value=value))
    with written_aside(out) as file:
        file.write(proto.SerializeToString())
