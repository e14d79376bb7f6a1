"""Rows of characters in a picture → upright strips for the line reader, and back from its steps to the picture."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.reading.line_format import HEIGHT, MARGIN_ENDS, MARGIN_SIDES, MAX_WIDTH, MIN_WIDTH, STRIDE
from core.reading.types import Box

WIDTHS = (32, 48, 64, 80, 96, 112, 136, 160, 192, 232, 280, 336, 400, 480, 560, 640)
"""Widths that strips have, so that many share a call; a strip is stretched or squeezed by a tenth at most."""
STRAIGHT = math.radians(2.0)
"""Rows that rise less are taken as level."""
STEEPEST = math.radians(40.0)
"""Rows that rise more are not straightened: their boxes say something else."""
UNEQUAL = 1.25
"""Up to three characters whose heights differ by more say nothing of a slant, unless it is STEEP."""
STEEP = math.radians(18.0)
"""So much no row of upright figures seems to rise, as old-style ones differ by less."""
STAIRS = math.radians(12.0)
"""Rows that rise more may be of upright characters, each higher than the one before: stairs."""


@dataclass(frozen=True)
class Row:
    """Where a row of characters stands: a rectangle, turned, or slanted as stairs are.

    x, y: its middle. w, h: along the row and across it, pixels. angle: by how much the row falls to the right,
    radians. is_upright: its characters stand upright although the row rises.
    """

    x: float
    y: float
    w: float
    h: float
    angle: float = 0.0
    is_upright: bool = False

    @classmethod
    def of_box(cls, box: Box) -> Row:
        """The level row that fills a box."""
        x, y = box.center
        return cls(x, y, box.w, box.h)

    @property
    def along(self) -> tuple[float, float]:
        """One pixel along the row, in the picture."""
        if self.is_upright:
            return 1.0, math.tan(self.angle)
        return math.cos(self.angle), math.sin(self.angle)

    @property
    def across(self) -> tuple[float, float]:
        """One pixel across the row, downwards."""
        return (0.0, 1.0) if self.is_upright else (-math.sin(self.angle), math.cos(self.angle))

    def point(self, u: float, v: float) -> tuple[float, float]:
        """In the picture: `u` pixels right of the row's middle, `v` below it."""
        (ax, ay), (bx, by) = self.along, self.across
        return self.x + u * ax + v * bx, self.y + u * ay + v * by

    def offset(self, x: float, y: float) -> tuple[float, float]:
        """Of a point of the picture: how far right of the row's middle, and how far below it."""
        (ax, ay), (bx, by) = self.along, self.across
        dx, dy = x - self.x, y - self.y
        size = ax * by - ay * bx
        return (dx * by - dy * bx) / size, (ax * dy - ay * dx) / size

    def part(self, left: float, right: float, top: float, bottom: float) -> Row:
        """The piece between these offsets from the middle."""
        x, y = self.point((left + right) / 2, (top + bottom) / 2)
        return replace(self, x=x, y=y, w=right - left, h=bottom - top)

    @property
    def box(self) -> Box:
        """The smallest upright box around it."""
        corners = [self.point(u, v) for u in (-self.w / 2, self.w / 2) for v in (-self.h / 2, self.h / 2)]
        xs, ys = zip(*corners, strict=True)
        return Box(min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys))

    def with_margins(self, ends: float = MARGIN_ENDS, sides: float = MARGIN_SIDES) -> Row:
        """With room around: shares of its height, left and right, above and below."""
        return replace(self, w=self.w + 2 * ends * self.h, h=self.h * (1 + 2 * sides))

    def without_margins(self, ends: float = MARGIN_ENDS, sides: float = MARGIN_SIDES) -> Row:
        """The row that `with_margins` has made this one of."""
        h = self.h / (1 + 2 * sides)
        return replace(self, w=self.w - 2 * ends * h, h=h)


