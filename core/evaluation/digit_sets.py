"""What `gnc evaluate` measures on: folders, `.npz` files and named sources, as crops with labels.

Pictures take the very path that `gnc classify` sends them along (load → gray → looks); digits in photos with
boxes are cropped by their box; pen strokes are drawn by the code that the canvas uses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import NAME_DATA, DataError, InputError
from core.base.opencv import cv2
from core.base.paths import Places
from core.datasets import catalog
from core.evaluation.photo_sets import NAMED_SETS, spread_indices
from core.loaders import fonts, meters, mnist, pen_strokes, scanned_digits, svhn
from core.loaders.background_photos import read_gray
from core.loaders.digit_frame import NOMINAL, SOURCE_SIZE
from core.loaders.folders import data_folders
from core.loaders.formats import read_npz
from core.loaders.own.arrange import framed
from core.loaders.own.arrays import as_labels
from core.loaders.own.digits import joined
from core.loaders.own.find import own_digits
from core.reading.classifier import Classifier
from core.reading.crops import frame_looks
from core.reading.images import crop_box, to_gray
from core.reading.strokes import rasterise_paths
from core.recipes.source_names import source_name

PEN = 2.6 / 32
"""Width of the pen that strokes are drawn with, share of the frame: about that of MNIST's."""

EDGE = (SOURCE_SIZE - NOMINAL) // 2
_STROKE_ARRAYS = ("points", "stroke_len", "n_strokes")


@dataclass(frozen=True)
class LabelledCrops:
    """Crops as a classifier gets them. crops: (N, S, S) uint8. labels: (N,) int64, 0…9 or NOT_A_DIGIT.

    groups: empty, or what each crop belongs to (a counter, a writer). skipped: a sentence a broken file. more,
    owners: further looks at whole pictures, (M, S, S), and which crop each belongs to, (M,).
    """

    name: str
    crops: NDArray[np.uint8]
    labels: NDArray[np.int64]
    groups: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    more: NDArray[np.uint8] = field(default_factory=lambda: np.zeros((0, 1, 1), np.uint8))
    owners: NDArray[np.intp] = field(default_factory=lambda: np.zeros(0, np.intp))

    def limited(self, limit: int | None) -> LabelledCrops:
        """At most so many of them, evenly from first to last."""
        kept = spread_indices(len(self.labels), limit)
        groups = tuple(self.groups[i] for i in kept) if self.groups else ()
        place = np.full(len(self.labels), -1, np.intp)
        place[kept] = np.arange(len(kept))
        looks = np.flatnonzero(place[self.owners] >= 0)
        return replace(
            self, crops=self.crops[kept], labels=self.labels[kept], groups=groups, more=self.more[looks],
            owners=place[self.owners[looks]],
        )  # fmt: skip

    def probabilities(self, classifier: Classifier) -> NDArray[np.float32]:
        """What the program would believe of each, (N, C): whole pictures are looked at in several ways."""
        return classifier.probabilities_of_looks(self.crops, self.more, self.owners)


@dataclass(frozen=True)
class _Looks:
    """Whole pictures as the program looks at them; fields as in LabelledCrops."""

    crops: NDArray[np.uint8]
    more: NDArray[np.uint8]
    owners: NDArray[np.intp]

    @classmethod
    def at(cls, pictures: Iterable[NDArray[np.uint8]], size: int) -> _Looks:
        """pictures: (H, W) or (H, W, 3) uint8 each."""
        every = [frame_looks(to_gray(picture), size) for picture in pictures]
        counts = [len(looks) - 1 for looks in every]
        blank = np.zeros((0, size, size), np.uint8)
        return cls(
            np.concatenate([blank, *(looks[:1] for looks in every)]),
            np.concatenate([blank, *(looks[1:] for looks in every)]),
            np.repeat(np.arange(len(every)), counts),
        )

    def labelled(self, name: str, labels: NDArray[np.int64], groups: tuple[str, ...] = ()) -> LabelledCrops:
        return LabelledCrops(name, self.crops, labels, groups, more=self.more, owners=self.owners)


