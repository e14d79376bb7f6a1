"""What made scenes look like, for the recipe `detector`."""

from __future__ import annotations

from dataclasses import dataclass

from core.recipes.fields import RecipeError, check_ranges, setting

LETTER = 10
"""Label of a letter or another mark that is no digit."""

IGNORED = 11
"""Label of something that is neither shown to be there nor not to be: cut off, too small, too large."""


@dataclass(frozen=True)
class Scenes:
    """Made number photos: sizes, layouts, faults. `core/synthesis/scene.py` carries it out."""

    size: int = setting(160, "Scene", "Side of a scene; a multiple of 16.", unit="px", low=64, high=640)
    fonts: int = setting(900, "Fonts", "At most so many faces of installed fonts.", low=1, high=10_000)
    empty: float = setting(0.3, "Empty", "Share of made scenes without any number.", low=0, high=1)
    words: float = setting(0.3, "Words", "Share of numbers with letters or words beside them.", low=0, high=1)
    ornaments: float = setting(
        0.25, "Ornaments", "Share of numbers with ironwork beside them.", low=0, high=1
    )
    handwritten: float = setting(0.12, "Handwritten", "Share of numbers written by hand.", low=0, high=1)
    displays: float = setting(
        0.12, "Displays", "Share of numbers shown by seven segments or by dots.", low=0, high=1
    )
    vertical: float = setting(0.1, "Vertical", "Share of numbers set from top to bottom.", low=0, high=1)
    tilt: float = setting(
        25.0, "Tilt", "Numbers turned by up to this angle either way.", unit="°", low=0, high=45
    )
    perspective: float = setting(
        0.25, "Perspective", "Seen from the side: near edge longer by up to this share.", low=0, high=0.5
    )
    contrast_min: float = setting(
        0.12,
        "Contrast, smallest",
        "Smallest difference between ink and ground, of the full range.",
        low=0.03,
        high=1,
    )
    faults: float = setting(
        1.0,
        "Camera faults",
        "How strong blur, coarse pixels, noise, JPEG and bad light are.",
        unit="×",
        low=0,
        high=3,
    )

    def __post_init__(self) -> None:
        check_ranges(self, "scenes.")
        if self.size % 16:
            raise RecipeError("scenes.size", f"{self.size} is not a multiple of 16.")
