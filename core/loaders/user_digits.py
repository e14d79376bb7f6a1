"""What the user drew (or corrected) and labelled: the folder `mine`, one small pair of files a digit.

    mine/<label>/<id>.json   {"v": 1, "label": 0…9, "created": seconds since the epoch, "kind": "drawing" | …,
                              "size": [width, height] of the canvas or photo in pixels,
                              "strokes": [{"points": [[x, y], …], "width": w, "pressures": [p, …]}, …]}
    mine/<label>/<id>.png    the single digit as the network saw it: grey, 8 bit, square
    mine/.trash/<label>/…    what was taken back; `restore` moves it home again

The strokes are those of `core.reading.strokes.strokes_to_json` (no `pressures` where the pen had none; no strokes at
all for a crop of a photo). The picture is written first, so an entry is there once its JSON is. Nothing is
ever overwritten; every file is written aside and renamed.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError, FailureError
from core.base.files import read_json, written_aside

if TYPE_CHECKING:
    from core.reading.strokes import Stroke

VERSION = 1
LABELS = range(10)
TRASH = ".trash"


@dataclass(frozen=True)
class UserDigit:
    """One labelled digit. created: seconds since the epoch. size: (width, height) of what it was drawn on."""

    id: str
    label: int
    created: float
    kind: str
    size: tuple[int, int]
    json_path: Path
    png_path: Path


@dataclass(frozen=True)
class UserDigitStore:
    """The folder `mine`. It need not exist: the first `add` makes it."""

    folder: Path

    def add(
        self,
        strokes: Sequence[Stroke],
        image: NDArray[np.uint8],
        label: int,
        *,
        kind: str = "drawing",
        size: tuple[int, int] | None = None,
    ) -> UserDigit:
        """Keep one digit.

        strokes: of this digit alone, in pixels of a canvas of `size` (width, height); may be empty (a photo).
        image: (H, W) uint8, the digit as the network saw it; its own size is taken where `size` is None.

        Raises:
            FailureError: the folder can't be written (full disk, no permission); nothing is left behind.
        """
        assert label in LABELS, f"{label} is not a digit"
        assert image.ndim == 2, "the image is not grey"
        assert image.dtype == np.uint8, "the image is not 8 bit"
        created = time.time()
        height, width = image.shape
        entry = self._new_entry(label, created, kind, size or (width, height))
        try:
            with written_aside(entry.png_path) as file:
                file.write(_png(image))
            try:
                with written_aside(entry.json_path) as file:
                    file.write(json.dumps(_body(entry, strokes), ensure_ascii=False).encode() + b"\n")
            except BaseException:
                entry.png_path.unlink(missing_ok=True)
                raise
        except OSError as error:
            raise FailureError(
                f"The digit could not be kept: {self.folder} can't be written ({error.strerror})."
            ) from error
        return entry

    def remove(self, entry: UserDigit) -> None:
        """Move an entry to the trash, from where `restore` brings it back. Raises FailureError."""
        self._move(entry, self.folder / str(entry.label), self.folder / TRASH / str(entry.label))

    def restore(self, entry: UserDigit) -> None:
        """Bring a removed entry back. Raises FailureError."""
        self._move(entry, self.folder / TRASH / str(entry.label), self.folder / str(entry.label))

    def entries(self) -> list[UserDigit]:
        """All entries that can be read, oldest first; damaged ones are left out, see `damaged`."""
        found = []
        for path in self._json_files():
            with contextlib.suppress(DataError):
                found.append(read_entry(path))
        return sorted(found, key=lambda e: (e.created, e.id))

    def damaged(self) -> list[Path]:
        """JSON files that are no entry or lack their picture."""
        bad = []
        for path in self._json_files():
            try:
                read_entry(path)
            except DataError:
                bad.append(path)
        return bad

    def count(self) -> int:
        """How many digits are kept. Only looks at names, so it is quick for thousands."""
        return sum(self.count_by_label().values())

    def count_by_label(self) -> dict[int, int]:
        """The number of digits kept for every label 0…9."""
        counts = dict.fromkeys(LABELS, 0)
        for path in self._json_files():
            counts[int(path.parent.name)] += 1
        return counts

    def _json_files(self) -> Iterator[Path]:
        for label in LABELS:
            # Names that start with a dot are files still being written.
            yield from (p for p in sorted((self.folder / str(label)).glob("*.json")) if p.name[0] != ".")

    def _new_entry(self, label: int, created: float, kind: str, size: tuple[int, int]) -> UserDigit:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(created))
        while True:
            name = f"{stamp}-{secrets.token_hex(4)}"
            places = [root / str(label) / name for root in (self.folder, self.folder / TRASH)]
            if not any(p.with_suffix(s).exists() for p in places for s in (".json", ".png")):
                home = places[0]
                return UserDigit(
                    name, label, created, kind, size, home.with_suffix(".json"), home.with_suffix(".png")
                )

    def _move(self, entry: UserDigit, source: Path, target: Path) -> None:
        # As in `add`: the JSON says that an entry is there, so it leaves first and arrives last.
        order = [".json", ".png"] if target.parent.name == TRASH else [".png", ".json"]
        try:
            target.mkdir(parents=True, exist_ok=True)
            for suffix in order:
                (source / (entry.id + suffix)).rename(target / (entry.id + suffix))
        except OSError as error:
            raise FailureError(f"{source / entry.id} could not be moved ({error.strerror}).") from error


def read_entry(path: Path) -> UserDigit:
    """The entry of a JSON file. Raises DataError, naming the file, where it is none or lacks its picture."""
    body = _read_body(path)
    png = path.with_suffix(".png")
    if not png.is_file():
        raise DataError(f"{path} lacks its picture {png.name}.")
    width, height = body["size"]
    return UserDigit(path.stem, body["label"], body["created"], body["kind"], (width, height), path, png)


def read_strokes(entry: UserDigit) -> tuple[Stroke, ...]:
    """The strokes of an entry; empty for a crop of a photo. Raises DataError, naming the file."""
    # It brings OpenCV along, which nobody needs who only counts or keeps entries.
    from core.reading.strokes import strokes_from_json

    try:
        return strokes_from_json(_read_body(entry.json_path)["strokes"])
    except DataError as error:
        raise DataError(f"{entry.json_path} is damaged: {error}") from error


def read_image(entry: UserDigit) -> NDArray[np.uint8]:
    """The picture of an entry, (H, W) uint8. Raises DataError, naming the file."""
    from PIL import Image

    try:
        with Image.open(entry.png_path) as picture:
            return np.asarray(picture.convert("L"))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise DataError(f"{entry.png_path} is damaged: it is not a picture.") from error


def _read_body(path: Path) -> dict[str, Any]:
    body = read_json(path)
    problem = DataError(f"{path} is damaged: it is not a drawing kept by this program.")
    if not isinstance(body, dict) or body.get("v") != VERSION or not isinstance(body.get("strokes"), list):
        raise problem
    label, created, size = body.get("label"), body.get("created"), body.get("size")
    if type(label) is not int or label not in LABELS or str(label) != path.parent.name:
        raise problem
    if not isinstance(created, int | float) or not math.isfinite(created):
        raise problem
    if not (isinstance(size, list) and len(size) == 2 and all(type(v) is int and v > 0 for v in size)):
        raise problem
    return body | {"kind": str(body.get("kind", "drawing"))}


def _body(entry: UserDigit, strokes: Sequence[Stroke]) -> dict[str, Any]:
    written: list[dict[str, Any]] = []
    if strokes:
        from core.reading.strokes import strokes_to_json

        written = strokes_to_json(strokes)
    return {
        "v": VERSION,
        "label": entry.label,
        "created": round(entry.created, 3),
        "kind": entry.kind,
        "size": list(entry.size),
        "strokes": written,
    }


def _png(image: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
