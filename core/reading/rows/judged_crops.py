"""What the classifier says of places in one picture: each place is asked for once, however often it is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

from core.reading.classifier import Classification
from core.reading.images import crop_box
from core.reading.model_file import ModelInfo
from core.reading.types import Box

Look = tuple[Classification, npt.NDArray[np.uint8]]
"""What the classifier says of a place, and the crop it got."""


class DigitClassifier(Protocol):
    """What says which digit a crop shows; `Classifier` is the real one."""

    @property
    def info(self) -> ModelInfo: ...
    def classify(self, crops: npt.NDArray[np.uint8]) -> list[Classification]: ...


class JudgedCrops:
    """The places of one picture (H,W) uint8 that the classifier has seen."""

    def __init__(self, classifier: DigitClassifier | None, gray: npt.NDArray[np.uint8]) -> None:
        """classifier: None says nothing of any place."""
        self.classifier, self.gray = classifier, gray
        self._seen: dict[tuple[int, int, int, int], Look] = {}

    def at(self, boxes: Sequence[Box]) -> list[Look | None]:
        """One answer a box; boxes whose edges are less than a pixel apart share theirs."""
        if self.classifier is None:
            return [None] * len(boxes)
        keys = [(round(b.x), round(b.y), round(b.x + b.w), round(b.y + b.h)) for b in boxes]
        new = {key: box for key, box in zip(keys, boxes, strict=True) if key not in self._seen}
        if new:
            size = self.classifier.info.input_size
            crops = np.stack([crop_box(self.gray, box, size) for box in new.values()])
            said = self.classifier.classify(crops)
            self._seen.update(zip(new, zip(said, crops, strict=True), strict=True))
        return [self._seen[key] for key in keys]
