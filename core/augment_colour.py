"""Giving ink its grey: contrast with the ground beneath it, rims, relief, shadow. Batched tensor code."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.augment_ink import dilate_square
from core.draws import Draws
from core.resampling import apply_separable, blur_table

_NEAR = 12
"""Entry of the blur table (sigma 1.5 px) that says what counts as near the ink."""
_TEXTURE = 0.4
"""Largest standard deviation of the ground near the ink, as a share of the difference between ink and ground."""


def compose(
    masks: Tensor, ground: Tensor, *, dark_ink: Tensor, difference: Tensor, draws: Draws
) -> tuple[Tensor, Tensor]:
    """Ink of a fitting grey on grounds. Returns images (N,S,S) in 0..1 and the differences (N,) of ink and ground.

    masks, ground: (N,S,S) float32 in 0..1. dark_ink: (N,) bool. difference: (N,), least difference between the ink's
    grey and the ground's mean near it. A lively ground gets a larger difference, and is calmed as far as the digit needs.
    """
    size = masks.shape[1]
    dark = dark_ink[:, None, None]
    # Seen so that ink is always lighter than the ground: dark ink on a ground is light ink on its negative.
    ground = torch.where(dark, 1 - ground, ground)
    ground, difference, mean = fit_ground(masks, ground, difference, draws)
    ink = mean + difference
    image = torch.lerp(ground, ink[:, None, None].expand(-1, size, size), masks)
    return torch.where(dark, 1 - image, image), difference


def fit_ground(
    masks: Tensor, ground: Tensor, difference: Tensor, draws: Draws
) -> tuple[Tensor, Tensor, Tensor]:
    """Grounds calmed and darkened until light ink stands out by the difference. Returns ground, difference, mean near the ink."""
    n, size = ground.shape[0], ground.shape[1]
    near = apply_separable(masks, *(blur_table(size, masks.device)[_NEAR],) * 2) + 1e-3
    total = near.sum((1, 2))
    weighted = near * ground
    mean = weighted.sum((1, 2)) / total
    variance = (weighted * ground).sum((1, 2)) / total - mean.square()
    spread = variance.clamp_min(1e-8).sqrt()
    difference = torch.maximum(difference, (2.5 * spread).clamp_max(0.6))
    calm = (_TEXTURE * difference / spread).clamp_max(1)
    highest = 1 - difference
    darker = torch.where(mean > highest, highest * draws.uniform(n, 0.3, 1.0) / mean.clamp_min(1e-3), 1)
    scale, offset = calm * darker, mean * (1 - calm) * darker
    ground = ground * scale[:, None, None] + offset[:, None, None]
    return ground, difference, mean * darker


def add_rims(masks: Tensor, ground: Tensor, *, lighter: Tensor, draws: Draws) -> Tensor:
    """Grounds with a line of another grey around the ink. lighter: (N,) bool, whether the ink will be lighter."""
    n = masks.shape[0]
    wide = dilate_square(masks)
    grey = draws.uniform(n, 0, 0.7)
    grey = torch.where(lighter, grey, 1 - grey)
    return torch.lerp(ground, grey[:, None, None].expand_as(ground), wide)


def shifted(masks: Tensor, dx: Tensor, dy: Tensor, reach: int) -> Tensor:
    """masks (N,S,S) moved right by dx and down by dy pixels, each (N,) int64 in −reach..reach."""
    size = masks.shape[1]
    windows = F.pad(masks, (reach,) * 4).unfold(1, size, 1).unfold(2, size, 1)
    return windows[torch.arange(masks.shape[0], device=masks.device), reach - dy, reach - dx]


def add_relief(masks: Tensor, ground: Tensor, strength: Tensor, draws: Draws) -> Tensor:
    """Grounds with a shadow of the ink, or with a dark and a bright edge as of raised digits. strength: (N,) of the full range."""
    n = masks.shape[0]
    dx, dy = draws.integers(n, 5) - 2, draws.integers(n, 5) - 2
    dx = torch.where((dx == 0) & (dy == 0), 1, dx)
    strength = strength[:, None, None]
    shadow = shifted(masks, dx, dy, 2)
    raised = (draws.uniform(n) < 0.5)[:, None, None]
    light = torch.where(raised, shifted(masks, -dx, -dy, 2), 0)
    return (ground - strength * shadow + strength * light).clamp_(0, 1)
