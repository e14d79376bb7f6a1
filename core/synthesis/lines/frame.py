"""The frame in which rows of characters wait for training: one height, with what lies around them.

A row's characters fill the middle CONTENT of HEIGHT pixels; SIDE pixels stand before and behind them. Training cuts
its strips out of that, each time with other margins.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.base.opencv import cv2
from core.reading.types import Box

HEIGHT = 64
CONTENT = 36
TOP = (HEIGHT - CONTENT) // 2
SIDE = 28
LONGEST = 720
"""Content wider than this is squeezed, pixels."""

Gray = npt.NDArray[np.uint8]


def frame_row(picture: Gray, box: Box, *, is_ink: bool) -> Gray:
    """(HEIGHT, w + 2 SIDE): the row whose characters fill `box`; beyond the picture its edge goes on, ink doesn't."""
    scale = CONTENT / max(box.h, 1.0)
    width = max(1, round(min(box.w * scale, LONGEST)))
    across = min(scale, LONGEST / max(box.w, 1.0))
    x, y, factor = box.x, box.y, 1.0
    if scale < 0.6:  # bilinear sampling alone would skip pixels
        factor = max(scale * 1.3, 0.01)
        picture = np.asarray(
            cv2.resize(picture, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA), np.uint8
        )
    matrix = np.array(
        [[factor / across, 0, (x - SIDE / across) * factor], [0, factor / scale, (y - TOP / scale) * factor]]
    )
    border = cv2.BORDER_CONSTANT if is_ink else cv2.BORDER_REPLICATE
    how = (cv2.INTER_LINEAR if scale < 1 else cv2.INTER_CUBIC) | cv2.WARP_INVERSE_MAP
    return np.asarray(
        cv2.warpAffine(picture, matrix, (width + 2 * SIDE, HEIGHT), flags=how, borderMode=border), np.uint8
    )
