"""Changes what a finished model file says of itself, without exporting it anew. No torch."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from core.model_file import read_model_file
from core.runs import written_aside


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
