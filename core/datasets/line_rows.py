"""The rows that a line reader learns from, real and made, as flat arrays through the cache."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import NAME_DATA, DataError
from core.base.opencv import cv2
from core.base.paths import Places
from core.datasets import labelled_numbers
from core.datasets.number_entries import DEV_ROWS, MADE_ROWS
from core.datasets.recombined_rows import VARIANTS, divided, recombinations
from core.loaders import meters, mnist, pen_strokes, starter
from core.loaders.background_photos import background_files, image_files, read_gray
from core.loaders.cache import Arrays, cached, cached_facts, content_key, stat_key
from core.loaders.folders import data_folder
from core.loaders.font_files import font_files
from core.loaders.formats import read_npz
from core.loaders.number_photos import SOURCES as REAL
from core.loaders.number_photos import NumberPhoto, held_back, number_photos
from core.reading.line_format import decode, encode, spelled
from core.reading.types import Box
from core.recipes.source_names import LABELLED_NUMBERS
from core.synthesis.lines.counters import Wheel
from core.synthesis.lines.fonts import chosen_faces
from core.synthesis.lines.frame import HEIGHT, SIDE, frame_row
from core.synthesis.lines.pens import Hand, hands_of
from core.synthesis.lines.rows import KINDS, Row, RowAssets, make_row

VERSION = 2
REAL_VERSION = 3
_TOGETHER = 500
"""Where fewer rows than MADE_ROWS are enough, they are made in steps of so many: recipes alike share them."""
TEST_ROWS = 200
"""Of each made kind for the test phase: fonts, writers and counters as in dev, in rows that choose no epoch."""
_FIRST_SEED = {"train": 0, "dev": -1, "test": -1_000_001}
"""Rows of a split take their seeds from here: upwards for train, downwards for the others."""
INNER = {"jersey-numbers": (0.74, 0.74), "speed-limit-signs": (0.62, 0.46), "svhn-numbers": (0.76, 0.72)}
"""Where a picture is wider than its number and comes without boxes: the share, across and down, of its middle."""
NAMES = (*(name for name in REAL if name != "signs"), *KINDS, LABELLED_NUMBERS)
"""Sources of rows. Of “signs” there are whole scenes only."""


@dataclass(frozen=True)
class LineRows:
    """N rows. columns: (C, HEIGHT) uint8, all rows' columns one after another, SIDE more at both ends of each.

    starts: (N,) first column of a row; widths: (N,) of its characters, without the ends. classes: uint8, all texts
    one after another, as `line_format.encode` has them; ends: (N,) where each text ends. is_ink: (N,) bool.
    """

    columns: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int64]
    widths: npt.NDArray[np.int64]
    classes: npt.NDArray[np.uint8]
    ends: npt.NDArray[np.int64]
    is_ink: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.starts)

    def row(self, at: int) -> Row:
        """The row at a place, as it was made."""
        start = int(self.starts[at])
        columns = self.columns[start : start + int(self.widths[at]) + 2 * SIDE]
        text = decode(self.classes[int(self.ends[at - 1]) if at else 0 : int(self.ends[at])])
        return Row(np.ascontiguousarray(columns.T), text, bool(self.is_ink[at]))

    def first(self, count: int) -> LineRows:
        """The first `count` rows, or all where there are fewer."""
        if count >= len(self):
            return self
        return LineRows(
            self.columns[: self.starts[count]], self.starts[:count], self.widths[:count],
            self.classes[: self.ends[count - 1]], self.ends[:count], self.is_ink[:count],
        )  # fmt: skip

    @classmethod
    def of(cls, rows: Iterable[Row]) -> LineRows:
        columns, widths, classes, lengths, is_ink = [], [], [], [], []
        for row in rows:
            columns.append(np.ascontiguousarray(row.picture.T))
            widths.append(row.picture.shape[1] - 2 * SIDE)
            classes.append(encode(row.text).astype(np.uint8))
            lengths.append(len(row.text))
            is_ink.append(row.is_ink)
        wide = np.array(widths, np.int64) + 2 * SIDE
        return cls(
            np.concatenate(columns) if columns else np.zeros((0, HEIGHT), np.uint8),
            np.cumsum(wide) - wide, np.array(widths, np.int64),
            np.concatenate(classes) if classes else np.zeros(0, np.uint8),
            np.cumsum(np.array(lengths, np.int64)), np.array(is_ink, bool),
        )  # fmt: skip


def load_rows(places: Places, name: str, split: str, *, most: int | None = None) -> LineRows:
    """The rows of a source, for train or dev, of made kinds for test too.

    Raises DataError where it is not here, or for other names.

    most: of a made kind so many are enough, where no more are made yet.
    """
    if name in KINDS:
        return LineRows(**_made(places, name, split, most))
    if name not in NAMES:
        raise DataError(f"There is no source of rows “{name}”; there are {', '.join(NAMES)}.")
    if name == LABELLED_NUMBERS:
        return LineRows(**_labelled(places, split))
    photos = number_photos(places, name, "train" if split == "train" else "validation")
    facts = [(p.file.name, p.written, None if p.box is None else p.box.as_list()) for p in photos]
    each = VARIANTS.get(name, 0) if split == "train" else 0
    key = stat_key([p.file for p in photos], "line rows", REAL_VERSION, facts, INNER.get(name), each)
    return LineRows(
        **cached(places.cache, f"{name}-rows-{split}", key, lambda: vars(LineRows.of(_real(photos, each))))
    )


def _real(photos: list[NumberPhoto], each: int) -> Iterator[Row]:
    """The rows of photos, then `each` new ones of every row whose digits' places are known."""
    parts = []
    for photo in photos:
        text = spelled(photo.written)
        if text.lower().startswith("www") and photo.source.endswith("words"):
            continue  # the set leaves out the points of addresses
        gray = read_gray(photo.file)
        box = photo.box or inner_box(photo.source, gray.shape)
        row = Row(frame_row(gray, box, is_ink=False), text, False)
        yield row
        if each and photo.digit_boxes and (part := divided(row, box, photo.digit_boxes)) is not None:
            parts.append(part)
    yield from recombinations(parts, each, REAL_VERSION)


