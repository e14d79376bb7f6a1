"""Digits as a pen writes them, some in two strokes: 100 pixels high, its corner at (0, 0)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from core.reading.strokes import Stroke

Points = list[tuple[float, float]]


def _arc(cx: float, cy: float, rx: float, ry: float, start: float, stop: float) -> Points:
    """Degrees, clockwise on the screen from the right."""
    steps = [math.radians(start + (stop - start) * k / 24) for k in range(25)]
    return [(cx + rx * math.cos(t), cy + ry * math.sin(t)) for t in steps]


_PATHS: dict[int, list[Points]] = {
    0: [_arc(30, 50, 30, 50, -90, 270)],
    1: [[(0, 22), (18, 0), (18, 100)]],
    2: [[*_arc(28, 28, 28, 28, 190, 380), (0, 100), (60, 100)]],
    3: [_arc(26, 25, 26, 25, 200, 450) + _arc(26, 75, 30, 25, -90, 160)],
    4: [[(36, 0), (0, 66), (64, 66)], [(46, 36), (46, 100)]],
    5: [[(8, 2), (4, 46), *_arc(28, 68, 32, 32, -110, 150)], [(8, 2), (56, 2)]],
    6: [[(48, 0), (12, 46), *_arc(30, 70, 28, 30, 180, 540)]],
    7: [[(0, 0), (60, 0), (20, 100)], [(18, 50), (58, 50)]],
    8: [_arc(30, 25, 24, 25, 90, 450) + _arc(30, 75, 30, 25, -90, 270)],
    9: [[*_arc(30, 28, 28, 28, 0, 360), (54, 60), (44, 100)]],
}


def pen_digit(
    digit: int, x: float = 0.0, y: float = 0.0, *, scale: float = 1.0, width: float = 12.0
) -> tuple[Stroke, ...]:
    """The strokes of one digit, its corner at (x, y)."""
    return tuple(
        Stroke(tuple((x + px * scale, y + py * scale) for px, py in path), width) for path in _PATHS[digit]
    )


def pen_number(text: str, x: float = 0.0, y: float = 0.0, *, gap: float = 30.0) -> tuple[Stroke, ...]:
    """Digits side by side, `gap` pixels between them."""
    strokes: Sequence[Stroke] = ()
    for character in text:
        digit = pen_digit(int(character), x, y)
        strokes = (*strokes, *digit)
        x = max(px for stroke in digit for px, _ in stroke.points) + gap
    return tuple(strokes)
