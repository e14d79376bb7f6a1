"""The file that comes with an exported model: a program of a few lines that reads images with it."""

from __future__ import annotations

from pathlib import Path

from core.base.files import written_aside

_MARK = "# Written by “gnc export”; it is written anew with the model."

_HEAD = '''\
"""How to use {name}. In the folder where it lies:

    python "{example}" IMAGE…

It needs the package gnc and nothing else. {file}
"""
{mark}

import sys
from pathlib import Path

from core.reading import {imports}

model = Path(__file__).with_name({code})
'''

_FILES = {
    "classifier": (
        "The file by itself takes “images”,\nfloat32 (N, 1, S, S) from 0 to 1, light ink on dark, one digit in the "
        "middle of each. It gives “probabilities” (N, 11):\nof 0 to 9, and of no digit."
    ),
    "detector": (
        "The file by itself takes “images”,\nfloat32 (1, 1, H, W) from 0 to 1, H and W multiples of what its metadata "
        "calls “gnc_multiple”. It gives “maps”:\nwhere digits are, and which."
    ),
    "line": (
        "The file by itself takes “images”,\nfloat32 (N, 1, H, W) from 0 to 1, a row of characters each, H being what "
        "its metadata calls “gnc_input_height”.\nIt gives “log_probs” of the characters in its metadata, for CTC."
    ),
}

_DIGITS = """\
for image in sys.argv[1:]:
    found = read_digit(image, model=model)
    print(image, found.digit if found.is_digit else "no digit", f"{found.confidence:.1%}")
"""
_NUMBERS = """\
reader = shipped_reader(PART=model)
for image in sys.argv[1:]:
    for number in read_photo(image, reader=reader).numbers:
        print(image, number.written, f"{number.confidence:.1%}", number.box)
"""
_BODIES = {
    "classifier": ("read_digit", _DIGITS),
    "detector": ("read_photo, shipped_reader", _NUMBERS.replace("PART", "detector")),
    "line": ("read_photo, shipped_reader", _NUMBERS.replace("PART", "line")),
}


def example_text(model_name: str, kind: str) -> str:
    """The program. kind: classifier, detector or line, as the model's metadata says it."""
    imports, body = _BODIES[kind]
    example = f"{Path(model_name).stem}.example.py"
    name = model_name.replace("\\", "/").replace('"', "'")  # inside a docstring
    head = _HEAD.format(
        name=name, code=repr(model_name), example=example, file=_FILES[kind], mark=_MARK, imports=imports
    )
    return f"{head}{body}"


def write_example(model: Path, kind: str) -> Path | None:
    """Write it beside the model file; returns its path, None where a file of that name is somebody's own.

    Raises OSError where it can't be written.
    """
    path = model.with_name(f"{model.stem}.example.py")
    if path.exists() and _MARK not in path.read_text(encoding="utf-8", errors="replace"):
        return None
    with written_aside(path) as file:
        file.write(example_text(model.name, kind).encode("utf-8"))
    return path
