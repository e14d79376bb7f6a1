"""Rows of hand-written digits, and of digits painted stroke by stroke: masks of ink, 255 on 0."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2

Mask = npt.NDArray[np.uint8]
_SIZE = 48
_SIGNS = ".,-/:"


@dataclass(frozen=True)
class Hand:
    """The digits of one writer, or of one set: per digit how many there are and how one is drawn.

    draw(digit, index, pen): ink (h, w) of any size; pen: width of the line as a share of the height.
    """

    counts: Sequence[int]
    draw: Callable[[int, int, float], Mask]


def pen_row(rng: random.Random, text: str, hand: Hand) -> Mask | None:
    """Digits of a hand side by side, near, touching or overlapping. None where the hand lacks one."""
    if any(c not in _SIGNS and not (c.isdigit() and hand.counts[int(c)]) for c in text):
        return None
    pen = rng.uniform(0.05, 0.14)
    kind = rng.random()
    spacing = (
        rng.uniform(0.02, 0.2)
        if kind < 0.6
        else rng.uniform(-0.14, 0.02)
        if kind < 0.88
        else rng.uniform(0.2, 0.6)
    )
    uneven = rng.uniform(0.0, 0.16)
    rise = rng.uniform(-0.04, 0.04)
    chosen: dict[str, int] = {}
    placed: list[tuple[Mask, int, int]] = []
    x, base = 0.0, 0.0
    for character in text:
        if character in _SIGNS:
            ink, up, gap = _sign(rng, character, pen)
        else:
            digit = int(character)
            # People write the same digit much the same way each time.
            if character not in chosen or rng.random() < 0.4:
                chosen[character] = rng.randrange(hand.counts[digit])
            ink = _fitted(rng, hand.draw(digit, chosen[character], pen), uneven)
            up, gap = ink.shape[0], spacing
        y = base - up + rng.uniform(-uneven, uneven) * _SIZE * 0.6
        placed.append((ink, round(x), round(y)))
        x += ink.shape[1] + gap * _SIZE
        base += rise * _SIZE
    return _joined(placed)


def _fitted(rng: random.Random, ink: Mask, uneven: float) -> Mask:
    """Cut to its ink and brought to about the row's height."""
    x, y, w, h = cv2.boundingRect((ink > 48).view(np.uint8))
    if w == 0:
        return np.zeros((_SIZE, 2), np.uint8)
    ink = ink[y : y + h, x : x + w]
    height = _SIZE * (1 - uneven * rng.random())
    width = max(2, round(min(w * height / h, 1.5 * height) * rng.uniform(0.88, 1.12)))
    return np.asarray(cv2.resize(ink, (width, round(height)), interpolation=cv2.INTER_LINEAR), np.uint8)


