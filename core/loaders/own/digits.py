"""What labelled digits are, wherever they come from: pictures with labels, perhaps parts of them, or arrays."""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from core.base.errors import InputError
from core.loaders.cache import content_key, stat_key
from core.reading.images import load_image, to_gray
from core.reading.types import NOT_A_DIGIT, Box

Gray = npt.NDArray[np.uint8]
SPLITS = ("train", "dev", "test")
ONE_IN = 10
"""Of so many items of a set without a dev part one is kept out of training."""
_MOST = 0.6
"""Share of one class from which a set is reported as unbalanced."""


class Item(NamedTuple):
    """One labelled digit. name: of its file, or its place in a file. picture: grey (H,W). box: where it is in the
    picture; None where the picture shows nothing else."""

    name: str
    label: int
    picture: Gray
    box: Box | None


@dataclass(frozen=True)
class Picture:
    """One labelled digit in a file.

    split: train, dev, test, or empty where the set names none. in_shares: the box is in shares of the picture's
    width and height, not in pixels.
    """

    file: Path
    label: int
    split: str = ""
    box: Box | None = None
    in_shares: bool = False

    def box_in(self, gray: Gray) -> Box | None:
        """The box in pixels of the opened picture."""
        if self.box is None or not self.in_shares:
            return self.box
        h, w = gray.shape
        return Box(self.box.x * w, self.box.y * h, self.box.w * w, self.box.h * h)


@dataclass(frozen=True)
class OwnDigits:
    """A set of labelled digits: of pictures, or of arrays.

    kind: what it was taken for, in words. where: the folder or file that was found. tables: files that say what is
    what. images: (N,H,W) or (N,H,W,3) uint8, with `array_labels` (N,) and `array_splits` (N,). remarks: sentences
    about what was left out.
    """

    kind: str
    where: Path
    pictures: tuple[Picture, ...] = ()
    tables: tuple[Path, ...] = ()
    images: npt.NDArray[np.uint8] | None = None
    array_labels: tuple[int, ...] = ()
    array_splits: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def labels(self) -> tuple[int, ...]:
        """Of all items, 0 to 9 or NOT_A_DIGIT."""
        return self.array_labels or tuple(p.label for p in self.pictures)

    @property
    def splits(self) -> tuple[str, ...]:
        """Of all items: those that the set names; else a fixed tenth of what is for training is dev."""
        named = self.array_splits or tuple(p.split for p in self.pictures)
        if "dev" in named:
            return tuple(split or "train" for split in named)
        return tuple(
            ("dev" if is_held(self._name(i), ONE_IN) else "train") if split in ("", "train") else split
            for i, split in enumerate(named)
        )

    @property
    def has_parts(self) -> bool:
        """Whether the set itself says what is for training and what for measuring."""
        return any(self.array_splits) or any(p.split for p in self.pictures)

    def _name(self, index: int) -> str:
        if not self.pictures:
            return str(index)
        picture = self.pictures[index]
        spot = "" if picture.box is None else f"@{picture.box.x:.3f},{picture.box.y:.3f}"
        return f"{picture.file.parent.name}/{picture.file.name}{spot}"

    def chosen(self, split: str | None) -> list[int]:
        """Places of the items of a split; None: of all."""
        return [i for i, of in enumerate(self.splits) if split in (None, of)]

    def counts(self) -> dict[str, int]:
        """Items of every split that has some, by what is named; no picture is opened."""
        counted = Counter(self.splits)
        return {split: counted[split] for split in SPLITS if counted[split]}

    def key(self, *facts: object) -> str:
        """Of the cache: changes with the files, whatever their names."""
        files = {p.file for p in self.pictures}
        return stat_key([f for f in files if f.exists()], content_key(self.tables, *facts))

    def read(self, split: str | None, left_out: list[str]) -> Iterator[Item]:
        """The items of a split. What can't be read is left out; a sentence each is put into `left_out`."""
        opened: tuple[Path, Gray] | None = None
        bad: Path | None = None
        for index in self.chosen(split):
            if self.images is not None:
                yield Item(
                    f"{self.where.name}[{index}]", self.labels[index], to_gray(self.images[index]), None
                )
                continue
            picture = self.pictures[index]
            if picture.file == bad:
                continue
            if opened is None or opened[0] != picture.file:
                try:
                    opened = picture.file, to_gray(load_image(picture.file))
                except InputError as error:
                    bad = picture.file
                    left_out.append(str(error))
                    continue
            yield Item(str(picture.file), picture.label, opened[1], picture.box_in(opened[1]))


def is_held(name: str, one_in: int) -> bool:
    """Whether an item is kept out of training, by its name alone, so that new items move none."""
    return zlib.crc32(name.encode()) % one_in == 0


def label_name(label: int) -> str:
    """“7”, or “none”."""
    return "none" if label == NOT_A_DIGIT else str(label)


def warnings_of(labels: Sequence[int]) -> list[str]:
    """Sentences about what labels for training lack: digits without a picture, one that is nearly all."""
    counted = Counter(label for label in labels if label != NOT_A_DIGIT)
    if not counted:
        return ["None of the images shows a digit."]
    said = []
    missing = [str(digit) for digit in range(10) if not counted[digit]]
    if missing:
        said.append(f"No images of {' '.join(missing)}: a model can't learn what it never sees.")
    digit, most = counted.most_common(1)[0]
    share = most / sum(counted.values())
    if share > _MOST:
        said.append(
            f"{share:.0%} of the images show a {digit}: a model that always says {digit} would look good."
        )
    return said


def copies(images: npt.NDArray[np.uint8], others: npt.NDArray[np.uint8]) -> int:
    """How many of `others` (M,H,W) are, pixel by pixel, also among `images` (N,H,W)."""
    known = {image.tobytes() for image in images}
    return sum(image.tobytes() in known for image in others)


def joined(words: Sequence[str], most: int = 3) -> str:
    """“a, b and c”, “a, b, c and 4 more”."""
    shown = list(words[:most])
    if len(words) > most:
        return f"{', '.join(shown)} and {len(words) - most:,} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)
