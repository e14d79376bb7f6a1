"""Rows as displays and printers show them: seven and fourteen segments, and dots. Masks of ink, 255 on 0."""

from __future__ import annotations

import math
import random

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2

Mask = npt.NDArray[np.uint8]
_SHARP = 3
"""Drawn so many times as large, then shrunk: smooth edges."""

# Segments a b c d e f g as bits 0 to 6.
SEVEN = {
    "0": 0x3F, "1": 0x06, "2": 0x5B, "3": 0x4F, "4": 0x66, "5": 0x6D, "6": 0x7D, "7": 0x07, "8": 0x7F, "9": 0x6F,
    "-": 0x40, "A": 0x77, "b": 0x7C, "C": 0x39, "d": 0x5E, "E": 0x79, "F": 0x71, "H": 0x76, "L": 0x38, "P": 0x73,
    "U": 0x3E, "h": 0x74, "n": 0x54, "o": 0x5C, "r": 0x50, "t": 0x78, "°": 0x63,
}  # fmt: skip
# Segments a b c d e f g1 g2 h j k l m n as bits 0 to 13, as the drivers of such displays number them.
FOURTEEN = {
    "0": 0x0C3F, "1": 0x0006, "2": 0x00DB, "3": 0x008F, "4": 0x00E6, "5": 0x2069, "6": 0x00FD, "7": 0x0007,
    "8": 0x00FF, "9": 0x00EF, "A": 0x00F7, "B": 0x128F, "C": 0x0039, "D": 0x120F, "E": 0x00F9, "F": 0x0071,
    "G": 0x00BD, "H": 0x00F6, "I": 0x1209, "J": 0x001E, "K": 0x2470, "L": 0x0038, "M": 0x0536, "N": 0x2136,
    "P": 0x00F3, "Q": 0x203F, "R": 0x20F3, "T": 0x1201, "U": 0x003E, "V": 0x0C30, "W": 0x2836,
    "X": 0x2D00, "Y": 0x1500, "Z": 0x0C09, "-": 0x00C0,
}  # fmt: skip
# Five columns of seven dots each, the lowest bit on top: the common font of character displays.
_DOTS = {
    "0": "3E4141413E", "1": "00427F4000", "2": "4261514946", "3": "2141454B31", "4": "1814127F10", "5": "2745454539",
    "6": "3C4A494930", "7": "0171090503", "8": "3649494936", "9": "064949291E", "-": "0808080808", "/": "2010080402",
    ".": "0060600000", ",": "0050300000", ":": "0036360000", "#": "147F147F14", "$": "242A7F2A12", "%": "2313086462",
    "(": "001C224100", ")": "0041221C00", "A": "7E1111117E", "B": "7F49494936", "C": "3E41414122", "D": "7F4141221C",
    "E": "7F49494941", "F": "7F09090901", "G": "3E4149497A", "H": "7F0808087F", "I": "00417F4100", "J": "2040413F01",
    "K": "7F08142241", "L": "7F40404040", "M": "7F020C027F", "N": "7F0408107F", "P": "7F09090906", "Q": "3E4151215E",
    "R": "7F09192946", "S": "4649494931", "T": "01017F0101", "U": "3F4040403F", "V": "1F2040201F", "W": "3F4038403F",
    "X": "6314081463", "Y": "0708700807", "Z": "6151494543",
}  # fmt: skip
_OTHER_DOTS = {"0": "3E5149453E", "1": "0041427F40", "3": "2241494936", "7": "6111090503", "9": "0609493936"}


