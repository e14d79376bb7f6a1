"""Numbers by themselves, printed or written by hand, in fonts and hands that no training uses: made here, always the
same ones. What a machine without any photos of numbers measures readers on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.base.errors import DataError
from core.base.paths import Places
from core.datasets.detector_scenes import load_scene_assets
from core.loaders.number_photos import NumberPhoto
from core.recipes.scenes import Scenes
from core.synthesis.scene import make_number, scene_random

NAME = "made-numbers"
PICTURES = 200
SEED = 99
_LOOKS = Scenes(size=320, handwritten=0.5, contrast_min=0.25, ornaments=0.0, faults=0.7)


@dataclass(frozen=True)
class MadeNumbers:
    """photos: with their number. pictures: (H,W) uint8 by file name."""

    photos: list[NumberPhoto]
    pictures: Mapping[str, npt.NDArray[np.uint8]]

    def picture(self, photo: NumberPhoto) -> npt.NDArray[np.uint8]:
        return self.pictures[photo.file.name]


def made_numbers(places: Places) -> MadeNumbers:
    """The pictures. Raises DataError where there are no fonts."""
    assets = load_scene_assets(_LOOKS, places, "dev")
    if not len(assets.glyphs):
        raise DataError("There are no fonts to make numbers of.")
    photos, pictures = [], {}
    for index in range(PICTURES):
        image, number = make_number(scene_random(SEED, index), _LOOKS, assets)
        file = Path(f"{NAME}-{index:03}")
        photos.append(NumberPhoto(file, NAME, "validation", number, number))
        pictures[file.name] = image
    return MadeNumbers(photos, pictures)
