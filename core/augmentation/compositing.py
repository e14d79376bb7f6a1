"""Greys: of ink that stands out of the ground beneath it, of rims, relief and shadow, and of photos."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.augmentation.backgrounds import rounded_boxes
from core.augmentation.random_draws import BatchRandom
from core.augmentation.resampling import BLUR_STEP, apply_separable, blur_table, windows
from core.augmentation.stroke_effects import dilate_square

_NEAR = round(1.5 / BLUR_STEP)
"""Entry of the blur table that says what is near the ink."""
_TEXTURE = 0.3
"""Largest standard deviation of the ground near the ink, of the difference between ink and ground."""
_TEXTURED_DIFFERENCE = 3.0
"""How much an uneven ground raises that difference, in standard deviations; up to 0.6 of the full range."""
_UNEVEN = 0.03  # standard deviation, of the full range, of a ground that has light and dark parts
_TONES_APART = 0.3  # least difference between the two tones that ink and ground exchange
_REACH = 2  # pixels, of shadows
_PHOTO_CONTRAST = 0.6


def compose(
    masks: Tensor, ground: Tensor, *, dark_ink: Tensor, difference: Tensor, draws: BatchRandom
) -> tuple[Tensor, Tensor]:
    """Ink of a fitting grey on grounds, in place. Returns images, and how far ink and ground differ, (N,).

    masks, ground: (N,S,S) float32 in 0..1. dark_ink: (N,) bool. difference: (N,), least difference between
    ink and the ground's mean near it. An uneven ground gets a larger difference and is calmed as far as
    the digit needs; a ground that leaves the ink no room is made darker (for dark ink, lighter).
    """
    mean, spread = near_ink(masks, ground)
    difference = torch.maximum(difference, (_TEXTURED_DIFFERENCE * spread).clamp_max(0.6))
    calm = (_TEXTURE * difference / spread).clamp_max(1)
    # `low` is the ground's mean, seen so that ink is always lighter: dark ink is light on the negative.
    sign = torch.where(dark_ink, -1.0, 1.0)
    zero = dark_ink.to(torch.float32)
    low = zero + sign * mean
    highest = 1 - difference
    darker = torch.where(low > highest, highest * draws.uniform(len(low), 0.3, 1) / low.clamp_min(1e-3), 1)
    scale = calm * darker
    offset = zero + sign * (low * darker) - mean * scale
    ink = zero + sign * (low * darker + difference)
    ground.mul_(scale[:, None, None]).add_(offset[:, None, None])
    return ground.add_((ink[:, None, None] - ground).mul_(masks)), difference


def near_ink(masks: Tensor, ground: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and standard deviation of grounds (N,S,S) under the ink and around it, each (N,)."""
    blur = blur_table(masks.shape[1], masks.device)[_NEAR]
    weight = (apply_separable(masks, blur, blur) + 1e-3).flatten(1)
    ground = ground.flatten(1)
    total = weight.sum(1)
    mean = torch.linalg.vecdot(weight, ground) / total
    variance: Tensor = torch.linalg.vecdot(weight * ground, ground) / total - mean.square()
    return mean, variance.clamp_min(1e-6).sqrt()


def add_rims(masks: Tensor, ground: Tensor, *, dark_ink: Tensor, draws: BatchRandom) -> Tensor:
    """Draw a line of another grey around the ink on grounds, in place. dark_ink: (N,) bool."""
    grey = draws.uniform(masks.shape[0], 0, 0.7)
    grey = torch.where(dark_ink, 1 - grey, grey)
    return ground.add_((grey[:, None, None] - ground).mul_(dilate_square(masks)))


def _shifted(masks: Tensor, dx: Tensor, dy: Tensor) -> Tensor:
    """masks (N,S,S) moved right by dx and down by dy pixels, each (N,) int64 in −_REACH.._REACH."""
    row = torch.arange(masks.shape[0], device=masks.device)
    return windows(F.pad(masks, (_REACH,) * 4), row, _REACH - dy, _REACH - dx, masks.shape[1])


