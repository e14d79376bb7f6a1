"""The detector, live: a grey picture → the digits and letters in it."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base.errors import ModelError
from core.base.opencv import cv2
from core.reading.detector_decoding import Detections, Level, decode
from core.reading.detector_format import CHANNELS, MULTIPLE, PATCH, STRIDE
from core.reading.model_file import ModelInfo, open_session, read_model_file, run_session

_log = logging.getLogger(__name__)

Gray = npt.NDArray[np.uint8]
Infer = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
"""(1,1,H,W) in 0–1, sides multiples of MULTIPLE → maps, as `Level` takes them."""

MARGIN = 8
"""Pixels added around a level, so that a digit at the picture's edge has surroundings."""
LONGEST = 1280
"""Pictures whose longer side has no more pixels are looked at as they are."""
FINEST = 0.65
"""Scale of the finest level of larger ones: digits of 20 pixels become 13 there, which is enough."""
MOST_PIXELS = 16_000_000
"""Of the finest level; only of pictures of more than 38 million pixels something smaller is lost."""
BAND_PIXELS = 3_000_000
"""Larger levels are looked at in bands, so that they take no more memory."""
BAND_OVERLAP = 96
"""Pixels that a band sees above and below what it answers for; a multiple of MULTIPLE."""
FINE_BELOW = 130_000
"""Pictures of fewer pixels get levels a factor √2 apart instead of 2: they are cheap, and two looks are better."""
GROWN = 144
"""Pictures whose shorter side has fewer pixels are enlarged to that, at most MOST_GROWN times."""
MOST_GROWN = 2.5
TALLEST = 52.0
"""The coarsest level is the first at which no digit can be taller, pixels."""

_STEP = STRIDE * PATCH
"""Rows of a model file's maps stand so many pixels apart."""


class Detector:
    """A loaded detector. `reader` is what its file says of how readings are made from what it finds."""

    def __init__(
        self, infer: Infer, info: ModelInfo, reader: dict[str, Any], path: Path | None = None
    ) -> None:
        """Use `load`; tests and the training give an `infer` of their own."""
        self.infer, self.info, self.reader, self.path = infer, info, reader, path

    @classmethod
    def load(cls, path: str | Path, *, threads: int = 2) -> Detector:
        """Open a model file. threads: that one call may use.

        Raises ModelError, naming the file and the reason, where it is missing, damaged, or no detector of ours.
        """
        path = Path(path)
        data, info = read_model_file(path, kind="detector")
        session = open_session(data, path, threads=threads, inputs=["images"], outputs=["maps"])

        def infer(images: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
            (maps,) = run_session(session, path, ["maps"], {"images": images})
            only: npt.NDArray[np.float32] = maps[0]
            return only

        try:
            reader = json.loads(session.get_modelmeta().custom_metadata_map.get("gnc_reader") or "{}")
        except ValueError:
            reader = None
        trial = infer(np.zeros((1, 1, 2 * MULTIPLE, 3 * MULTIPLE), np.float32))
        shape = (CHANNELS * PATCH**2, 2 * MULTIPLE // _STEP, 3 * MULTIPLE // _STEP)
        if not isinstance(reader, dict) or trial.shape != shape or not np.isfinite(trial).all():
            raise ModelError(f"{path} is damaged: it does not compute what a detector does.")
        _log.info("Detector opened: %s (recipe %s, revision %s)", path, info.recipe, info.revision)
        return cls(infer, info, reader, path)

    def find(self, gray: Gray) -> Detections:
        """The characters of a picture (H,W) uint8, likeliest first."""
        return decode([self._look(gray, scale) for scale in pyramid(*gray.shape)])

    def _look(self, gray: Gray, scale: float) -> Level:
        h, w = gray.shape
        tall, wide = max(1, round(h * scale)), max(1, round(w * scale))
        level = gray
        if (tall, wide) != (h, w):
            how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
            level = np.asarray(cv2.resize(gray, (wide, tall), interpolation=how))
        below = MARGIN + (-(tall + 2 * MARGIN)) % MULTIPLE
        right = MARGIN + (-(wide + 2 * MARGIN)) % MULTIPLE
        padded = cv2.copyMakeBorder(level, MARGIN, below, MARGIN, right, cv2.BORDER_REPLICATE)
        images = np.multiply(padded, np.float32(1 / 255), dtype=np.float32)[None, None]
        return Level(self.maps_of(images), wide / w, tall / h, MARGIN, MARGIN)

    def maps_of(self, images: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """The maps of a level, computed in bands where it is large. images: (1, 1, H, W), 0–1."""
        h, w = images.shape[2:]
        if h * w <= BAND_PIXELS:
            return self.infer(images)
        tall = max(BAND_PIXELS // w // MULTIPLE, 16) * MULTIPLE
        parts = []
        for top in range(0, h, tall):
            above = min(top, BAND_OVERLAP)
            bottom = min(top + tall, h)
            maps = self.infer(np.ascontiguousarray(images[:, :, top - above : min(bottom + BAND_OVERLAP, h)]))
            parts.append(maps[:, above // _STEP : (above + bottom - top) // _STEP])
        return np.concatenate(parts, axis=1)


def pyramid(h: int, w: int) -> list[float]:
    """The scales at which a picture of h x w pixels is looked at, finest first."""
    finest = min(1.0, max(LONGEST / max(h, w), min(FINEST, math.sqrt(MOST_PIXELS / (h * w)))))
    if min(h, w) < GROWN and max(h, w) <= LONGEST / 2:
        finest = min(GROWN / min(h, w), MOST_GROWN)
    step = math.sqrt(0.5) if h * w * finest**2 < FINE_BELOW else 0.5
    # A digit is as tall as the picture at most, and hardly taller than three widths.
    tallest = min(h, 3 * w)
    scales = [finest]
    while tallest * scales[-1] > TALLEST:
        scales.append(scales[-1] * step)
    return scales
