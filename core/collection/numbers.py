"""Numbers that people labelled in photos, camera pictures and drawings: the folder `mine/numbers`.

    numbers/<id>.json         {"v": 1, "written": "12B", "" for “no number here”, "box": [x, y, w, h] or null,
                               "picture": its file's name, "size": [width, height], "whole": bool, "kind": …,
                               "was_read": …, "model": …, "time": …, "added": …, "source_file": …, "group": …,
                               "strokes": as `core.reading.strokes.strokes_to_json` gives them}
    numbers/pictures/<name>   named by its content, so that several numbers of one photo share one file
    numbers/.trash/<id>.json  what was taken back; `restore` moves it home again

The picture is written first, so an entry is there once its JSON is. Nothing is ever overwritten; every file is written
aside and renamed. A new label is a new entry, and the old one goes to the trash.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
import secrets
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.base.errors import DataError, FailureError, InputError
from core.base.files import read_json, written_aside
from core.reading.types import Box

if TYPE_CHECKING:
    from core.reading.strokes import Stroke

FOLDER = "numbers"
"""Of the numbers, in the folder of the corrections."""
VERSION = 1
TRASH = ".trash"
PICTURES = "pictures"
LONGEST = 64
"""Characters of a number: more are a pasted text, not a number."""
_KEPT_FORMATS = (".png", ".jpg", ".jpeg", ".webp")
"""Files that are kept as they are; other pictures are kept as PNG, which every program reads."""

Kind = Literal["photo", "camera", "drawing"]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class LabelledNumber:
    """One number that a person labelled.

    written: as it stands there; "" says that there is no number. box: the number's place in pixels of the picture,
    None where it isn't known. whole: the picture is the whole photo, else the crop around the box. was_read: what the
    program had read there, "" for nothing. model: that read it, by its name or run. time: when it was labelled.
    source_file: the photo's path or the camera's name. group: what may not be split between learning and the
    held-back part: the photo, the writer. size: (width, height) of the picture. added: when it came into this store,
    later than `time` for what was imported. Times are seconds since the epoch.
    """

    id: str
    written: str
    box: Box | None
    picture: Path
    whole: bool
    kind: Kind
    was_read: str
    model: str
    time: float
    source_file: str
    group: str
    size: tuple[int, int]
    added: float

    @property
    def has_number(self) -> bool:
        """False where the person said that there is none."""
        return self.written != ""


@dataclass(frozen=True)
class SeenFile:
    """A photo's file as it was when its picture was loaded: while it is the same, it need not be decoded again."""

    path: Path
    length: int
    modified_ns: int

    @classmethod
    def of(cls, path: Path) -> SeenFile:
        """Raises OSError. Ask before the picture is loaded: a file that changes meanwhile is then found changed."""
        now = path.stat()
        return cls(path, now.st_size, now.st_mtime_ns)


