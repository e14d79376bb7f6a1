"""Where the ink is in a grey picture of ink on a near-uniform ground; a photo is recognised as something else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from core.base.opencv import cv2
from core.reading.types import Box

Scalar = TypeVar("Scalar", bound=np.generic)

WORK = 320
"""Longer side, pixels, of the picture in which ink is looked for; larger ones are reduced to it."""

_MIN_CONTRAST = 14.0  # grey levels between ink and ground; less is noise
_MIN_INK = 5  # pixels; what is shorter can't be read however it is framed
_CLEAN = 5  # grey levels off its median that the border of a drawn or scanned picture is at most
_FLAT = 1  # grey level off its median that the ground of a picture made by a program is at most
_CUT = 0.2  # share of the border from which ink there is a photo's, not a digit's
_CUT_FLAT = 0.5  # the same where the ground is flat: small data sets cut digits off at their ink
_GROUND, _GROUND_FLAT = 0.5, 0.2  # share of the picture that is ground at least, and where that is flat
_STRONG = 0.4  # share of the contrast from which a pixel is ink, not its soft edge
_WEAK = 0.15  # share of the contrast below which a pixel is ground
_MAX_PIECES = 40


@dataclass(frozen=True)
class Ink:
    """Ink on a near-uniform ground. box: around it, pixels of the picture. ground: its grey value.

    plain_border: the picture's border has nearly one grey value, as of a drawing or a scan.
    """

    box: Box
    ground: float
    plain_border: bool


@dataclass(frozen=True)
class InkMask:
    """The ink of a picture, found on a smaller copy.

    ink: bool (h, w), without its soft edge.
    soft_edge: bool (h, w), with its soft edge.
    ground: the grey value at the border.
    plain_border: the border has nearly one grey value, as of a drawing or a scan.
    uniform: the border apart from ink has exactly one grey value, the picture's darkest or lightest; no camera
        gives that.
    scale: (x, y) pixels of the picture a pixel of the mask.
    """

    ink: NDArray[np.bool_]
    soft_edge: NDArray[np.bool_]
    ground: float
    plain_border: bool
    uniform: bool
    scale: tuple[float, float]


@dataclass(frozen=True)
class Pieces:
    """Connected pieces of ink that may be (parts of) digits. labels: int32 (h, w), which piece a pixel is.

    index: their values in `labels`. boxes: (n, 4) left, top, width, height, pixels of the mask.
    """

    labels: NDArray[np.int32]
    index: NDArray[np.int64]
    boxes: NDArray[np.int32]


def find_ink(gray: NDArray[np.uint8]) -> Ink | None:
    """Where the ink of one digit is in a (H, W) uint8 picture, or None: a photo, nothing, or several digits.

    Careful rather than keen: a wrong crop costs more than none.
    """
    mask = ink_mask(gray)
    pieces = ink_pieces(mask) if mask is not None else None
    if mask is None or pieces is None:
        return None
    area = _one_digit(pieces.boxes, mask)
    if area is None:
        return None
    box = soft_box(mask, *area)
    return Ink(box, mask.ground, mask.plain_border) if max(box.w, box.h) >= _MIN_INK else None


def ink_mask(gray: NDArray[np.uint8]) -> InkMask | None:
    """The ink of a (H, W) uint8 picture, dark or light; None where the picture is no ink on a plain ground.

    The ground may be shaded (a page under a lamp): then a parabola is fitted to it.
    """
    h, w = gray.shape
    if min(h, w) < 4 or max(h, w) < 8:
        return None
    factor = max(max(h, w) / WORK, 1.0)
    work = gray
    if factor > 1:
        shape = (max(round(w / factor), 4), max(round(h / factor), 4))
        work = np.asarray(cv2.resize(gray, shape, interpolation=cv2.INTER_AREA))
    edge = border(work)
    ground = float(np.median(edge))
    rest = work.astype(np.float32)
    away = np.abs(edge.astype(np.float32) - ground)
    extreme = min(ground - float(work.min()), float(work.max()) - ground) <= _FLAT
    uniform = extreme and float((away <= _FLAT).mean()) >= 1 - _CUT_FLAT
    plain_border = uniform or float((away <= _CLEAN).mean()) >= 0.8
    if plain_border:
        rest -= ground
        noise = 0.0
    else:
        rest -= _shaded_ground(rest)
        noise = 1.4826 * float(np.median(np.abs(rest)))
    size = np.abs(rest)
    contrast = float(np.partition(size.ravel(), -12)[-12:].mean())
    if contrast < max(_MIN_CONTRAST, 6 * noise):
        return None
    weak = min(max(_WEAK * contrast, 3 * noise), _STRONG * contrast)
    dark, light = rest < -_STRONG * contrast, rest > _STRONG * contrast
    n_dark, n_light = int(dark.sum()), int(light.sum())
    ink, n_ink, n_other = (dark, n_dark, n_light) if n_dark > n_light else (light, n_light, n_dark)
    soft_edge = size > weak
    n_ground = work.size - int(soft_edge.sum())
    n_between = work.size - n_ground - n_ink - n_other
    least = (_GROUND_FLAT if uniform else _GROUND) * work.size
    if n_other > 0.15 * n_ink or n_ground < least or n_between > 0.25 * work.size + n_ink:
        return None
    return InkMask(ink, soft_edge, ground, plain_border, uniform, (w / work.shape[1], h / work.shape[0]))


def ink_pieces(mask: InkMask) -> Pieces | None:
    """The pieces without specks, a window's edge or a box drawn around all.

    None where there are no pieces or too many, and where they take much of the border, which then shows no ground.
    """
    h, w = mask.ink.shape
    n, labels, stats, _ = cv2.connectedComponentsWithStats(mask.ink.view(np.uint8), connectivity=8)
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
    index = np.flatnonzero(keep) + 1
    if not 1 <= len(index) <= _MAX_PIECES:
        return None
    kept = np.zeros(n, bool)
    kept[index] = True
    if kept[border(labels)].mean() > (_CUT_FLAT if mask.uniform else _CUT):
        return None
    return Pieces(np.asarray(labels, np.int32), index, np.asarray(stats[:, :4], np.int32)[index])


def soft_box(mask: InkMask, left: int, top: int, right: int, bottom: int) -> Box:
    """The box of ink (pixels of the mask) with its soft edge, as in MNIST's own framing; in picture pixels."""
    y0, x0 = max(top - 2, 0), max(left - 2, 0)
    near = mask.soft_edge[y0 : bottom + 2, x0 : right + 2]
    rows, columns = np.flatnonzero(near.any(axis=1)), np.flatnonzero(near.any(axis=0))
    fx, fy = mask.scale
    width, height = columns[-1] + 1 - columns[0], rows[-1] + 1 - rows[0]
    return Box(
        float((x0 + columns[0]) * fx), float((y0 + rows[0]) * fy), float(width * fx), float(height * fy)
    )