def labelled_crops(data: str, *, size: int, places: Places, split: str | None = None) -> LabelledCrops:
    """The crops, `size` pixels wide, of a named source, a `.npz` file or a folder.

    split: `train`, `dev` or `test` (`validation` is `dev`); None is what the source keeps for measuring, and
    all of a file. A name of SOURCES is a source; write `./mnist` for a folder of that name.

    Raises:
        InputError: there is nothing of this name, it holds no labelled digits, or has no such split.
        DataError: a file is missing or damaged; the message names it.
    """
    split = "dev" if split == "validation" else split
    if source_name(data) in SOURCES:
        return SOURCES[source_name(data)](places, size, split)
    path = Path(data).expanduser()
    if path.exists() or path.suffix or len(path.parts) > 1:
        return _from_path(path, size, split)
    names = [*SOURCES, *(one.name for one in NAMED_SETS)]
    raise InputError(f"“{data}” is no folder, no file and no source; the sources are {', '.join(names)}.")


def _from_path(path: Path, size: int, split: str | None, name: str | None = None) -> LabelledCrops:
    is_archive = path.suffix.lower() == ".npz" and path.is_file()
    load = _from_strokes if is_archive and _holds_strokes(path) else _from_own
    return load(path, size, split, name)


def _holds_strokes(path: Path) -> bool:
    read_npz(path)  # says what is wrong with a file that is none
    with np.load(path, allow_pickle=False) as content:
        return set(content.files).issuperset(_STROKE_ARRAYS)


