"""How much each kind of augmentation changes a digit, for the recipes of classifiers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from core.recipes.fields import RecipeError, check_ranges, setting


@dataclass(frozen=True)
class Augmentation:
    """How much each kind of augmentation changes a digit; 0 turns a kind off. See `core/augmentation/augment.py`."""

    rotate: float = setting(0.0, "Rotate", "Turn by up to this angle either way.", unit="°", low=0, high=180)
    zoom_min: float = setting(
        1.0, "Zoom, smallest", "Smallest size relative to the usual one.", unit="×", low=0.2, high=1
    )
    zoom_max: float = setting(
        1.0, "Zoom, largest", "Largest size relative to the usual one.", unit="×", low=1, high=2
    )
    stretch: float = setting(0.0, "Stretch", "Wider or narrower by up to this share.", low=0, high=0.6)
    move: float = setting(
        0.0, "Move", "Off the middle by up to this share of the frame, small digits less.", low=0, high=0.5
    )
    shear: float = setting(0.0, "Shear", "Slant by up to this angle either way.", unit="°", low=0, high=45)
    perspective: float = setting(
        0.0, "Perspective", "Seen from the side: near edge longer by up to this share.", low=0, high=0.5
    )
    elastic: float = setting(
        0.0, "Elastic", "Bend strokes by up to this share of the frame.", low=0, high=0.15
    )
    thickness: float = setting(
        0.0, "Pen thickness", "Share of digits whose strokes are made thicker or thinner.", low=0, high=1
    )
    outline: float = setting(
        0.0, "Outline", "Share of digits drawn hollow, or with an edge of another grey.", low=0, high=1
    )
    shadow: float = setting(
        0.0, "Relief and shadow", "Share of digits that throw a shadow or stand in relief.", low=0, high=1
    )
    neighbours: float = setting(
        0.0,
        "Neighbours",
        "Share of digits with other digits at their sides, as in street numbers.",
        low=0,
        high=1,
    )
    background_simple: float = setting(
        1.0, "Background: simple", "Weight of one grey behind the digit.", low=0, high=10
    )
    background_pretty: float = setting(
        0.0, "Background: pretty", "Weight of gradients of sin, cos and tanh.", low=0, high=10
    )
    background_noisy: float = setting(
        0.0, "Background: noisy", "Weight of noise behind the digit.", low=0, high=10
    )
    background_figure: float = setting(
        0.0, "Background: figure", "Weight of random drawn shapes.", low=0, high=10
    )
    background_photo: float = setting(0.0, "Background: photo", "Weight of pieces of photos.", low=0, high=10)
    plain: float = setting(
        0.0, "Left plain", "Share of ink digits shown light on black, as MNIST shows them.", low=0, high=1
    )
    invert: float = setting(0.0, "Invert", "Share of images turned dark for light.", low=0, high=1)
    contrast_min: float = setting(
        1.0,
        "Contrast, smallest",
        "Smallest difference between ink and ground, of the full range.",
        low=0.03,
        high=1,
    )
    counterchange: float = setting(
        0.0,
        "Counterchange",
        "Share of ink digits that change places with the ground where the ground changes its tone.",
        low=0,
        high=1,
    )
    lighting: float = setting(
        0.0, "Lighting", "Uneven light: brightness falls by up to this share across the frame.", low=0, high=1
    )
    blur: float = setting(
        0.0, "Blur", "Largest blur, in pixels of the frame (sigma).", unit="px", low=0, high=4
    )
    motion_blur: float = setting(
        0.0, "Motion blur", "Share of images smeared along one direction.", low=0, high=1
    )
    scatter: float = setting(
        0.0, "Rough glass", "Share of images seen as through rough glass.", low=0, high=1
    )
    noise: float = setting(
        0.0, "Noise", "Largest standard deviation of added noise, of the full range.", low=0, high=0.5
    )
    low_resolution: float = setting(
        0.0, "Low resolution", "Share of images taken from few pixels.", low=0, high=1
    )
    occlusion: float = setting(
        0.0, "Occlusion", "Share of images with a line, a patch or drops over them.", low=0, high=1
    )

    def __post_init__(self) -> None:
        check_ranges(self, "augmentation.")
        weights = (
            self.background_simple
            + self.background_pretty
            + self.background_noisy
            + self.background_figure
            + self.background_photo
        )
        if weights <= 0:
            raise RecipeError(
                "augmentation.background_simple", "at least one background needs a weight above 0."
            )

    def calmer(self, factor: float) -> Augmentation:
        """The same kinds, each at `factor` (0 to 1) of its strength; backgrounds and polarity stay as they are."""
        weaker = {name: getattr(self, name) * factor for name in _STRENGTHS}
        return dataclasses.replace(
            self,
            zoom_min=1 - (1 - self.zoom_min) * factor,
            zoom_max=1 + (self.zoom_max - 1) * factor,
            contrast_min=1 - (1 - self.contrast_min) * factor,
            **weaker,
        )


_STRENGTHS = (
    "rotate", "stretch", "move", "shear", "perspective", "elastic", "thickness", "outline", "shadow", "counterchange",
    "lighting", "blur", "motion_blur", "scatter", "noise", "low_resolution", "occlusion",
)  # fmt: skip