def border(values: NDArray[Scalar]) -> NDArray[Scalar]:
    """The outermost values of a (H, W) array, each once."""
    if min(values.shape) < 2:
        return values.ravel()
    return np.concatenate([values[0], values[-1], values[1:-1, 0], values[1:-1, -1]])


def _one_digit(boxes: NDArray[np.int32], mask: InkMask) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) around the pieces; None where they are not one digit.

    Two tall ones side by side are two; unless the border is plain, ink that the picture's edge cuts through
    belongs to a crop of a photo, which shows parts of the neighbours.
    """
    h, w = mask.ink.shape
    x, y, bw, bh = boxes.T
    left, top, right, bottom = int(x.min()), int(y.min()), int((x + bw).max()), int((y + bh).max())
    if not mask.plain_border and (left <= 0 or top <= 0 or right >= w or bottom >= h):
        return None
    wide = right - left > (0.9 if mask.plain_border else 0.7) * (bottom - top)
    if wide and _side_by_side(x, bw, bh, bottom - top):
        return None
    return left, top, right, bottom


def _side_by_side(x: NDArray[np.int32], w: NDArray[np.int32], h: NDArray[np.int32], height: int) -> bool:
    """Whether two tall pieces stand beside each other with a gap between, as two digits do."""
    tall = h >= 0.6 * height
    order = np.argsort(x[tall])
    left, right = x[tall][order], (x + w)[tall][order]
    return bool(np.any(left[1:] >= np.maximum.accumulate(right)[:-1]))


def _shaded_ground(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The parabola in x and y that most pixels follow: least squares, outliers weighed down (Cauchy)."""
    h, w = values.shape
    y, x = np.linspace(-1, 1, h, dtype=np.float32), np.linspace(-1, 1, w, dtype=np.float32)
    rows, columns = _spread(h), _spread(w)
    gy, gx = (g.ravel().astype(np.float64) for g in np.meshgrid(y[rows], x[columns], indexing="ij"))
    samples = values[np.ix_(rows, columns)].ravel().astype(np.float64)
    basis = np.stack([np.ones_like(gx), gx, gy, gx * gx, gx * gy, gy * gy], axis=1)
    # The border is ground more often than the middle: it makes the first guess.
    weight = np.where(np.maximum(np.abs(gx), np.abs(gy)) > 0.85, 1.0, 0.05)
    fit: NDArray[np.floating] = np.zeros(6)
    for _ in range(6):
        weighed = basis * weight[:, None]
        fit = np.linalg.solve(weighed.T @ basis + 1e-3 * np.eye(6), weighed.T @ samples)
        away = np.abs(samples - basis @ fit)
        weight = 1 / (1 + (away / max(2 * float(np.median(away)), 3.0)) ** 2)
    c, cx, cy, cxx, cxy, cyy = fit
    ground = (c + cx * x + cxx * x * x)[None] + (cy * y + cyy * y * y)[:, None] + cxy * y[:, None] * x[None]
    return np.asarray(ground, np.float32)


def _spread(n: int) -> NDArray[np.int64]:
    """At most 40 indices, evenly from the first to the last of n."""
    return np.unique(np.linspace(0, n - 1, min(n, 40)).astype(np.int64))
