"""Which labels are likely to be wrong: the present model surely reads something else, or the same picture, or nearly
the same, is labelled otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.base.opencv import cv2
from core.collection.items import Item, key_of
from core.collection.numbers import LabelledNumber
from core.loaders.number_photos import digits_in
from core.loaders.user_digits import UserDigit
from core.reading.images import to_gray
from core.reading.types import Box, Reading

SURE = 0.9
"""Probability from which a reading is sure (`confidence_word`)."""
PRINT_SIZES: Mapping[str, tuple[int, int]] = {"digit": (16, 16), "number": (64, 32)}
"""(width, height) to which a picture is reduced to be compared."""
_SAME: Mapping[str, float] = {"digit": 0.97, "number": 0.995}
"""Correlation from which two pictures are nearly the same. Of MNIST's first 5,000 test digits no pair of two digits
reaches it (nor 0.95), of one digit 913 pairs. The last figure of a meter that stands still before a fixed
camera changes a tenth of the picture, which must not be taken for the same."""
_FLAT = 4.0
"""Grey levels of spread below which there is nothing to compare."""
_BLOCK = 1024


@dataclass(frozen=True)
class Said:
    """What the present model reads there: "" for nothing. confidence: 0 to 1."""

    text: str
    confidence: float


@dataclass(frozen=True)
class Suspicion:
    """Why a label may be wrong, in a sentence; how likely that is, 0 to 1; other items that it is about."""

    reason: str
    score: float
    others: tuple[str, ...] = ()


def fingerprint(image: NDArray[np.uint8], item: Item) -> NDArray[np.uint8]:
    """A picture reduced so far that it can be compared with thousands, (h, w) uint8 of PRINT_SIZES.

    image: (H, W) or (H, W, 3) RGB, the item's. Of a number in a photo only its place counts.
    """
    gray = to_gray(image)
    if isinstance(item.entry, LabelledNumber) and item.entry.box is not None:
        gray = _part(gray, item.entry.box)
    return np.asarray(cv2.resize(gray, PRINT_SIZES[item.what], interpolation=cv2.INTER_AREA), np.uint8)


def said_of(reading: Reading, item: Item) -> Said | None:
    """What a reading of an item's picture says of the item. None where it says nothing that can be compared."""
    entry = item.entry
    assert isinstance(entry, LabelledNumber), "digits are classified, not read"
    numbers = list(reading.numbers)
    if entry.box is not None:
        box = entry.box
        numbers = [n for n in numbers if n.box.iou(box) > 0.25 or box.contains(*n.box.center)]
        numbers.sort(key=lambda n: -n.box.iou(box))
    else:
        wanted = digits_in(entry.written)
        # Anywhere in the photo will do; else the surest stands for what was read.
        numbers.sort(key=lambda n: (n.text != wanted, -n.confidence))
    if not numbers:
        return None
    return Said(numbers[0].text, numbers[0].confidence)


def disagreement(item: Item, said: Said) -> Suspicion | None:
    """The suspicion that the model raises, if it is sure."""
    wanted = digits_in(item.text)
    # Of a number only a part may have been read, which says nothing against the rest.
    is_part = item.what == "number" and said.text != "" and said.text in wanted
    if said.confidence < SURE or said.text == wanted or is_part:
        return None
    reads = said.text or f"no {item.what}"
    # Never 100%: the model may be wrong however sure it is.
    chance = min(round(100 * said.confidence), 99)
    return Suspicion(f"The present model is sure that this is {_a(reads)} ({chance}%).", said.confidence)


def suspicions(
    items: Sequence[Item],
    prints: Mapping[str, NDArray[np.uint8]],
    said: Mapping[str, tuple[str, float] | None],
    confirmed: Collection[str] = (),
) -> dict[str, Suspicion]:
    """The items, by `key_of`, whose label is likely to be wrong; those that a person confirmed are left out.

    prints: see `conflicts`. said: what the present model reads, and how surely.
    """
    found = conflicts(items, prints)
    for item in items:
        key = key_of(item)
        one = said.get(key)
        wrong = disagreement(item, Said(*one)) if one is not None and one[1] >= SURE else None
        if wrong is not None and key in found:
            # Both speak against it: before all others.
            copy = found[key]
            found[key] = Suspicion(f"{wrong.reason} {copy.reason}", 1 + wrong.score, copy.others)
        elif wrong is not None:
            found[key] = wrong
    return {key: suspicion for key, suspicion in found.items() if key not in confirmed}