def segment_row(rng: random.Random, text: str, height: int, *, fourteen: bool = False) -> Mask | None:
    """A row of segments, tight. None where a character can't be shown. Segments that are off may be seen faintly."""
    table = FOURTEEN if fourteen else SEVEN
    if any(c not in table and c not in ".,: " for c in text):
        return None
    size = height * _SHARP
    width = size * rng.uniform(0.42, 0.66)
    thick = size * rng.uniform(0.07, 0.17) * (0.8 if fourteen else 1)
    gap = size * rng.choice((0.0, rng.uniform(0.005, 0.03)))
    between = size * rng.uniform(0.1, 0.34)
    slant = rng.choice((0.0, rng.uniform(0.05, 0.25)))
    ghost = rng.choice((0, 0, 0, rng.randint(8, 60)))
    blunt = rng.random() < 0.3
    tails = rng.random() < 0.85  # of 6 and 9
    hook = rng.random() < 0.2  # of the 7, on the left
    points_between = rng.random() < 0.3
    total = math.ceil(len(text) * (width + between) + size * slant + 4 * thick)
    on = np.zeros((size + 2 * _SHARP, total), np.uint8)
    off = np.zeros_like(on)
    x = thick / 2
    for character in text:
        if character in ".,:":
            place = x - between / 2 if not points_between else x + thick / 2
            radius = max(1, round(thick * rng.uniform(0.5, 0.62)))
            for y in (size * 0.3, size * 0.7) if character == ":" else (size - thick / 2,):
                cv2.circle(on, (round(place), round(y)), radius, 255, -1)
            if points_between:
                x += thick + between * 0.5
            continue
        if character == " ":
            x += width + between
            continue
        bits = table[character]
        if not fourteen and not tails and character in "69":
            bits &= ~(0x01 if character == "6" else 0x08)
        if not fourteen and hook and character == "7":
            bits |= 0x20
        for bit, (x0, y0, x1, y1) in enumerate(_segments(width, size, thick, fourteen)):
            target = on if bits >> bit & 1 else off if ghost else None
            if target is not None:
                _bar(
                    target,
                    x + x0,
                    y0,
                    x + x1,
                    y1,
                    thick * (1 if bit < 8 or not fourteen else 0.8),
                    gap,
                    blunt,
                )
        x += width + between
    row = np.maximum(on, (off.astype(np.int32) * ghost // 255).astype(np.uint8))
    if slant:
        matrix = np.array([[1, -slant, slant * size], [0, 1, 0]], np.float32)
        row, on = (np.asarray(cv2.warpAffine(m, matrix, (total, on.shape[0])), np.uint8) for m in (row, on))
    columns = np.flatnonzero(on.any(0))
    if not len(columns):
        return None
    row = row[:, columns[0] : columns[-1] + 1]
    return np.asarray(
        cv2.resize(row, (max(1, row.shape[1] // _SHARP), height), interpolation=cv2.INTER_AREA), np.uint8
    )


def _segments(w: float, h: float, t: float, fourteen: bool) -> list[tuple[float, float, float, float]]:
    """Middle lines of the segments of one place, in the order of the bits."""
    left, right, top, middle, bottom, centre = t / 2, w - t / 2, t / 2, h / 2, h - t / 2, w / 2
    ring = [(left, top, right, top), (right, top, right, middle), (right, middle, right, bottom),
            (left, bottom, right, bottom), (left, middle, left, bottom), (left, top, left, middle)]  # fmt: skip
    if not fourteen:
        return [*ring, (left, middle, right, middle)]
    return [*ring, (left, middle, centre, middle), (centre, middle, right, middle),
            (left + t, top + t, centre - t / 2, middle - t / 2), (centre, top, centre, middle),
            (right - t, top + t, centre + t / 2, middle - t / 2),
            (left + t, bottom - t, centre - t / 2, middle + t / 2), (centre, middle, centre, bottom),
            (right - t, bottom - t, centre + t / 2, middle + t / 2)]  # fmt: skip


def _bar(into: Mask, x0: float, y0: float, x1: float, y1: float, t: float, gap: float, blunt: bool) -> None:
    """One segment: a bar with pointed or blunt ends."""
    length = math.hypot(x1 - x0, y1 - y0)
    ux, uy = (x1 - x0) / max(length, 1), (y1 - y0) / max(length, 1)
    x0, y0, x1, y1 = x0 + ux * gap, y0 + uy * gap, x1 - ux * gap, y1 - uy * gap
    nx, ny, half = -uy, ux, t / 2
    cut = 0.0 if blunt else half
    corners = [(x0, y0), (x0 + ux * cut + nx * half, y0 + uy * cut + ny * half),
               (x1 - ux * cut + nx * half, y1 - uy * cut + ny * half), (x1, y1),
               (x1 - ux * cut - nx * half, y1 - uy * cut - ny * half),
               (x0 + ux * cut - nx * half, y0 + uy * cut - ny * half)]  # fmt: skip
    cv2.fillPoly(into, [np.array(corners).round().astype(np.int32)], 255)


def dot_row(rng: random.Random, text: str, height: int) -> Mask | None:
    """A row of dots, tight, even or as an ink jet throws them. None where a character can't be shown."""
    if any(c not in _DOTS and c != " " for c in text):
        return None
    other = rng.random() < 0.4
    columns: list[int] = []
    for character in text:
        code = _OTHER_DOTS.get(character, "") if other else ""
        code = code or _DOTS.get(character, "000000")
        shown = [int(code[i : i + 2], 16) for i in range(0, len(code), 2)]
        if character in ".,:":
            shown = shown[1:3]
        columns += [*shown, *([0] * rng.choice((1, 1, 1, 2)))]
    pitch = height * _SHARP / 7
    across = pitch * rng.uniform(0.72, 1.25)
    radius = pitch * rng.uniform(0.28, 0.6)
    jitter = pitch * rng.choice((0.0, 0.0, rng.uniform(0.03, 0.2)))
    square = rng.random() < 0.3 and not jitter
    lost = rng.choice((0.0, 0.0, 0.03))
    ghost = rng.choice((0, 0, rng.randint(8, 50)))
    row = np.zeros((height * _SHARP, math.ceil(len(columns) * across) + 2 * _SHARP), np.uint8)
    drift = [rng.uniform(-1, 1) * jitter for _ in range(7)]
    for i, column in enumerate(columns[:-1]):
        for j in range(7):
            value = 255 if column >> j & 1 and rng.random() >= lost else ghost
            if not value:
                continue
            x = (i + 0.5) * across + rng.uniform(-jitter, jitter) / 2 + drift[j]
            y = (j + 0.5) * pitch + rng.uniform(-jitter, jitter) / 2
            if square:
                low, high = (round(x - radius), round(y - radius)), (round(x + radius), round(y + radius))
                cv2.rectangle(row, low, high, value, -1)
            else:
                cv2.circle(row, (round(x), round(y)), max(1, round(radius)), value, -1, cv2.LINE_AA)
    inked = np.flatnonzero((row > 200).any(0))
    if not len(inked):
        return None
    row = row[:, inked[0] : inked[-1] + 1]
    return np.asarray(
        cv2.resize(row, (max(1, row.shape[1] // _SHARP), height), interpolation=cv2.INTER_AREA), np.uint8
    )
