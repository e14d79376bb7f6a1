"""Where the digit is in a grey picture, and how it is laid into the square that the classifier sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.errors import InputError
from core.opencv import cv2
from core.reading import Box

INPUT_SIZE = 32
"""Side of the classifier's input, pixels."""

INK_SHARE = 20 / 28
"""Share of the frame that a digit's longer side spans, as in MNIST."""

_WORK = 320  # longer side, pixels, of the picture in which ink is looked for
_MIN_CONTRAST = 14.0  # grey levels between ink and ground; less is noise
_MIN_INK = 5  # pixels; what is shorter can't be read however it is framed
_CLEAN = 5  # grey levels off its median that the border of a drawn or scanned picture is at most
_STRONG = 0.4  # share of the contrast from which a pixel is ink, not its soft edge
_WEAK = 0.15  # share of the contrast below which a pixel is ground


@dataclass(frozen=True)
class Ink:
    """Ink on a near-uniform ground. box: around it, pixels of the picture. ground: its grey value."""

    box: Box
    ground: float


def frame_digit(gray: np.ndarray, size: int = INPUT_SIZE) -> np.ndarray:
    """The one path any picture of one digit takes to the network: (H, W) uint8 → (size, size) uint8.

    Ink on a near-uniform ground, dark or light, is cropped so that its longer side spans INK_SHARE of
    the frame, and centred. A picture framed about that way already, and every photo, is left whole: made
    square with the grey of its border, and resized by area.

    Raises:
        InputError: `gray` is not a two-dimensional uint8 picture, or is empty.
    """
    check_gray(gray)
    ink = find_ink(gray)
    if ink is None:
        return _whole(gray, size)
    h, w = gray.shape
    box, longer = ink.box, max(h, w)
    share = max(box.w, box.h) / longer
    off = max(abs(box.x + box.w / 2 - w / 2), abs(box.y + box.h / 2 - h / 2)) / longer
    if abs(share - INK_SHARE) <= 0.09 and off <= 0.12:
        return _whole(gray, size)
    side = max(box.w, box.h) / INK_SHARE
    return _square(gray, box.x + box.w / 2, box.y + box.h / 2, side, size, round(ink.ground))


def crop_box(gray: np.ndarray, box: Box, size: int = INPUT_SIZE) -> np.ndarray:
    """The digit in `box` with its surroundings: (size, size) uint8, the box's longer side spanning INK_SHARE.

    What lies beyond the picture repeats its edge. `box` is in pixels of `gray` and may reach over its edge.

    Raises:
        InputError: `gray` is not a picture, the box has no area or lies outside the picture.
    """
    check_gray(gray)
    h, w = gray.shape
    if not (box.w > 0 and box.h > 0 and box.x < w and box.y < h and box.x + box.w > 0 and box.y + box.h > 0):
        raise InputError(f"The box {box.as_list()} does not lie in the picture of {w}x{h} pixels.")
    side = max(box.w, box.h) / INK_SHARE
    return _square(gray, box.x + box.w / 2, box.y + box.h / 2, side, size, None)


def check_gray(gray: np.ndarray) -> None:
    """Raises InputError where `gray` is not (H, W) uint8 with at least one pixel."""
    if gray.ndim != 2 or gray.dtype != np.uint8 or gray.size == 0:
        raise InputError(f"Not a grey picture: {gray.dtype} values of shape {gray.shape}.")


def border_median(gray: np.ndarray) -> int:
    """The median grey value of the outermost pixels."""
    return int(np.median(_border(gray)))


def _border(values: np.ndarray) -> np.ndarray:
    return np.concatenate([values[0], values[-1], values[1:-1, 0], values[1:-1, -1]])