def _sign(rng: random.Random, character: str, pen: float) -> tuple[Mask, int, float]:
    """Ink, how far up its top stands, and the gap behind."""
    thick = max(2, round(pen * _SIZE))
    if character == "-":
        long = round(_SIZE * rng.uniform(0.2, 0.5))
        return np.full((thick, long), 255, np.uint8), round(_SIZE * rng.uniform(0.4, 0.6)), 0.12
    if character == "/":
        ink = np.zeros((round(_SIZE * 1.1), round(_SIZE * rng.uniform(0.25, 0.5))), np.uint8)
        cv2.line(
            ink,
            (thick // 2, ink.shape[0] - thick),
            (ink.shape[1] - thick, thick // 2),
            255,
            thick,
            cv2.LINE_AA,
        )
        return ink, round(_SIZE * 1.05), 0.08
    if character == ":":
        ink = np.zeros((round(_SIZE * 0.6), thick + 2), np.uint8)
        ink[:thick], ink[-thick:] = 255, 255
        return ink, round(_SIZE * 0.7), 0.12
    drop = thick if character == "." else round(_SIZE * rng.uniform(0.15, 0.3))
    ink = np.zeros((drop + 2, thick + 2), np.uint8)
    cv2.line(ink, (thick // 2 + 1, thick // 2), (thick // 2, drop - thick // 2), 255, thick, cv2.LINE_AA)
    return ink, thick, 0.12


def _joined(placed: list[tuple[Mask, int, int]]) -> Mask:
    left, top = min(x for _, x, _ in placed), min(y for _, _, y in placed)
    right = max(x + ink.shape[1] for ink, x, _ in placed)
    bottom = max(y + ink.shape[0] for ink, _, y in placed)
    mask = np.zeros((bottom - top, right - left), np.uint8)
    for ink, x, y in placed:
        part = mask[y - top : y - top + ink.shape[0], x - left : x - left + ink.shape[1]]
        np.maximum(part, ink, out=part)
    return mask


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, end: float) -> list[tuple[float, float]]:
    """Points of an ellipse; angles in degrees, clockwise from the right (y points down)."""
    count = 14
    angles = [math.radians(start + (end - start) * i / count) for i in range(count + 1)]
    return [(cx + rx * math.cos(a), cy + ry * math.sin(a)) for a in angles]


def painted_row(rng: random.Random, text: str) -> Mask | None:
    """Digits of lines and arcs: bold or thin, wide or squeezed, ones with a flag and no foot, sevens with a bar,
    nines that don't close. None for other characters."""
    if not text.isdigit():
        return None
    width, thick = rng.uniform(0.32, 0.75), rng.uniform(0.06, 0.26)
    forms = {digit: _form(rng, digit) for digit in set(text)}
    gap = rng.uniform(0.08, 0.35)
    round_ends = rng.random() < 0.6
    jitter = rng.choice((0.0, 0.0, 0.02))
    size = _SIZE * 2
    edge = math.ceil(thick * size)
    placed: list[tuple[Mask, int, int]] = []
    x = 0.0
    for digit in text:
        strokes, share = forms[digit]
        w = width * share * size
        ink = np.zeros((size + 2 * edge, math.ceil(w) + 2 * edge), np.uint8)
        for stroke in strokes:
            moved = [
                (px + rng.uniform(-jitter, jitter), py + rng.uniform(-jitter, jitter)) for px, py in stroke
            ]
            points = [(edge + px * w, edge + py * size) for px, py in moved]
            line = np.array(points).round().astype(np.int32)
            cv2.polylines(ink, [line], False, 255, max(1, round(thick * size)), cv2.LINE_AA)
            if not round_ends:
                for px, py in (line[0], line[-1]):
                    half = max(1, round(thick * size / 2))
                    cv2.rectangle(
                        ink, (int(px) - half, int(py) - half), (int(px) + half, int(py) + half), 255, -1
                    )
        bx, by, bw, bh = cv2.boundingRect(ink)
        ink = ink[by : by + bh, bx : bx + bw]
        placed.append((ink, round(x), by))
        x += ink.shape[1] + gap * size * rng.uniform(0.8, 1.2)
    row = _joined(placed)
    return np.asarray(cv2.resize(row, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)


def _form(rng: random.Random, digit: str) -> tuple[list[list[tuple[float, float]]], float]:
    """The strokes of a digit in a unit square, y down, and its width as a share of the others'."""
    u = rng.uniform
    if digit == "0":
        return [_arc(0.5, 0.5, 0.5, 0.5, -90, 270)], 1.0
    if digit == "1":
        flag, long = u(0.15, 0.5), u(0.4, 1.0)
        strokes = [[(1 - long, flag), (0.98, 0.0), (1.0, 1.0)]]
        if rng.random() < 0.12:
            strokes.append([(0.6, 1.0), (1.4, 1.0)])
        if rng.random() < 0.15:
            strokes = [[(1.0, 0.0), (1.0, 1.0)]]
        return strokes, u(0.4, 0.9)
    if digit == "2":
        return [[*_arc(0.5, 0.28, 0.48, 0.28, 190, 380), (0.02, 1.0), (1.0, 1.0)]], 1.0
    if digit == "3":
        if rng.random() < 0.3:
            return [[(0.05, 0.0), (0.95, 0.0), (0.45, 0.4), *_arc(0.48, 0.7, 0.5, 0.3, -90, 155)]], 1.0
        return [[*_arc(0.48, 0.26, 0.44, 0.26, 200, 440), *_arc(0.48, 0.74, 0.5, 0.26, 280, 515)]], 1.0
    if digit == "4":
        bar = u(0.6, 0.78)
        if rng.random() < 0.4:
            return [[(0.15, 0.0), (0.02, bar), (1.0, bar)], [(0.75, u(0.0, 0.35)), (0.75, 1.0)]], 1.0
        return [[(0.75, 1.0), (0.75, 0.0), (0.0, bar), (1.0, bar)]], 1.0
    if digit == "5":
        return [[(0.92, 0.0), (0.14, 0.0), (0.1, 0.44), *_arc(0.45, 0.68, 0.5, 0.32, -130, 150)]], 1.0
    if digit == "6":
        return [[(u(0.55, 0.85), 0.0), (0.12, 0.5), *_arc(0.5, 0.7, 0.48, 0.3, 180, 540)]], 1.0
    if digit == "7":
        strokes = [[(0.0, 0.0), (1.0, 0.0), (u(0.2, 0.5), 1.0)]]
        if rng.random() < 0.4:
            height = u(0.42, 0.58)
            strokes.append([(u(0.1, 0.3), height), (u(0.75, 1.0), height)])
        return strokes, 1.0
    if digit == "8":
        return [_arc(0.5, 0.25, 0.42, 0.25, 90, 450), _arc(0.5, 0.74, 0.5, 0.26, -90, 270)], 1.0
    opening = rng.choice((0.0, 0.0, u(20, 70)))  # a loop that doesn't close, or a flat top
    loop = _arc(0.5, 0.3, 0.48, 0.3, 0 - opening, -360)
    tail = [(0.98, 0.3), (u(0.5, 1.0), 1.0)] if rng.random() < 0.6 else [*_arc(0.5, 0.6, 0.48, 0.4, 0, 140)]
    return [loop, tail], 1.0


def hands_of(labels: npt.NDArray[np.integer], writers: npt.NDArray[np.integer],
             draw: Callable[[int, float], Mask]) -> list[Hand]:  # fmt: skip
    """One hand a writer who wrote every digit. draw(sample, pen): the ink of a sample of the set."""
    made = []
    for writer in np.unique(writers):
        own = np.flatnonzero(writers == writer)
        by_digit = [own[labels[own] == d] for d in range(10)]
        if sum(map(bool, map(len, by_digit))) >= 8:
            made.append(_hand(by_digit, draw))
    return made


def _hand(by_digit: Sequence[npt.NDArray[np.int64]], draw: Callable[[int, float], Mask]) -> Hand:
    samples: Mapping[int, npt.NDArray[np.int64]] = dict(enumerate(by_digit))
    return Hand([len(s) for s in by_digit], lambda digit, index, pen: draw(int(samples[digit][index]), pen))