def _labelled(places: Places, split: str) -> Arrays:
    """The rows of the numbers that people labelled; what is no number gives empty rows."""
    entries = labelled_numbers.labelled(places, split)
    key = content_key(
        [], "rows of numbers", REAL_VERSION, labelled_numbers.VERSION, [entry.id for entry in entries]
    )

    def build() -> Arrays:
        each = VARIANTS[LABELLED_NUMBERS] if split == "train" else 0
        return vars(LineRows.of(_labelled_rows(labelled_numbers.placed(places, entries), each)))

    return cached(places.cache, f"{LABELLED_NUMBERS}-rows-{split}", key, build)


def _labelled_rows(found: Iterable[labelled_numbers.PlacedNumber], each: int) -> Iterator[Row]:
    """The rows that people labelled, then `each` new ones of every row whose digits can be placed."""
    places_of = labelled_numbers.DigitPlaces() if each else None
    parts = []
    for one in found:
        row = Row(frame_row(one.picture, one.row, is_ink=False), one.written, False)
        yield row
        if places_of is not None and one.written:
            digits = places_of.boxes(one.picture, one.row, one.written)
            if (part := divided(row, one.row, digits)) is not None:
                parts.append(part)
    yield from recombinations(parts, each, REAL_VERSION)


def inner_box(source: str, shape: tuple[int, ...]) -> Box:
    """About where the characters are in a picture without boxes."""
    across, down = INNER.get(source, (1.0, 1.0))
    h, w = shape[:2]
    return Box(w * (1 - across) / 2, h * (1 - down) / 2, w * across, h * down)


