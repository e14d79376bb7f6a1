"""The guide frame: only what lies inside it is read. Pure geometry in shares of the picture."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.reading.types import Reading

_LEAST = 0.06


@dataclass(frozen=True)
class Grip:
    """The edges of the guide that are held: -1 left or top, 1 right or bottom, 0 none. (0, 0): all of it."""

    dx: int
    dy: int


@dataclass(frozen=True)
class ReadingRegion:
    """A rectangle in shares of the picture's width and height."""

    x: float = 0.2
    y: float = 0.3
    w: float = 0.6
    h: float = 0.4

    def __post_init__(self) -> None:
        reach = max(self.x + self.w, self.y + self.h)
        inside = min(self.x, self.y) >= 0 and reach <= 1 + 1e-9
        if not (inside and min(self.w, self.h) >= _LEAST - 1e-9):
            raise ValueError(f"the guide {self} does not lie in the image")

    def region(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Left, top, right, bottom in pixels of a picture (the last two excluded); at least one pixel."""
        left, top = int(self.x * width), int(self.y * height)
        right, bottom = round((self.x + self.w) * width), round((self.y + self.h) * height)
        left, top = min(left, width - 1), min(top, height - 1)
        return left, top, max(right, left + 1), max(bottom, top + 1)

    def grip_at(self, x: float, y: float, reach_x: float, reach_y: float) -> Grip | None:
        """What is grasped at a point; reach: how near an edge must be, in shares of the picture."""
        if not (-reach_x <= x - self.x <= self.w + reach_x and -reach_y <= y - self.y <= self.h + reach_y):
            return None
        dx = -1 if abs(x - self.x) <= reach_x else 1 if abs(x - self.x - self.w) <= reach_x else 0
        dy = -1 if abs(y - self.y) <= reach_y else 1 if abs(y - self.y - self.h) <= reach_y else 0
        return Grip(dx, dy)

    def dragged(self, grip: Grip, dx: float, dy: float) -> ReadingRegion:
        """What is held, moved by shares of the picture; never out of it, never too small."""
        if grip == Grip(0, 0):
            return replace(
                self,
                x=min(max(self.x + dx, 0.0), 1 - self.w),
                y=min(max(self.y + dy, 0.0), 1 - self.h),
            )
        left, right = _edges(self.x, self.x + self.w, grip.dx, dx)
        top, bottom = _edges(self.y, self.y + self.h, grip.dy, dy)
        return ReadingRegion(left, top, right - left, bottom - top)

    def as_text(self) -> str:
        return " ".join(f"{v:.4f}" for v in (self.x, self.y, self.w, self.h))

    @classmethod
    def from_text(cls, text: str) -> ReadingRegion:
        """What `as_text` gave; the default guide for anything else."""
        try:
            return cls(*(float(v) for v in text.split()))
        except (TypeError, ValueError):
            return cls()


def _edges(low: float, high: float, held: int, move: float) -> tuple[float, float]:
    if held < 0:
        low = min(max(low + move, 0.0), high - _LEAST)
    elif held > 0:
        high = max(min(high + move, 1.0), low + _LEAST)
    return low, high


def shifted(reading: Reading, dx: float, dy: float) -> Reading:
    """A reading of a part of a picture, in pixels of the whole; (dx, dy) is the part's top left corner."""
    return reading.with_boxes(lambda box: replace(box, x=box.x + dx, y=box.y + dy))
