"""How an image lies in a widget: fitted, zoomed, moved, mirrored."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.reading.types import Box

MAX_PIXEL = 48.0
"""An image's pixel is never shown larger than this many of the widget's."""
MAX_FIT = 16.0
"""A tiny image is enlarged at most so much to fill the widget."""


@dataclass(frozen=True)
class Viewport:
    """image, view: (width, height) in pixels; view in the widget's logical ones.

    zoom: 1 shows all of the image as large as fits. centre: the point of the image, as shares of its width
    and height, in the middle of the view. mirrored: left and right are swapped.
    """

    image: tuple[int, int]
    view: tuple[float, float]
    zoom: float = 1.0
    centre: tuple[float, float] = (0.5, 0.5)
    mirrored: bool = False

    @property
    def fit_scale(self) -> float:
        """Logical pixels of the widget for a pixel of the image at zoom 1."""
        w, h = self.image
        return min(max(self.view[0], 1.0) / max(w, 1), max(self.view[1], 1.0) / max(h, 1), MAX_FIT)

    @property
    def scale(self) -> float:
        return self.fit_scale * self.zoom

    @property
    def max_zoom(self) -> float:
        return max(8.0, MAX_PIXEL / self.fit_scale)

    @property
    def origin(self) -> tuple[float, float]:
        """Where the left edge of what is shown of the image, and its top edge, lie in the widget."""
        cx = 1 - self.centre[0] if self.mirrored else self.centre[0]
        return (
            self.view[0] / 2 - cx * self.image[0] * self.scale,
            self.view[1] / 2 - self.centre[1] * self.image[1] * self.scale,
        )

    def to_widget(self, x: float, y: float) -> tuple[float, float]:
        """A point of the image as a point of the widget."""
        left, top = self.origin
        if self.mirrored:
            x = self.image[0] - x
        return left + x * self.scale, top + y * self.scale

    def to_image(self, x: float, y: float) -> tuple[float, float]:
        """A point of the widget as a point of the image, perhaps outside of it."""
        left, top = self.origin
        x, y = (x - left) / self.scale, (y - top) / self.scale
        return (self.image[0] - x if self.mirrored else x), y

    def box_to_widget(self, box: Box) -> Box:
        x1, y1 = self.to_widget(box.x, box.y)
        x2, y2 = self.to_widget(box.x + box.w, box.y + box.h)
        return Box(min(x1, x2), y1, abs(x2 - x1), y2 - y1)

    def visible(self) -> tuple[int, int, int, int]:
        """The pixels of the image seen at least in part: left, top, right, bottom (the last two excluded)."""
        (x1, y1), (x2, y2) = self.to_image(0, 0), self.to_image(*self.view)
        w, h = self.image
        left, right = sorted((x1, x2))
        return (
            min(max(int(left), 0), w),
            min(max(int(y1), 0), h),
            min(max(int(right) + 1, 0), w),
            min(max(int(y2) + 1, 0), h),
        )

    def fitted(self) -> Viewport:
        return replace(self, zoom=1.0, centre=(0.5, 0.5))

    def around(self, box: Box, share: float) -> Viewport:
        """So large that a box fills this share of the view, in its middle where there is picture enough."""
        wanted = share * min(self.view[0] / max(box.w, 1e-6), self.view[1] / max(box.h, 1e-6))
        zoom = min(max(wanted / self.fit_scale, 1.0), self.max_zoom)
        x, y = box.center
        centre = (x / max(self.image[0], 1), y / max(self.image[1], 1))
        return replace(self, zoom=zoom, centre=centre).moved(0, 0)

    def at_scale(self, scale: float) -> Viewport:
        """A pixel of the image `scale` logical pixels wide, about the middle of the view."""
        return self.zoomed(scale / self.scale, self.view[0] / 2, self.view[1] / 2)

    def zoomed(self, factor: float, x: float, y: float) -> Viewport:
        """Larger (factor > 1) or smaller; the point (x, y) of the widget stays where it is."""
        zoom = min(max(self.zoom * factor, 1.0), self.max_zoom)
        px, py = self.to_image(x, y)
        there = replace(self, zoom=zoom)
        now_x, now_y = there.to_widget(px, py)
        return there.moved(x - now_x, y - now_y)

    def moved(self, dx: float, dy: float) -> Viewport:
        """The image shifted by logical pixels; it keeps filling the view as far as it can."""
        sx, sy = self.image[0] * self.scale, self.image[1] * self.scale
        cx = self.centre[0] + (dx if self.mirrored else -dx) / max(sx, 1e-9)
        cy = self.centre[1] - dy / max(sy, 1e-9)
        return replace(self, centre=(_kept(cx, sx, self.view[0]), _kept(cy, sy, self.view[1])))

    def resized(self, image: tuple[int, int], view: tuple[float, float]) -> Viewport:
        """For another size of image or widget; zoom and centre are kept as far as they can be."""
        there = replace(self, image=image, view=view)
        return replace(there, zoom=min(there.zoom, there.max_zoom)).moved(0, 0)


def _kept(centre: float, size: float, view: float) -> float:
    """A centre that leaves no gap beside an image `size` long in a view `view` long, if it can be."""
    if size <= view:
        return 0.5
    half = view / 2 / size
    return min(max(centre, half), 1 - half)