def add_relief(masks: Tensor, ground: Tensor, strength: Tensor, draws: BatchRandom) -> Tensor:
    """A shadow of the ink on grounds; on half of them also a bright edge, as raised digits have. In place.

    strength: (N,), how dark the shadow is, of the full range.
    """
    n = masks.shape[0]
    dx, dy = (draws.integers(n, 2 * _REACH + 1) - _REACH for _ in range(2))
    dx = torch.where((dx == 0) & (dy == 0), 1, dx)
    strength = strength[:, None, None]
    ground.sub_(_shifted(masks, dx, dy).mul_(strength))
    raised = n // 2
    ground[:raised].add_(_shifted(masks[:raised], -dx[:raised], -dy[:raised]).mul_(strength[:raised]))
    return ground.clamp_(0, 1)


def counterchange(
    masks: Tensor, ground: Tensor, *, dark_ink: Tensor, difference: Tensor, draws: BatchRandom
) -> tuple[Tensor, Tensor]:
    """Ink and ground of two tones, which change places. Returns images, and how far the tones are apart, (N,).

    masks, ground: (N,S,S) in 0..1. dark_ink: (N,) bool. difference: (N,). For half of those on an uneven
    ground its own light and dark parts are the regions, for the others one side, a band or a block. MNIST-M
    of Ganin and others, "Domain-Adversarial Training of Neural Networks" (2016), has digits of the first kind.
    """
    n, size = masks.shape[0], masks.shape[1]
    u = draws.table(7, n)
    blur = blur_table(size, masks.device)[_NEAR]
    calm = apply_separable(ground, blur, blur)
    mean, spread = near_ink(masks, calm)
    gain = (0.4 + u[0]) / spread
    own = calm.mul_(gain[:, None, None]).add_((0.5 - mean * gain)[:, None, None])
    band, block = u[1] < 0.4, u[1] > 0.8
    half = torch.stack(
        [torch.where(block, 0.2 + 0.5 * u[2], 3.0), torch.where(band | block, 0.15 + 0.4 * u[3], 1.5)]
    )
    away = 1.2 * (u[4] - 0.5) + torch.where(band | block, 0.0, 1.5)
    angle = torch.where(u[5] < 0.5, (8 * u[5]).floor() * (torch.pi / 2), 4 * torch.pi * u[5])
    centre = torch.stack([-torch.sin(angle), torch.cos(angle)]) * away
    distance = rounded_boxes(size, centre=centre, half=half, radius=0.0, angle=angle)
    drawn = distance.mul_(-size / 2).add_(0.5).view(n, size, size)
    uneven = (spread > _UNEVEN) & (u[6] < 0.5)
    region = torch.where(uneven[:, None, None], own, drawn).clamp_(0, 1)
    share = region + masks - 2 * region * masks
    share = torch.where(dark_ink[:, None, None], 1 - share, share)
    apart = difference.clamp_min(_TONES_APART)
    low = draws.uniform(n) * (1 - apart)
    return share.mul_(apart[:, None, None]).add_(low[:, None, None]), apart


def change_photos(photos: Tensor, *, inverted: Tensor, contrast_min: float, draws: BatchRandom) -> Tensor:
    """Change contrast and brightness of photos, in place. Returns how far a digit stands out there, (N,).

    photos: (N,S,S) in 0..1. inverted: (N,) bool, of those turned dark for light. Contrast falls to no less
    than _PHOTO_CONTRAST of what it was, rises by up to a third, and by more where it is hardly above contrast_min.
    """
    n, size = photos.shape[0], photos.shape[1]
    margin = size // 5
    middle = photos[:, margin : size - margin, margin : size - margin].flatten(1)
    variance: Tensor = torch.linalg.vecdot(middle, middle) / middle.shape[1] - middle.mean(1).square()
    contrast = 2 * variance.clamp_min(1e-4).sqrt()
    lowest = (1.5 * contrast_min / contrast).clamp(_PHOTO_CONTRAST, 2.5)
    gain = lowest + (1.3 - lowest).clamp_min(0) * draws.uniform(n)
    mean = photos.mean((1, 2))
    wanted = (mean + draws.uniform(n, -0.2, 0.2)).clamp_(0.1, 0.9)
    scale = torch.where(inverted, -gain, gain)
    offset = torch.where(inverted, 1 - wanted, wanted) - mean * scale
    photos.mul_(scale[:, None, None]).add_(offset[:, None, None]).clamp_(0, 1)
    return contrast * gain