def conflicts(items: Sequence[Item], prints: Mapping[str, NDArray[np.uint8]]) -> dict[str, Suspicion]:
    """The items, by `key_of`, whose picture stands under another label too.

    prints: of each item that has one its fingerprint, by `key_of`.
    """
    pairs = [pair for what in PRINT_SIZES for pair in _near(items, prints, what)] + _same_place(items)
    others = defaultdict[str, dict[str, Item]](dict)
    for first, second in pairs:
        others[key_of(first)][key_of(second)] = second
        others[key_of(second)][key_of(first)] = first
    return {
        key: Suspicion(
            "Nearly the same image is labelled "
            + " and ".join(sorted({f"“{o.words}”" for o in found.values()})) + " elsewhere.",
            1.0,
            tuple(sorted(found)),
        )
        for key, found in others.items()
    }  # fmt: skip


def _near(
    items: Sequence[Item], prints: Mapping[str, NDArray[np.uint8]], what: str
) -> list[tuple[Item, Item]]:
    """Pairs of one kind that look nearly the same and are labelled otherwise."""
    known, rows = list[Item](), list[NDArray[np.float32]]()
    for item in items:
        found = prints.get(key_of(item)) if item.what == what else None
        # The whole photo of a number whose place isn't known looks the same whatever the number says.
        if found is None or (isinstance(item.entry, LabelledNumber) and item.entry.box is None):
            continue
        values = found.astype(np.float32).ravel()
        values -= values.mean()
        spread = float(np.sqrt((values**2).mean()))
        if spread >= _FLAT:
            known.append(item)
            rows.append(values / (spread * np.sqrt(len(values))))
    if not rows:
        return []
    matrix = np.stack(rows)
    names = {text: i for i, text in enumerate({item.text for item in known})}
    labels = np.array([names[item.text] for item in known])
    pairs = list[tuple[Item, Item]]()
    for start in range(0, len(matrix), _BLOCK):
        part = slice(start, start + _BLOCK)
        near = (matrix[part] @ matrix.T > _SAME[what]) & (labels[part, None] != labels[None])
        pairs += [(known[start + int(a)], known[int(b)]) for a, b in np.argwhere(near) if start + a < b]
    return pairs


def _same_place(items: Sequence[Item]) -> list[tuple[Item, Item]]:
    """Numbers of one picture at one place, or both without a place, that are labelled otherwise."""
    by_picture = defaultdict[str, list[Item]](list)
    for item in items:
        if isinstance(item.entry, LabelledNumber):
            by_picture[item.entry.picture.name].append(item)
    return [
        (first, second)
        for found in by_picture.values()
        for i, first in enumerate(found)
        for second in found[i + 1 :]
        if first.text != second.text and _is_one_place(first, second)
    ]


def _is_one_place(first: Item, second: Item) -> bool:
    a, b = first.entry, second.entry
    assert isinstance(a, LabelledNumber)
    assert isinstance(b, LabelledNumber)
    if a.box is None or b.box is None:
        # Two numbers of a photo may both be there; a number and “no number” may not.
        return a.box is None and b.box is None and not (a.written and b.written)
    return a.box.iou(b.box) > 0.5


def _part(gray: NDArray[np.uint8], box: Box) -> NDArray[np.uint8]:
    height, width = gray.shape
    x0, y0 = min(max(int(box.x), 0), width - 1), min(max(int(box.y), 0), height - 1)
    x1, y1 = max(min(round(box.x + box.w), width), x0 + 1), max(min(round(box.y + box.h), height), y0 + 1)
    return np.ascontiguousarray(gray[y0:y1, x0:x1])


def _a(reads: str) -> str:
    if not reads[0].isdigit():
        return reads
    return f"an {reads}" if reads[0] == "8" else f"a {reads}"


def digit_crops(
    items: Sequence[Item], images: Mapping[str, NDArray[np.uint8]], size: int
) -> NDArray[np.uint8]:
    """The pictures of digits as the classifier wants them, (N, size, size); images: by `key_of`."""
    from core.reading.crops import frame_digit

    crops = []
    for item in items:
        assert isinstance(item.entry, UserDigit)
        image = to_gray(images[key_of(item)])
        crops.append(image if image.shape == (size, size) else frame_digit(image, size))
    return np.stack(crops) if crops else np.zeros((0, size, size), np.uint8)
