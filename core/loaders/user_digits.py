"""What the user drew (or corrected) and labelled: the folder `mine`, one small pair of files a digit.

    mine/<label>/<id>.json   {"v": 1, "label": 0…9, 10 for no digit, "created": seconds since the epoch,
                              "kind": "drawing" | …, "size": [width, height] of the canvas or photo in pixels,
                              "strokes": [{"points": [[x, y], …], "width": w, "pressures": [p, …]}, …],
                              and what `DigitOrigin` has, where it is known}
    mine/<label>/<id>.png    the single digit as the network saw it: grey, 8 bit, square
    mine/.trash/<label>/…    what was taken back; `restore` moves it home again

<label> is 0 … 9 or `none`. The strokes are those of `core.reading.strokes.strokes_to_json` (no `pressures` where the
pen had none; no strokes at all for a crop of a photo). The picture is written first, so an entry is there once its
JSON is. Nothing is ever overwritten; every file is written aside and renamed.
"""

from __future__ import annotations

import io
import json
import math
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError, FailureError
from core.base.files import read_json, written_aside
from core.reading.types import NOT_A_DIGIT

if TYPE_CHECKING:
    from core.reading.strokes import Stroke

VERSION = 1
LABELS = (*range(10), NOT_A_DIGIT)
TRASH = ".trash"


@dataclass(frozen=True)
class DigitOrigin:
    """Where a labelled digit comes from; what isn't known is empty.

    was_read: what the program had read there. model: that read it, by its name or run. number: the id of the labelled
    number that it is part of. source_file: the photo's path or the camera's name. group: what may not be split between
    learning and the held-back part (the photo, the writer); the digit's own id where it stands for itself.
    """

    was_read: str = ""
    model: str = ""
    number: str = ""
    source_file: str = ""
    group: str = ""


@dataclass(frozen=True)
class UserDigit:
    """One labelled digit.

    label: 0 … 9, or NOT_A_DIGIT. created: when it was labelled. added: when it came into this store, later than that
    for what was imported. Both are seconds since the epoch. size: (width, height) of what it was drawn on.
    """

    id: str
    label: int
    created: float
    kind: str
    size: tuple[int, int]
    json_path: Path
    png_path: Path
    origin: DigitOrigin = DigitOrigin()
    added: float = 0.0


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
        origin: DigitOrigin = DigitOrigin(),
    ) -> UserDigit:
        """Keep one digit.

        strokes: of this digit alone, in pixels of a canvas of `size` (width, height); may be empty (a photo).
        image: (H, W) uint8, the digit as the network saw it; its own size is taken where `size` is None.

        Raises:
            FailureError: the folder can't be written (full disk, no permission); nothing is left behind.
        """
        assert image.ndim == 2, "the image is not grey"
        assert image.dtype == np.uint8, "the image is not 8 bit"
        height, width = image.shape
        return self.add_file(
            png_of(image),
            label,
            _strokes_as_json(strokes),
            kind=kind,
            size=size or (width, height),
            origin=origin,
        )

    def add_file(
        self,
        png: bytes,
        label: int,
        strokes: list[dict[str, Any]],
        *,
        kind: str,
        size: tuple[int, int],
        origin: DigitOrigin,
        created: float | None = None,
        name: str = "",
    ) -> UserDigit:
        """Keep one digit whose picture is a PNG file already. Raises FailureError.

        strokes: as `strokes_to_json` gives them. created: when it was labelled; None for now. name: its id, where it
        has one and that is free.
        """
        assert label in LABELS, f"{label} is not a digit"
        now = round(time.time(), 3)
        entry = self._new_entry(label, now if created is None else created, kind, size, origin, now, name)
        try:
            with written_aside(entry.png_path) as file:
                file.write(png)
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

    def relabel(self, entry: UserDigit, label: int, *, number: str = "") -> UserDigit:
        """The same digit under another label. `remove` of the new one and `restore` of the old one undo it.

        number: the id of the labelled number that it is part of now; "" for the one it was part of.

        Raises DataError where the entry is damaged, FailureError where the folder can't be written.
        """
        body = _read_body(entry.json_path)
        try:
            png = entry.png_path.read_bytes()
        except OSError as error:
            raise DataError(f"{entry.png_path} can't be read ({error.strerror}).") from error
        origin = replace(entry.origin, number=number or entry.origin.number)
        new = self.add_file(png, label, body["strokes"], kind=entry.kind, size=entry.size, origin=origin)
        try:
            self.remove(entry)
        except FailureError:
            new.json_path.unlink(missing_ok=True)
            new.png_path.unlink(missing_ok=True)
            raise
        return new

    def remove(self, entry: UserDigit) -> None:
        """Move an entry to the trash, from where `restore` brings it back. Raises FailureError."""
        self._move(entry, self.folder / folder_of(entry.label), self.folder / TRASH / folder_of(entry.label))

    def restore(self, entry: UserDigit) -> None:
        """Bring a removed entry back. Raises FailureError."""
        self._move(entry, self.folder / TRASH / folder_of(entry.label), self.folder / folder_of(entry.label))

    def entries(self) -> list[UserDigit]:
        """All entries that can be read, oldest first; damaged ones are left out, see `damaged`."""
        return self.entries_and_damaged()[0]

    def damaged(self) -> list[Path]:
        """JSON files that are no entry or lack their picture."""
        return list(self.entries_and_damaged()[1])

    def entries_and_damaged(self) -> tuple[list[UserDigit], dict[Path, str]]:
        """All entries that can be read, oldest first, and a sentence each of the JSON files that can't."""
        found, bad = list[UserDigit](), dict[Path, str]()
        for path in self._json_files():
            try:
                found.append(read_entry(path))
            except DataError as error:
                bad[path] = str(error)
        return sorted(found, key=lambda e: (e.created, e.id)), bad

    def deleted_ids(self) -> set[str]:
        """The entries in the trash."""
        return {path.stem for path in (self.folder / TRASH).glob("*/*.json")}

    def count(self) -> int:
        """How many digits are kept. Only looks at names, so it is quick for thousands."""
        return sum(self.count_by_label().values())

    def count_by_label(self) -> dict[int, int]:
        """The number of digits kept for every label 0…9 and NOT_A_DIGIT."""
        return {label: sum(1 for _ in self._files_of(label)) for label in LABELS}

    def _json_files(self) -> Iterator[Path]:
        for label in LABELS:
            yield from self._files_of(label)

    def _files_of(self, label: int) -> Iterator[Path]:
        # Names that start with a dot are files still being written.
        yield from (p for p in sorted((self.folder / folder_of(label)).glob("*.json")) if p.name[0] != ".")

    def _new_entry(
        self,
        label: int,
        created: float,
        kind: str,
        size: tuple[int, int],
        origin: DigitOrigin,
        added: float,
        name: str,
    ) -> UserDigit:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(created))
        while not name or not self._is_free(name):
            name = f"{stamp}-{secrets.token_hex(4)}"
        home = self.folder / folder_of(label)
        origin = replace(origin, group=origin.group or name)
        return UserDigit(
            name, label, created, kind, size, home / f"{name}.json", home / f"{name}.png", origin, added
        )

    def _is_free(self, name: str) -> bool:
        folders = [root / folder_of(label) for root in (self.folder, self.folder / TRASH) for label in LABELS]
        return not any((folder / (name + s)).exists() for folder in folders for s in (".json", ".png"))

    def _move(self, entry: UserDigit, source: Path, target: Path) -> None:
        # As in `add`: the JSON says that an entry is there, so it leaves first and arrives last.
        order = [".json", ".png"] if target.parent.name == TRASH else [".png", ".json"]
        try:
            target.mkdir(parents=True, exist_ok=True)
            for suffix in order:
                (source / (entry.id + suffix)).rename(target / (entry.id + suffix))
        except OSError as error:
            raise FailureError(f"{source / entry.id} could not be moved ({error.strerror}).") from error