def _from_own(path: Path, size: int, split: str | None, name: str | None = None) -> LabelledCrops:
    """Of a folder or file of one's own. Without a split, its test part, or dev part where it has no other, or all."""
    found = own_digits(path)
    there = found.counts()
    wanted = split
    if split is None and found.has_parts:
        wanted = next((part for part in ("test", "dev") if part in there), None)
    if split is not None and not found.has_parts:
        raise InputError(f"{path} is one set: it has no splits.")
    if split is not None and split not in there:
        raise InputError(f"{path} has no split “{split}”; it has {joined(list(there))}.")
    crops, labels = [], []
    skipped: list[str] = []
    for item in found.read(wanted, skipped):
        if item.box is None:
            crops.append(frame_looks(item.picture, size))
        else:
            square = framed(item)[EDGE:-EDGE, EDGE:-EDGE]
            shrunk = np.asarray(cv2.resize(square, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
            crops.append(shrunk[None])
        labels.append(item.label)
    if not crops:
        raise InputError(f"No image of {path} can be read ({len(found):,} tried).")
    part = f" ({wanted})" if wanted and split is None else ""
    groups = _groups(path, found.chosen(wanted)) if found.images is not None else ()
    return LabelledCrops(
        name or f"{path}{part}", np.stack([looks[0] for looks in crops]), np.array(labels, np.int64), groups,
        tuple(skipped), np.concatenate([looks[1:] for looks in crops]),
        np.repeat(np.arange(len(crops)), [len(looks) - 1 for looks in crops]),
    )  # fmt: skip


def _groups(path: Path, kept: list[int]) -> tuple[str, ...]:
    """What each digit of an `.npz` file belongs to, where it says so."""
    if path.suffix.lower() != ".npz":
        return ()
    with np.load(path, allow_pickle=False) as content:
        groups = content["group"] if "group" in content.files else np.zeros(0)
    return tuple(str(groups[k]) for k in kept) if len(groups) > max(kept, default=-1) else ()


def _drawn(content: Mapping[str, NDArray[Any]], kept: NDArray[np.int64], size: int) -> NDArray[np.uint8]:
    points = content["points"].astype(np.float32)
    strokes = np.split(points, np.cumsum(content["stroke_len"])[:-1])
    ends = np.cumsum(content["n_strokes"])
    crops = np.empty((len(kept), size, size), np.uint8)
    for i, k in enumerate(kept):
        crops[i] = rasterise_paths(strokes[ends[k] - content["n_strokes"][k] : ends[k]], size, pen=PEN)
    return crops


def _from_strokes(path: Path, size: int, split: str | None, name: str | None = None) -> LabelledCrops:
    """Of an `.npz` file of pen strokes, as `unipen_strokes` has them."""
    content = read_npz(path, *_STROKE_ARRAYS, "labels")
    with np.load(path, allow_pickle=False) as there:
        extra = [array for array in ("group", "validation") if array in there.files]
    if "validation" in extra:
        content = pen_strokes.read_strokes(path)
    content = {**content, **read_npz(path, *extra)}
    labels = as_labels(content["labels"], path, "labels")
    kept = np.arange(len(labels))
    if split is not None:
        if "validation" not in content or split == "test":
            raise InputError(f"{path} has no split “{split}”.")
        kept = np.flatnonzero(content["validation"].astype(bool) == (split == "dev"))
    strokes = content["stroke_len"]
    if int(content["n_strokes"].sum()) != len(strokes) or len(content["n_strokes"]) != len(labels):
        raise DataError(f"{path} is damaged: its strokes and digits do not add up.")
    if int(strokes.sum()) != len(content["points"]) or strokes.min(initial=1) < 1:
        raise DataError(f"{path} is damaged: its points and strokes do not add up.")
    groups = tuple(str(content["group"][k]) for k in kept) if "group" in content else ()
    return LabelledCrops(name or str(path), _drawn(content, kept, size), labels[kept], groups)


def _found(name: str, places: Places) -> Path:
    """Where a source of the catalogue is. Raises DataError where it is not here."""
    entry = catalog.entry_named(name)
    where = entry.find(places, None)
    if where is None:
        raise DataError(f"{entry.title} is not here: {entry.absent}")
    return where


def _in_data(places: Places, *names: str) -> Path:
    """The first of the data folders' files or folders of these names. Raises DataError if there is none."""
    for base in data_folders(places):
        for name in names:
            if (base / name).exists():
                return base / name
    raise DataError(f"{names[0]} is not here; {NAME_DATA}.")


def mnist_digits(places: Places, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """MNIST's pictures (N, 28, 28) uint8 and labels (N,) int64. Raises DataError: not here, or damaged."""
    return mnist.read_split(_found("mnist", places), split)


def _mnist(places: Places, size: int, split: str | None) -> LabelledCrops:
    split = split or "test"
    images, labels = mnist_digits(places, split)
    part = ", the part that comes with the program" if mnist.is_part(_found("mnist", places)) else ""
    return _Looks.at(images, size).labelled(f"mnist ({split}{part})", labels)


def _one_file(name: str, file: str) -> Callable[[Places, int, str | None], LabelledCrops]:
    """A source of the catalogue that is one file, which marks what is kept out of training."""

    def load(places: Places, size: int, split: str | None) -> LabelledCrops:
        split = split or "dev"
        return _from_path(_found(name, places) / file, size, split, f"{name} ({split})")

    return load


def _meter_tenths(places: Places, size: int, split: str | None) -> LabelledCrops:
    """Counters at rest: the nearest digit is right."""
    split, path = split or "dev", _found("meter-tenths", places) / meters.TENTHS
    _part(np.zeros(0, bool), split, "meter-tenths")
    content, groups = meters.read_tenths(path, split, meters.AT_REST)
    return _Looks.at(content["images"], size).labelled(f"meter-tenths ({split})", content["labels"], groups)


def _meter(places: Places, size: int, split: str | None) -> LabelledCrops:
    split, path = split or "dev", _found("meter", places) / meters.FILE
    content = read_npz(path, "images", "labels", "group")
    dev = np.array([meters.is_dev(str(group)) for group in content["group"]], bool)
    kept = _part(dev, split, "meter")
    groups = tuple(str(group) for group in content["group"][kept])
    labels = as_labels(content["labels"], path, "labels")[kept]
    return _Looks.at(content["images"][kept], size).labelled(f"meter ({split})", labels, groups)


def _chars74k(places: Places, size: int, split: str | None) -> LabelledCrops:
    split, path = split or "dev", _in_data(places, f"chars74k_fnt/{fonts.CHARS74K_FILE}")
    content = read_npz(path, "images", "labels")
    # All fonts' 0 come first, then all fonts' 1 …; every tenth font is kept out of training.
    font = np.arange(len(content["labels"])) % max(len(content["labels"]) // 10, 1)
    kept = _part(font % 10 == 9, split, "chars74k")
    labels = as_labels(content["labels"], path, "labels")[kept]
    return _Looks.at(content["images"][kept], size).labelled(f"chars74k ({split})", labels)


def _part(dev: NDArray[np.bool_], split: str, name: str) -> NDArray[np.int64]:
    if split not in ("train", "dev"):
        raise InputError(f"{name} has no split “{split}”; it has train and dev.")
    return np.flatnonzero(dev == (split == "dev"))


def _hwd1000(places: Places, size: int, split: str | None) -> LabelledCrops:
    _only_whole("hwd1000", split)
    return _from_own(_in_data(places, "hwd1000/hwd1000.npz"), size, None, "hwd1000")


def _seed_test(places: Places, size: int, split: str | None) -> LabelledCrops:
    _only_whole("seed_test", split)
    return _from_own(_in_data(places, "seed_test"), size, None)


def _only_whole(name: str, split: str | None) -> None:
    if split is not None:
        raise InputError(f"{name} has no splits: all of it is for measuring.")


def _svhn(places: Places, size: int, split: str | None) -> LabelledCrops:
    """Digits of SVHN's photos, cut by their boxes as live reading cuts what the detector found."""
    split, folder = split or "dev", _found("svhn", places)
    if [path.name for path in svhn.files(folder, split)] != ["digitStruct.mat"]:
        return _from_catalogue("svhn")(places, size, split)
    crops, labels = [], []
    for photo in svhn.boxed_photos(folder, split):
        gray = read_gray(photo.path)
        for digit, box in zip(photo.digits, photo.boxes, strict=True):
            svhn.check_box(photo.path, box, gray.shape)
            crops.append(crop_box(gray, svhn.tight(box), size))
            labels.append(digit)
    if not crops:
        raise InputError(f"svhn has no digits in its split “{split}”.")
    return LabelledCrops(f"svhn ({split})", np.stack(crops), np.array(labels, np.int64))


def _from_catalogue(name: str) -> Callable[[Places, int, str | None], LabelledCrops]:
    """A source whose digits are framed by its loader: fonts, boxes in photos, the user's own."""

    def load(places: Places, size: int, split: str | None) -> LabelledCrops:
        split = split or "dev"
        arrays = catalog.entry_named(name).load_arrays(split, places)
        if not len(arrays["labels"]):
            raise InputError(f"{name} has no digits in its split “{split}”.")
        name_of = f"{name} ({split})"
        labels = np.asarray(arrays["labels"], np.int64)
        crops: list[NDArray[np.uint8]] = []
        more: list[NDArray[np.uint8]] = []
        owners: list[int] = []
        for i, (image, is_ink) in enumerate(zip(arrays["images"], arrays["is_ink"], strict=True)):
            middle = np.ascontiguousarray(image[EDGE:-EDGE, EDGE:-EDGE])
            # A photo's digit is where its box says: looking for ink would only move it.
            first, *others = (
                frame_looks(middle, size)
                if is_ink
                else [np.asarray(cv2.resize(middle, (size, size), interpolation=cv2.INTER_AREA), np.uint8)]
            )
            crops.append(first)
            more += others
            owners += [i] * len(others)
        blank = np.zeros((0, size, size), np.uint8)
        return LabelledCrops(
            name_of, np.stack(crops), labels, more=np.stack(more) if more else blank,
            owners=np.array(owners, np.intp),
        )  # fmt: skip

    return load


SOURCES: dict[str, Callable[[Places, int, str | None], LabelledCrops]] = {
    "mnist": _mnist,
    "strokes": _one_file("strokes", pen_strokes.UNIPEN),
    "crohme": _one_file("crohme", pen_strokes.CROHME),
    "cvl": _one_file("cvl", scanned_digits.CVL),
    "dida": _one_file("dida", scanned_digits.DIDA),
    "fonts": _from_catalogue("fonts"),
    "svhn": _svhn,
    "meter": _meter,
    "meter-tenths": _meter_tenths,
    "chars74k": _chars74k,
    "hwd1000": _hwd1000,
    "seed_test": _seed_test,
    "non-digits": _from_catalogue("non-digits"),
    "corrections": _from_catalogue("corrections"),
}
"""Sources of single digits by the names that `gnc evaluate --data` knows; each measures what training never saw."""
