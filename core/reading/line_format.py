"""The contract of the line reader: the strip that it gets, and the characters that it knows.

A strip is a row of characters cut out of an image, upright, `HEIGHT` pixels high and of any width. The network says
for every `STRIDE` pixels of width which character stands there, or none (`BLANK`). Cut a strip with `strip_box`
around the box of the row's characters, then let `cut_strip` bring it into shape.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.reading.types import Box

HEIGHT = 40
"""Of a strip, in pixels."""
STRIDE = 4
"""Pixels of a strip's width to one step of the answer."""
MIN_WIDTH = 32
MAX_WIDTH = 640
"""Longer rows are squeezed."""
MARGIN_ENDS = 0.35
MARGIN_SIDES = 0.15
"""Room around the box of a row's characters, as shares of its height: left and right, above and below. Training
moves both a good deal."""

BLANK = 0
DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SPACE = " "
SIGNS = "-/.,:#°%$€£()"
"""The dash stands for all dashes."""
CHARACTERS = DIGITS + LETTERS + SPACE + SIGNS
"""Class 1 + i of the network is character i; class 0 is the blank."""
CLASSES = 1 + len(CHARACTERS)

_INDEX = {character: 1 + i for i, character in enumerate(CHARACTERS)}
_SAME = str.maketrans({"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "º": "°", "˚": "°", "\u00a0": " "})


def spelled(text: str) -> str:
    """`text` in the network's characters: accents dropped, dashes made one, unknown characters left out, one space
    between words and none at the ends."""
    plain = unicodedata.normalize("NFKD", text.translate(_SAME))
    return " ".join("".join(c for c in plain if c in _INDEX).split())


def encode(text: str) -> npt.NDArray[np.int64]:
    """Classes of the characters of a spelled text, (L,). Raises KeyError for characters that aren't known."""
    return np.array([_INDEX[c] for c in text], np.int64)


def decode(classes: npt.ArrayLike) -> str:
    """The text of a sequence of classes without blanks."""
    return "".join(CHARACTERS[int(c) - 1] for c in np.asarray(classes).ravel())


def strip_box(row: Box) -> Box:
    """The piece of the image to cut for a row whose characters fill `row`; may reach over the image's border."""
    across, along = MARGIN_SIDES * row.h, MARGIN_ENDS * row.h
    return Box(row.x - along, row.y - across, row.w + 2 * along, row.h + 2 * across)


def strip_width(w: float, h: float) -> int:
    """Width of the strip of a piece `w` wide and `h` high: its aspect kept, a multiple of `STRIDE`, bounded."""
    width = -(-round(HEIGHT * w / max(h, 1e-6)) // STRIDE) * STRIDE
    return int(min(max(width, MIN_WIDTH), MAX_WIDTH))


def cut_strip(gray: npt.NDArray[np.uint8], box: Box) -> npt.NDArray[np.uint8]:
    """The upright piece `box` of a grey image as a strip, (HEIGHT, W) uint8; beyond the border its edge goes on."""
    width = strip_width(box.w, box.h)
    scale = HEIGHT / box.h
    across = min(scale, width / box.w)  # squeezed where it is too long, never stretched where it is short
    spare = (width - across * box.w) / 2
    matrix = np.array([[1 / across, 0, box.x - (spare - 0.5) / across - 0.5],
                       [0, 1 / scale, box.y + 0.5 / scale - 0.5]])  # fmt: skip
    if scale < 0.5:  # bilinear sampling alone would skip pixels
        small = max(scale, 0.02) * 1.5
        gray = np.asarray(cv2.resize(gray, None, fx=small, fy=small, interpolation=cv2.INTER_AREA), np.uint8)
        matrix = matrix * small
        matrix[:, 2] += 0.5 * small - 0.5
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(gray, matrix, (width, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, np.uint8)


def network_input(strip: npt.NDArray[np.uint8]) -> npt.NDArray[np.float32]:
    """(HEIGHT, W) uint8 -> (1, 1, HEIGHT, W) float32 as the model file takes it: grey, 0–1, as it is; the network
    itself takes out the strip's mean and spread."""
    return (strip[None, None] / 255).astype(np.float32)