def find_ink(gray: np.ndarray) -> Ink | None:
    """Where the ink is in a (H, W) uint8 picture of ink on a near-uniform ground; None for any other.

    The ground may be shaded (a page under a lamp): then a parabola is fitted to it. Careful rather than
    keen: a wrong crop costs more than none, so whatever looks like a photo is None.
    """
    h, w = gray.shape
    if min(h, w) < 4 or max(h, w) < 8:
        return None
    factor = max(max(h, w) / _WORK, 1.0)
    work = gray
    if factor > 1:
        shape = (max(round(w / factor), 4), max(round(h / factor), 4))
        work = np.asarray(cv2.resize(gray, shape, interpolation=cv2.INTER_AREA))
    edge = _border(work)
    ground = float(np.median(edge))
    rest = work.astype(np.float32)
    clean = float((np.abs(edge.astype(np.float32) - ground) <= _CLEAN).mean()) >= 0.8
    if clean:
        rest -= ground
        noise = 0.0
    else:
        rest -= _shaded_ground(rest)
        noise = 1.4826 * float(np.median(np.abs(rest)))
    size = np.abs(rest)
    contrast = float(np.partition(size.ravel(), -12)[-12:].mean())
    if contrast < max(_MIN_CONTRAST, 6 * noise):
        return None
    weak = max(_WEAK * contrast, 3 * noise)
    dark, light = rest < -_STRONG * contrast, rest > _STRONG * contrast
    n_dark, n_light = int(dark.sum()), int(light.sum())
    ink, n_ink, n_other = (dark, n_dark, n_light) if n_dark > n_light else (light, n_light, n_dark)
    n_ground = int((size < weak).sum())
    soft = work.size - n_ground - n_ink - n_other
    if n_other > 0.15 * n_ink or n_ground < 0.5 * work.size or soft > 0.25 * work.size + n_ink:
        return None
    if _border(ink).mean() > 0.2:
        return None
    area = _ink_area(ink, clean)
    if area is None:
        return None
    left, top, right, bottom = area
    # The soft edge belongs to the ink too, as it does in MNIST's own framing.
    y0, x0 = max(top - 2, 0), max(left - 2, 0)
    near = size[y0 : bottom + 2, x0 : right + 2] > weak
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    left, right, top, bottom = x0 + columns[0], x0 + columns[-1] + 1, y0 + rows[0], y0 + rows[-1] + 1
    fx, fy = w / work.shape[1], h / work.shape[0]
    box = Box(float(left * fx), float(top * fy), float((right - left) * fx), float((bottom - top) * fy))
    return Ink(box, ground) if max(box.w, box.h) >= _MIN_INK else None


def _shaded_ground(values: np.ndarray) -> np.ndarray:
    """The parabola in x and y that most pixels follow: least squares, outliers weighed down (Cauchy)."""
    h, w = values.shape
    y, x = np.linspace(-1, 1, h, dtype=np.float32), np.linspace(-1, 1, w, dtype=np.float32)
    rows, columns = _spread(h), _spread(w)
    gy, gx = np.meshgrid(y[rows], x[columns], indexing="ij")
    samples = values[np.ix_(rows, columns)].ravel().astype(np.float64)
    basis = np.stack([np.ones_like(gx), gx, gy, gx * gx, gx * gy, gy * gy], axis=-1).reshape(-1, 6)
    basis = basis.astype(np.float64)
    weight = np.where(np.maximum(np.abs(gx), np.abs(gy)).ravel() > 0.85, 1.0, 0.05)
    fit = np.zeros(6)
    for _ in range(6):
        weighed = basis * weight[:, None]
        fit = np.linalg.solve(weighed.T @ basis + 1e-3 * np.eye(6), weighed.T @ samples)
        away = np.abs(samples - basis @ fit)
        weight = 1 / (1 + (away / max(2 * float(np.median(away)), 3.0)) ** 2)
    c, cx, cy, cxx, cxy, cyy = fit
    ground = (c + cx * x + cxx * x * x)[None] + (cy * y + cyy * y * y)[:, None] + cxy * y[:, None] * x[None]
    return np.asarray(ground, np.float32)


def _spread(n: int) -> np.ndarray:
    """At most 40 indices, evenly from the first to the last of n."""
    return np.unique(np.linspace(0, n - 1, min(n, 40)).astype(np.int64))