def _made(places: Places, kind: str, split: str, most: int | None) -> Arrays:
    count = {"train": MADE_ROWS[kind], "dev": DEV_ROWS, "test": TEST_ROWS}[split]
    needs, files = _needs(places, kind)
    shipped = content_key([starter.GLYPHS] if starter.GLYPHS.exists() else [])

    def key_of(rows: int) -> str:
        return stat_key(files, "made rows", VERSION, kind, split, rows, shipped)

    key = key_of(count)
    enough = -(-max(most or count, 1) // _TOGETHER) * _TOGETHER
    if enough < count and cached_facts(places.cache, f"{kind}-{split}", key) is None:
        count, key = enough, key_of(enough)

    def build() -> Arrays:
        assets = needs(split)
        first, step = _FIRST_SEED[split], 1 if split == "train" else -1
        found = (make_row(kind, first + step * i, assets) for i in range(count))
        return vars(LineRows.of(row for row in found if row is not None))

    return cached(places.cache, f"{kind}-{split}", key, build)


def _needs(places: Places, kind: str) -> tuple[Callable[[str], RowAssets], list[Path]]:
    """What makes the assets of a kind, and the files that they come from. Raises DataError where there are none."""
    fonts = font_files()
    if kind in ("line-pens",):
        files = [p for name in _HANDS for p in _found(places, name)]
        if not files:
            raise DataError(f"Handwriting is not here: fetch mnist (gnc data fetch mnist), or {NAME_DATA}.")
        return lambda split: RowAssets(hands=_hands(places, split)), files
    if kind == "line-counters":
        files = [p for name in ("meter", "meter_tenths") for p in _found(places, name)]
        return lambda split: RowAssets(faces=chosen_faces(split), wheels=_wheels(places, split)), [
            *fonts,
            *files,
        ]
    if kind in ("line-fonts", "line-empty"):
        photos = _photo_files(places, "train") if kind == "line-empty" else []
        return lambda split: RowAssets(
            faces=chosen_faces(split), photos=[read_gray(p) for p in _photo_files(places, split)] if photos else ()
        ), [*fonts, *photos]  # fmt: skip
    return lambda split: RowAssets(), []


def background_strips(places: Places, split: str, count: int = 4_000) -> npt.NDArray[np.uint8]:
    """Columns (C, HEIGHT) of strips of photos without writing, to stand behind made rows; empty without photos."""
    files = _photo_files(places, split)
    if not files:
        return np.zeros((0, HEIGHT), np.uint8)
    key = stat_key(files, "row backgrounds", VERSION, count)
    return cached(places.cache, f"row-backgrounds-{split}", key, lambda: {"columns": _strips(files, count)})[
        "columns"
    ]


def _strips(files: list[Path], count: int) -> npt.NDArray[np.uint8]:
    made = []
    for i, path in enumerate(files):
        rng = np.random.default_rng((5, i))
        gray = read_gray(path)
        for _ in range(-(-count // len(files))):
            tall = float(np.exp(rng.uniform(np.log(16), np.log(gray.shape[0] * 0.9))))
            scale = HEIGHT / tall
            wide = min(gray.shape[1], round(400 / scale))
            top, left = (
                int(rng.integers(gray.shape[0] - int(tall))),
                int(rng.integers(gray.shape[1] - wide + 1)),
            )
            piece = gray[top : top + round(tall), left : left + wide]
            size = (max(1, round(piece.shape[1] * scale)), HEIGHT)
            made.append(
                cv2.resize(piece, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR).T
            )
    return np.ascontiguousarray(np.concatenate(made)[: count * 260])


def _photo_files(places: Places, split: str) -> list[Path]:
    found = []
    for name in ("backgrounds", "backgrounds_more"):
        try:
            folder = data_folder(places, name)
        except DataError:
            continue
        if name == "backgrounds":
            found += background_files(folder, split)
        else:
            found += [p for p in image_files(folder) if held_back(p.name, 0.2) == (split != "train")]
    return found


_HANDS = ("mnist", "unipen_strokes", "crohme_strokes", "cvl_digits", "dida_digits")


def _found(places: Places, name: str) -> list[Path]:
    try:
        folder = data_folder(places, name)
    except DataError:
        return [starter.MNIST_PART] if name == "mnist" and starter.MNIST_PART.exists() else []
    return sorted(p for p in folder.iterdir() if p.suffix in (".npz", ".gz"))


def _hands(places: Places, split: str) -> list[Hand]:
    """Writers, each once, and sets without writers as often as all writers of a set together."""
    hands: list[Hand] = []
    for name in _HANDS:
        found = _found(places, name)
        if not found:
            continue
        folder = found[0].parent
        if name == "mnist":
            made = mnist.build(found[0] if mnist.is_part(found[0]) else folder, split)
            hands += _pictures(made["images"], made["labels"], None) * 80
        elif name in ("unipen_strokes", "crohme_strokes"):
            hands += _strokes(next(folder.glob("*.npz")), split)
        else:
            hands += _scans(next(folder.glob("*.npz")), split)
    return hands


def _pictures(images: npt.NDArray[np.uint8], labels: npt.NDArray[np.integer],
              writers: npt.NDArray[np.integer] | None) -> list[Hand]:  # fmt: skip
    return hands_of(
        labels, np.zeros(len(labels), np.int64) if writers is None else writers, lambda i, pen: images[i]
    )


def _strokes(path: Path, split: str) -> list[Hand]:
    content = pen_strokes.read_strokes(path)
    writers = read_npz(path, "writer")["writer"]
    paths = pen_strokes.split_paths(content)
    kept = np.flatnonzero(content["validation"] == (split != "train"))
    return hands_of(
        content["labels"][kept], writers[kept], lambda i, pen: pen_strokes.draw(paths[kept[i]], pen * 0.7)
    )


def _scans(path: Path, split: str) -> list[Hand]:
    """Grey scans, dark on light, turned into ink."""
    content = read_npz(path, "images", "labels", "validation")
    kept = np.flatnonzero(content["validation"] == (split != "train"))
    images = content["images"][kept].astype(np.float32)
    light = np.percentile(images, 75, axis=(1, 2), keepdims=True)
    dark = np.percentile(images, 2, axis=(1, 2), keepdims=True)
    ink = ((light - images) / np.maximum(light - dark, 20) * 1.4 - 0.3).clip(0, 1)
    pictures = (ink * 255).astype(np.uint8)
    with_writers = "cvl" in path.name
    writers = read_npz(path, "writer")["writer"][kept] if with_writers else None
    made = _pictures(pictures, content["labels"][kept], writers)
    return made if with_writers else made * 80


def _wheels(places: Places, split: str) -> list[Wheel]:
    """Real counters; about one of six is for dev alone."""
    wheels = []
    for path in _found(places, "meter_tenths"):
        content = read_npz(path, "images", "tenths", "group")
        for group in np.unique(content["group"]):
            if meters.is_dev_meter(int(group)) == (split != "train"):
                wheels.append(_wheel(content["images"], content["tenths"], content["group"] == group, 0.72))
    for path in _found(places, "meter"):
        content = read_npz(path, "images", "labels", "group")
        counters = np.array(["/".join(str(g).split("/")[:4]) for g in content["group"]])
        for group in np.unique(counters):
            if meters.is_dev(str(group)) == (split != "train"):
                wheels.append(
                    _wheel(
                        content["images"], content["labels"].astype(np.int64) * 10, counters == group, 0.69
                    )
                )
    return [w for w in wheels if len(w.tenths) >= 5]


def _wheel(images: npt.NDArray[np.uint8], tenths: npt.NDArray[np.integer], own: npt.NDArray[np.bool_],
           share: float) -> Wheel:  # fmt: skip
    gray = np.stack([cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) for image in images[own]])
    return Wheel(gray, tenths[own].astype(np.int64), share)
