"""How a digit is laid into the square that the classifier sees."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.base.errors import InputError
from core.base.opencv import cv2
from core.reading.ink_mask import WORK, border, find_ink
from core.reading.types import INK_SHARE, INPUT_SIZE, Box

Gray = npt.NDArray[np.uint8]

ROOM = 1.25
"""Times the picture's longer side that the look with the edge repeated shows."""

_FINE = 4  # times the frame: the scale at which the width of lines is looked at
_LEGIBLE = 1.5 / 32  # share of the frame: the thinnest line that does not fade
_STREAK = 0.15  # share of a side over which its greys are averaged (sigma) before they are repeated
_OFF = 0.12  # share of the frame: how far off its middle a digit may be; training moves them no further


def frame_digit(gray: Gray, size: int = INPUT_SIZE) -> Gray:
    """The one path any picture of one digit takes to the network: (H, W) uint8 → (size, size) uint8.

    Ink on a near-uniform ground, dark or light, is cropped, or given room where it fills the picture, so that its
    longer side spans INK_SHARE of the frame, and centred. A small picture framed about that way already, and every
    photo, is left whole: made square with the greys of its sides, and resized by area.

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
    if longer <= _FINE * size and abs(share - INK_SHARE) <= 0.09 and off <= _OFF:
        return _whole(gray, size)
    if not ink.plain_border and share >= 0.5 and off <= _OFF:
        # A photo about right as it is: what was found may be no more than a part of it.
        return _whole(gray, size)
    side = max(box.w, box.h) / INK_SHARE
    return frame_ink(gray, box.x + box.w / 2, box.y + box.h / 2, side, size, round(ink.ground))


def frame_looks(gray: Gray, size: int = INPUT_SIZE) -> Gray:
    """The crops by which a picture of one digit is looked at, (L, size, size) uint8; the first is `frame_digit`'s.

    Thresholds can take a part of the ink for all of it, or the ink that fills a tight crop for its ground. So the
    network also sees all of the picture: as it is, with room whose edge is repeated, and with room of one grey, that of
    its border. Clean ink that is framed as the network wants it has one look.

    Raises:
        InputError: `gray` is not a two-dimensional uint8 picture, or is empty.
    """
    first = frame_digit(gray, size)
    whole = _whole(gray, size)
    is_framed = np.array_equal(first, whole)
    ink = find_ink(gray)
    if is_framed and ink is not None and ink.plain_border:
        return first[None]
    h, w = gray.shape
    longer = max(h, w)
    wider = square_around(gray, w / 2, h / 2, ROOM * longer, size, None)
    padded = square_around(gray, w / 2, h / 2, longer / INK_SHARE, size, border_median(gray))
    return np.stack([first, wider, padded] if is_framed else [first, whole, wider, padded])


def frame_ink(gray: Gray, cx: float, cy: float, side: float, size: int, ground: int) -> Gray:
    """As `square_around`, for ink: hair lines, which would fade in a much smaller frame, are made bolder."""
    if side <= _FINE * size:
        return square_around(gray, cx, cy, side, size, ground)
    fine = square_around(gray, cx, cy, side, _FINE * size, ground)
    dark = ground - int(fine.min()) > int(fine.max()) - ground
    width = _line_width(fine, ground)
    grain = round(side / (_FINE * size))  # pixels of the picture that became one
    if width < 3 and grain > 1:
        # Perhaps not even one of these wide, so that the average has paled it: bolder first, then smaller.
        x, y = max(int(cx - side / 2) - grain, 0), max(int(cy - side / 2) - grain, 0)
        part = gray[y : int(cy + side / 2) + grain, x : int(cx + side / 2) + grain]
        part = thicken_strokes(part, grain, dark)
        ground = border_median(part)  # the paper's grain has grown too
        fine = square_around(part, cx - x, cy - y, side, _FINE * size, ground)
        width = _line_width(fine, ground)
    missing = round(_LEGIBLE * _FINE * size - width)
    return _resize(thicken_strokes(fine, missing + 1, dark) if missing > 0 else fine, size)


def _line_width(gray: Gray, ground: int) -> float:
    """About how many pixels wide the lines of a drawing are; a line w wide has 2/w of its pixels at its edges."""
    away = np.abs(gray.astype(np.int16) - ground)
    ink = (away > 0.4 * away.max()).view(np.uint8)
    inner = np.asarray(cv2.erode(ink, np.ones((3, 3), np.uint8)))
    return 2 * int(ink.sum()) / max(int(ink.sum()) - int(inner.sum()), 1)


def thicken_strokes(gray: Gray, by: int, dark: bool) -> Gray:
    """Every line about `by` - 1 pixels wider."""
    pen = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (by, by))
    return np.asarray(cv2.erode(gray, pen) if dark else cv2.dilate(gray, pen))


def crop_box(gray: Gray, box: Box, size: int = INPUT_SIZE, *, zoom_out: float = 1.0) -> Gray:
    """The digit in `box` with its surroundings, (size, size) uint8: live, in training and when models are measured.

    The box's longer side spans INK_SHARE / zoom_out of the frame. What lies beyond the picture repeats its edge.
    box: pixels of `gray`; it may reach over the picture's edge.
    zoom_out: how many times the usual surroundings are shown; training keeps more, to turn and move digits.

    Raises:
        InputError: `gray` is not a picture, the box has no area or lies outside the picture.
    """
    check_gray(gray)
    h, w = gray.shape
    if not (box.w > 0 and box.h > 0 and box.x < w and box.y < h and box.x + box.w > 0 and box.y + box.h > 0):
        raise InputError(f"The box {box.as_list()} does not lie in the image of {w}x{h} pixels.")
    side = max(box.w, box.h) / INK_SHARE * zoom_out
    return square_around(gray, box.x + box.w / 2, box.y + box.h / 2, side, size, None)


def check_gray(gray: Gray) -> None:
    """Raises InputError where `gray` is not (H, W) uint8 with at least one pixel."""
    if gray.ndim != 2 or gray.dtype != np.uint8 or gray.size == 0:
        raise InputError(f"Not a grey image: {gray.dtype} values of shape {gray.shape}.")


def border_median(gray: Gray) -> int:
    """The median grey value of the outermost pixels."""
    return int(np.median(border(gray)))


def square_around(gray: Gray, cx: float, cy: float, side: float, size: int, ground: int | None) -> Gray:
    """The square of `side` pixels around (cx, cy), resized to (size, size); exact to fractions of a pixel.

    ground: the grey value beyond the picture; None repeats the picture's edge. The square overlaps the picture.
    """
    h, w = gray.shape
    # Sampled at twice the size and then halved, so that the result does not alias; a square with fewer pixels than
    # the result has nothing to alias.
    over = 2 * size if side > size else size
    x0, y0 = 0, 0
    if side > over:
        # Averaged down to that scale first, with a margin for the fractions of a pixel that the map moves it by.
        margin = side / 2 + 2 * side / over + 1
        x0, y0 = min(max(int(cx - margin), 0), w - 1), min(max(int(cy - margin), 0), h - 1)
        x1, y1 = min(max(int(cx + margin) + 1, x0 + 1), w), min(max(int(cy + margin) + 1, y0 + 1), h)
        wide, tall = max(round((x1 - x0) * over / side), 1), max(round((y1 - y0) * over / side), 1)
        part = gray[y0:y1, x0:x1]
        gray = np.asarray(cv2.resize(part, (wide, tall), interpolation=cv2.INTER_AREA), np.uint8)
        w, h = x1 - x0, y1 - y0
    # Pixels of `gray` a pixel of the picture, then pixels of the result a pixel of `gray`.
    shrink_x, shrink_y = gray.shape[1] / w, gray.shape[0] / h
    scale_x, scale_y = over / side / shrink_x, over / side / shrink_y
    # The middle of pixel i lies at i + 1/2; OpenCV counts from pixel middles.
    shift_x = over / 2 - 0.5 - scale_x * ((cx - x0) * shrink_x - 0.5)
    shift_y = over / 2 - 0.5 - scale_y * ((cy - y0) * shrink_y - 0.5)
    matrix = np.array([[scale_x, 0, shift_x], [0, scale_y, shift_y]])
    mode, value = (cv2.BORDER_REPLICATE, 0) if ground is None else (cv2.BORDER_CONSTANT, ground)
    out = cv2.warpAffine(
        gray, matrix, (over, over), flags=cv2.INTER_LINEAR, borderMode=mode, borderValue=value
    )
    return _resize(np.asarray(out, np.uint8), size)


def _whole(gray: Gray, size: int) -> Gray:
    """All of a picture; where it is no square, its longer sides go on with their own grey."""
    h, w = gray.shape
    if h == w:
        return _resize(gray, size)
    if max(h, w) > 2 * WORK:  # first smaller, so that the square costs no memory
        factor = 2 * WORK / max(h, w)
        shape = (max(round(w * factor), 1), max(round(h * factor), 1))
        gray = np.asarray(cv2.resize(gray, shape, interpolation=cv2.INTER_AREA))
        h, w = gray.shape
    upright = gray if h > w else gray.T
    missing = abs(h - w)
    before = np.repeat(_smooth(upright[:, :1]), missing // 2, axis=1)
    after = np.repeat(_smooth(upright[:, -1:]), missing - missing // 2, axis=1)
    square = np.concatenate([before, upright, after], axis=1)
    return _resize(np.ascontiguousarray(square if h > w else square.T), size)


def _smooth(side: Gray) -> Gray:
    """One side of a picture, (N, 1), without what would become streaks when it is repeated."""
    smooth = cv2.GaussianBlur(np.ascontiguousarray(side), (1, 0), 0.1, sigmaY=_STREAK * len(side))
    return np.asarray(smooth, np.uint8).reshape(side.shape)


def _resize(square: Gray, size: int) -> Gray:
    side = square.shape[0]
    if side == size:
        return square.copy()
    # cv2's "area" is nearest neighbour when it enlarges.
    how = cv2.INTER_AREA if side > size else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(square, (size, size), interpolation=how))