def row_through(boxes: Sequence[Box]) -> Row:
    """The row that characters form, left to right; its slant is taken out, as far as it follows from their places."""
    assert boxes, "a row of nothing"
    angle = _slope(boxes)
    level = Row(*Box.around(list(boxes)).center, 1.0, 1.0, angle)
    wide, tall = math.cos(angle), abs(math.sin(angle))
    spans = []
    for box in boxes:
        u, v = level.offset(*box.center)
        # An upright box around a turned character is larger than the character.
        h = min(max((box.h * wide - box.w * tall) / max(wide**2 - tall**2, 0.2), 0.6 * box.h), box.h)
        w = min(max((box.w * wide - box.h * tall) / max(wide**2 - tall**2, 0.2), 0.6 * box.w), box.w)
        spans.append((u - w / 2, u + w / 2, v - h / 2, v + h / 2))
    left, right, top, bottom = np.array(spans).T
    return level.part(float(left.min()), float(right.max()), float(top.min()), float(bottom.max()))


def _slope(boxes: Sequence[Box]) -> float:
    """The angle of the line through the characters: of tops, middles and bottoms, the one that rises least.

    Digits of old-style figures differ in height and place; a row of them is level all the same.
    """
    if len(boxes) < 2:
        return 0.0
    x = np.array([b.center[0] for b in boxes])
    if float(np.ptp(x)) < 0.25 * max(b.h for b in boxes):
        return 0.0
    edges = np.array([(b.y, b.y + b.h / 2, b.y + b.h) for b in boxes])
    heights = edges[:, 2] - edges[:, 0]
    away = x - x.mean()
    slopes = away @ (edges - edges.mean(0)) / (away @ away)
    if slopes.min() < 0 < slopes.max():
        return 0.0
    if len(boxes) < 4 and heights.max() > UNEQUAL * heights.min() and np.abs(slopes).min() < math.tan(STEEP):
        return 0.0
    angle = math.atan(float(slopes[np.abs(slopes).argmin()]))
    return angle if STRAIGHT < abs(angle) < STEEPEST else 0.0


def strip_width(row: Row, stretch: float = 1.0) -> int:
    """Of the strip of a row (with its margins): the one of WIDTHS that comes nearest to its aspect, or to one so many
    times as wide."""
    wanted = math.log(max(stretch * HEIGHT * row.w / max(row.h, 1e-6), 1e-6))
    return min(WIDTHS, key=lambda width: abs(math.log(width) - wanted))


def cut(gray: npt.NDArray[np.uint8], row: Row, stretch: float = 1.0) -> npt.NDArray[np.uint8]:
    """The strip of a row, (HEIGHT, W) uint8; beyond the picture its edge goes on. The row has its margins already.

    stretch: by how much its characters are made wider than they are.
    """
    width = strip_width(row, stretch)
    (ax, ay), (bx, by) = row.along, row.across
    x, y = row.point(-row.w / 2, -row.h / 2)
    px, py = row.w / width, row.h / HEIGHT  # pixels of the picture per pixel of the strip
    matrix = np.array([
        [ax * px, bx * py, x + (ax * px + bx * py) / 2 - 0.5],
        [ay * px, by * py, y + (ay * px + by * py) / 2 - 0.5],
    ])  # fmt: skip
    if max(px, py) > 1.6:  # bilinear sampling alone would skip pixels
        box = row.box
        h, w = gray.shape
        room = 2 * max(px, py)
        left, top = int(min(max(box.x - room, 0), w - 1)), int(min(max(box.y - room, 0), h - 1))
        right = int(min(max(box.x + box.w + room, left + 1), w))
        bottom = int(min(max(box.y + box.h + room, top + 1), h))
        zoom = 1.3 / max(px, py)
        piece = gray[top:bottom, left:right]
        size = max(round(piece.shape[1] * zoom), 1), max(round(piece.shape[0] * zoom), 1)
        zx, zy = size[0] / piece.shape[1], size[1] / piece.shape[0]
        gray = np.asarray(cv2.resize(piece, size, interpolation=cv2.INTER_AREA), np.uint8)
        matrix[:, 2] -= (left, top)
        matrix *= np.array([[zx], [zy]])
        matrix[:, 2] += (0.5 * zx - 0.5, 0.5 * zy - 0.5)
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    strip = cv2.warpAffine(gray, matrix, (width, HEIGHT), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(strip, np.uint8)


def offset_of_step(row: Row, step: float, count: int) -> float:
    """How far right of the row's middle a step of the answer lies; `count` steps span the strip."""
    return (step / max(count, 1) - 0.5) * row.w


assert (WIDTHS[0], WIDTHS[-1]) == (MIN_WIDTH, MAX_WIDTH)
assert not any(width % STRIDE for width in WIDTHS)