def folder_of(label: int) -> str:
    """The name of a label's folder."""
    return "none" if label == NOT_A_DIGIT else str(label)


def read_entry(path: Path) -> UserDigit:
    """The entry of a JSON file. Raises DataError, naming the file, where it is none or lacks its picture."""
    body = _read_body(path)
    png = path.with_suffix(".png")
    if not png.is_file():
        raise DataError(f"{path} lacks its image {png.name}.")
    width, height = body["size"]
    return UserDigit(
        path.stem, body["label"], body["created"], body["kind"], (width, height), path, png, body["origin"],
        body["added"],
    )  # fmt: skip


def strokes_json(entry: UserDigit) -> list[dict[str, Any]]:
    """The strokes of an entry as they are kept. Raises DataError, naming the file."""
    strokes: list[dict[str, Any]] = _read_body(entry.json_path)["strokes"]
    return strokes


def read_strokes(entry: UserDigit) -> tuple[Stroke, ...]:
    """The strokes of an entry; empty for a crop of a photo. Raises DataError, naming the file."""
    # It imports OpenCV, which counting and keeping entries do not need.
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
        raise DataError(f"{entry.png_path} is damaged: it is not an image.") from error


def _read_body(path: Path) -> dict[str, Any]:
    body = read_json(path)
    problem = DataError(f"{path} is damaged: it is not a drawing kept by this program.")
    if not isinstance(body, dict) or body.get("v") != VERSION or not isinstance(body.get("strokes"), list):
        raise problem
    label, created, size = body.get("label"), body.get("created"), body.get("size")
    added = body.get("added", created)
    if type(label) is not int or label not in LABELS or folder_of(label) != path.parent.name:
        raise problem
    if not all(isinstance(moment, int | float) and math.isfinite(moment) for moment in (created, added)):
        raise problem
    if not (isinstance(size, list) and len(size) == 2 and all(type(v) is int and v > 0 for v in size)):
        raise problem
    known = {field.name: str(body.get(field.name, "")) for field in fields(DigitOrigin)}
    origin = DigitOrigin(**(known | {"group": known["group"] or path.stem}))
    return body | {"kind": str(body.get("kind", "drawing")), "added": added, "origin": origin}


def _strokes_as_json(strokes: Sequence[Stroke]) -> list[dict[str, Any]]:
    if not strokes:
        return []
    from core.reading.strokes import strokes_to_json

    return strokes_to_json(strokes)


def _body(entry: UserDigit, strokes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "v": VERSION,
        "label": entry.label,
        "created": entry.created,
        "kind": entry.kind,
        "size": list(entry.size),
        "strokes": strokes,
        "added": entry.added,
        **{name: value for name, value in asdict(entry.origin).items() if value},
    }


def png_of(image: NDArray[np.uint8]) -> bytes:
    """A grey picture (H, W) as a PNG file."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()