@dataclass(frozen=True)
class NumberStore:
    """The folder `mine/numbers`. It need not exist: the first `add` makes it."""

    folder: Path

    @classmethod
    def within(cls, corrections: Path) -> NumberStore:
        """The numbers of a folder of corrections (`Places.corrections`)."""
        return cls(corrections / FOLDER)

    def add(
        self,
        image: NDArray[np.uint8],
        written: str,
        *,
        box: Box | None = None,
        whole: bool = False,
        kind: Kind = "photo",
        was_read: str = "",
        model: str = "",
        source_file: str = "",
        group: str = "",
        strokes: Sequence[Stroke] = (),
        photo: Path | SeenFile | None = None,
    ) -> LabelledNumber:
        """Keep one number.

        image: (H, W) or (H, W, 3) RGB uint8, upright: the whole photo, or the crop around the box.
        written: what it says, "" for no number here.
        box: in pixels of `image`; what lies outside the image is cut off.
        group: of a crop that of its photo, see `picture_group`; "" for a picture that stands for itself.
        photo: the file that shows `image` pixel by pixel; its bytes are kept instead of a PNG four times as large. A
        path is decoded to be sure of that; a `SeenFile` is not, as long as it has not changed.

        Raises:
            InputError: `written` holds no digit, or is too long; the box lies outside the image.
            FailureError: the folder can't be written (full disk, no permission); nothing is left behind.
        """
        data, suffix = picture_file(image, photo)
        height, width = image.shape[:2]
        now = round(time.time(), 3)
        fields = LabelledNumber(
            "", checked_number(written), inside(box, (width, height)), Path(), whole, kind, was_read, model, now,
            source_file, group or picture_group(image), (width, height), now,
        )  # fmt: skip
        return self.add_file(data, suffix, fields, _strokes_as_json(strokes))

    def add_file(
        self, picture: bytes, suffix: str, fields: LabelledNumber, strokes: list[dict[str, Any]]
    ) -> LabelledNumber:
        """Keep a number whose picture is a file already.

        fields: `picture` is not taken; `id` where it is given and free. suffix: the file's, ".png". strokes: as
        `strokes_to_json` gives them. Raises FailureError.
        """
        path = self.folder / PICTURES / f"{content_name(picture)}{suffix}"
        try:
            # Named by its content: a file of that name and length is that picture.
            if not path.is_file() or path.stat().st_size != len(picture):
                with written_aside(path) as file:
                    file.write(picture)
            name = fields.id if fields.id and self._is_free(fields.id) else self._free_id(fields.time)
            return self._write(replace(fields, id=name, picture=path), strokes)
        except OSError as error:
            raise FailureError(
                f"The number could not be kept: {self.folder} can't be written ({error.strerror})."
            ) from error

    def relabel(self, entry: LabelledNumber, written: str) -> LabelledNumber:
        """The same picture under another number. `remove` of the new one and `restore` of the old one undo it.

        Raises InputError as `add`, DataError where the entry is damaged, FailureError where it can't be written.
        """
        now = round(time.time(), 3)
        named = replace(entry, written=checked_number(written), id=self._free_id(now), time=now, added=now)
        strokes = _read_body(self._home(entry.id))["strokes"]
        try:
            new = self._write(named, strokes)
        except OSError as error:
            raise FailureError(f"{self.folder} can't be written ({error.strerror}).") from error
        try:
            self.remove(entry)
        except FailureError:
            self._home(new.id).unlink(missing_ok=True)
            raise
        return new

    def remove(self, entry: LabelledNumber) -> None:
        """Move an entry to the trash, from where `restore` brings it back. Raises FailureError."""
        self._move(self._home(entry.id), self._trash(entry.id))

    def restore(self, entry: LabelledNumber) -> None:
        """Bring a removed entry back. Raises FailureError."""
        self._move(self._trash(entry.id), self._home(entry.id))

    def entries(self) -> tuple[list[LabelledNumber], list[str]]:
        """All entries that can be read, oldest first, and a sentence each of those that can't."""
        found, damaged = list[LabelledNumber](), list[str]()
        for path in self._json_files():
            try:
                found.append(self._read(path))
            except DataError as error:
                damaged.append(str(error))
        return sorted(found, key=lambda e: (e.time, e.id)), damaged

    def count(self) -> int:
        """How many numbers are kept. Only looks at names, so it is quick for thousands."""
        return sum(1 for _ in self._json_files())

    def deleted_ids(self) -> set[str]:
        """The entries in the trash."""
        return {path.stem for path in (self.folder / TRASH).glob("*.json")}

    def strokes_json(self, entry: LabelledNumber) -> list[dict[str, Any]]:
        """The strokes of a drawing as they are kept; empty for photos. Raises DataError."""
        strokes: list[dict[str, Any]] = _read_body(self._home(entry.id))["strokes"]
        return strokes

    def read_strokes(self, entry: LabelledNumber) -> tuple[Stroke, ...]:
        """The strokes of a drawing; empty for photos. Raises DataError, naming the file."""
        from core.reading.strokes import strokes_from_json

        try:
            return strokes_from_json(self.strokes_json(entry))
        except DataError as error:
            raise DataError(f"{self._home(entry.id)} is damaged: {error}") from error

    def _home(self, name: str) -> Path:
        return self.folder / f"{name}.json"

    def _trash(self, name: str) -> Path:
        return self.folder / TRASH / f"{name}.json"

    def _json_files(self) -> Iterator[Path]:
        # Names that start with a dot are files still being written.
        yield from (p for p in sorted(self.folder.glob("*.json")) if p.name[0] != ".")

    def _free_id(self, created: float) -> str:
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(created))
        while True:
            name = f"{stamp}-{secrets.token_hex(4)}"
            if self._is_free(name):
                return name

    def _is_free(self, name: str) -> bool:
        return not self._home(name).exists() and not self._trash(name).exists()

    def _write(self, entry: LabelledNumber, strokes: list[dict[str, Any]]) -> LabelledNumber:
        with written_aside(self._home(entry.id)) as file:
            file.write(json.dumps(_body(entry, strokes), ensure_ascii=False).encode() + b"\n")
        return entry

    def _move(self, source: Path, target: Path) -> None:
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
        except OSError as error:
            raise FailureError(f"{source} could not be moved ({error.strerror}).") from error

    def _read(self, path: Path) -> LabelledNumber:
        body = _read_body(path)
        picture = self.folder / PICTURES / body["picture"]
        if not picture.is_file():
            raise DataError(f"{path} lacks its image {picture.name}.")
        box = body["box"]
        return LabelledNumber(
            path.stem, body["written"], None if box is None else Box(*box), picture, body["whole"], body["kind"],
            body["was_read"], body["model"], body["time"], body["source_file"], body["group"],
            (body["size"][0], body["size"][1]), body["added"],
        )  # fmt: skip