def _ink_area(ink: np.ndarray, clean: bool) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) around what is no speck, window's edge or box drawn around the digit.

    None where it is not one thing: too many pieces, two side by side, or, unless the ground is clean, ink
    that the picture's edge cuts through (a crop of a photo, which shows parts of the neighbours).
    """
    h, w = ink.shape
    n, _, stats, _ = cv2.connectedComponentsWithStats(ink.view(np.uint8), connectivity=8)
    if n < 2:
        return None
    x, y, bw, bh, area = (stats[1:, i] for i in range(5))
    at_side = (x == 0) | (x + bw == w)
    at_end = (y == 0) | (y + bh == h)
    line = (at_side & (bh >= 0.6 * h) & (bw <= 0.12 * w)) | (at_end & (bw >= 0.6 * w) & (bh <= 0.12 * h))
    outline = (bw >= 0.85 * w) & (bh >= 0.85 * h) & (area < 0.25 * bw * bh)
    extra = line | outline
    keep = ~extra if not extra.all() else np.ones(len(area), bool)
    keep &= area >= max(0.04 * float(area[keep].max()), 3)
    if not keep.any() or int(keep.sum()) > 40:
        return None
    x, y, bw, bh = x[keep], y[keep], bw[keep], bh[keep]
    left, top, right, bottom = int(x.min()), int(y.min()), int((x + bw).max()), int((y + bh).max())
    if not clean and (left <= 0 or top <= 0 or right >= w or bottom >= h):
        return None
    if right - left > (0.9 if clean else 0.7) * (bottom - top) and _side_by_side(x, bw, bh, bottom - top):
        return None
    return left, top, right, bottom


def _side_by_side(x: np.ndarray, w: np.ndarray, h: np.ndarray, height: int) -> bool:
    """Whether two tall pieces stand beside each other with a gap between, as two digits do."""
    tall = h >= 0.6 * height
    order = np.argsort(x[tall])
    left, right = x[tall][order], (x + w)[tall][order]
    return bool(np.any(left[1:] >= np.maximum.accumulate(right)[:-1]))


def _whole(gray: np.ndarray, size: int) -> np.ndarray:
    h, w = gray.shape
    if h == w:
        return _resize(gray, size)
    return _square(gray, w / 2, h / 2, max(h, w), size, border_median(gray))


def _resize(square: np.ndarray, size: int) -> np.ndarray:
    side = square.shape[0]
    if side == size:
        return square.copy()
    # cv2's "area" is nearest neighbour when it enlarges.
    how = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (size, size), interpolation=how))


def _square(
    gray: np.ndarray, cx: float, cy: float, side: float, size: int, ground: int | None
) -> np.ndarray:
    """The square of `side` pixels around (cx, cy), resized; beyond the picture `ground`, or its edge."""
    if side < 2 * size:
        # Small: an exact affine map. Twice the size first, then halved, so that it does not alias.
        over = 2 * size if side > size else size
        scale = over / side
        matrix = np.array(
            [[scale, 0, over / 2 - 0.5 - scale * (cx - 0.5)], [0, scale, over / 2 - 0.5 - scale * (cy - 0.5)]]
        )
        mode, value = (cv2.BORDER_REPLICATE, 0) if ground is None else (cv2.BORDER_CONSTANT, ground)
        out = cv2.warpAffine(
            gray, matrix, (over, over), flags=cv2.INTER_LINEAR, borderMode=mode, borderValue=value
        )
        return _resize(np.asarray(out), size)
    n = round(side)
    x, y = round(cx - side / 2), round(cy - side / 2)
    h, w = gray.shape
    part = gray[max(y, 0) : max(min(y + n, h), 0), max(x, 0) : max(min(x + n, w), 0)]
    top, left = max(-y, 0), max(-x, 0)
    bottom, right = n - top - part.shape[0], n - left - part.shape[1]
    if n > 4 * _WORK:
        # A crop far larger than the frame: first smaller, then padded, so that padding costs no memory.
        small = 2 * _WORK
        factor = small / n
        shape = (max(round(part.shape[1] * factor), 1), max(round(part.shape[0] * factor), 1))
        part = cv2.resize(part, shape, interpolation=cv2.INTER_AREA)
        n = small
        top, left = min(round(top * factor), n - shape[1]), min(round(left * factor), n - shape[0])
        bottom, right = n - top - shape[1], n - left - shape[0]
    if top or left or bottom or right:
        mode, value = (cv2.BORDER_REPLICATE, 0) if ground is None else (cv2.BORDER_CONSTANT, ground)
        part = cv2.copyMakeBorder(part, top, bottom, left, right, mode, value=value)
    return _resize(np.ascontiguousarray(part), size)