def checked_number(text: str) -> str:
    """A number as a person typed it, without spaces around it. Raises InputError where it can't be one."""
    text = text.strip()
    if len(text) > LONGEST or not text.isprintable():
        raise InputError(f"“{text[:LONGEST]}” is too long for a number: it has at most {LONGEST} characters.")
    if text and not any(c.isdecimal() for c in text):
        raise InputError(f"“{text}” holds no digit; leave it empty where there is no number.")
    return text


def picture_group(image: NDArray[np.uint8]) -> str:
    """The group of all that comes from one picture, by its pixels."""
    digest = hashlib.sha256(str(image.shape).encode())
    digest.update(np.ascontiguousarray(image).data)
    return digest.hexdigest()[:16]


def content_name(data: bytes) -> str:
    """A file's name by its content."""
    return hashlib.sha256(data).hexdigest()[:20]


def read_picture(entry: LabelledNumber) -> NDArray[np.uint8]:
    """The picture of an entry, upright: (H, W) or (H, W, 3) RGB uint8. Raises DataError, naming the file."""
    from core.reading.images import load_image

    try:
        return load_image(entry.picture)
    except InputError as error:
        raise DataError(str(error)) from error


def picture_file(image: NDArray[np.uint8], photo: Path | SeenFile | None) -> tuple[bytes, str]:
    """The bytes and the suffix under which a picture is kept: the photo's own where it shows `image`, else PNG."""
    assert image.dtype == np.uint8, "the image is not 8 bit"
    assert image.ndim == 2 or (image.ndim == 3 and image.shape[2] == 3), "the image is neither grey nor RGB"
    path = photo.path if isinstance(photo, SeenFile) else photo
    if photo is not None and path is not None and path.suffix.lower() in _KEPT_FORMATS:
        # A photo whose file is gone or another one by now is still on the screen; so is one that was turned there.
        with contextlib.suppress(OSError, InputError):
            data = path.read_bytes()
            if _shows(photo, len(data), image):
                return data, path.suffix.lower()
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, "PNG", compress_level=3)
    return buffer.getvalue(), ".png"


def _shows(photo: Path | SeenFile, length: int, image: NDArray[np.uint8]) -> bool:
    """Whether a file of so many bytes shows the picture. Raises OSError, InputError."""
    if isinstance(photo, SeenFile) and photo.length == length and SeenFile.of(photo.path) == photo:
        return True
    from core.reading.images import load_image

    path = photo.path if isinstance(photo, SeenFile) else photo
    return np.array_equal(load_image(path), image)


def inside(box: Box | None, size: tuple[int, int]) -> Box | None:
    """The part of a box that lies in a picture of (width, height), as it is kept. Raises InputError: there is none."""
    if box is None:
        return None
    left, top = max(0.0, box.x), max(0.0, box.y)
    right, bottom = min(float(size[0]), box.x + box.w), min(float(size[1]), box.y + box.h)
    kept = Box(*Box(left, top, right - left, bottom - top).as_list())
    if kept.w <= 0 or kept.h <= 0:
        raise InputError("The box lies outside the image.")
    return kept


def _strokes_as_json(strokes: Sequence[Stroke]) -> list[dict[str, Any]]:
    if not strokes:
        return []
    from core.reading.strokes import strokes_to_json

    return strokes_to_json(strokes)


def _body(entry: LabelledNumber, strokes: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "v": VERSION, "written": entry.written, "box": None if entry.box is None else entry.box.as_list(),
        "picture": entry.picture.name, "size": list(entry.size), "whole": entry.whole, "kind": entry.kind,
        "was_read": entry.was_read, "model": entry.model, "time": entry.time,
        "added": entry.added, "source_file": entry.source_file, "group": entry.group, "strokes": strokes,
    }  # fmt: skip


_TYPES: dict[str, type | tuple[type, ...]] = {
    "written": str, "box": (list, type(None)), "picture": str, "size": list, "whole": bool, "kind": str,
    "was_read": str, "model": str, "time": (int, float), "added": (int, float), "source_file": str, "group": str,
    "strokes": list,
}  # fmt: skip


def _read_body(path: Path) -> dict[str, Any]:
    body = read_json(path)
    problem = DataError(f"{path} is damaged: it is not a number kept by this program.")
    if not isinstance(body, dict) or body.get("v") != VERSION:
        raise problem
    if not all(isinstance(body.get(name), types) for name, types in _TYPES.items()):
        raise problem
    box, size, name = body["box"], body["size"], body["picture"]
    if box is not None and not (len(box) == 4 and all(map(_is_finite, box)) and box[2] > 0 and box[3] > 0):
        raise problem
    if not (len(size) == 2 and all(type(v) is int and v > 0 for v in size)):
        raise problem
    # The picture stands in the store's own folder, whatever a file from elsewhere says.
    if not (_is_finite(body["time"]) and _is_finite(body["added"])) or name != Path(name).name:
        raise problem
    if body["kind"] not in KINDS:
        raise problem
    return body


def _is_finite(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
