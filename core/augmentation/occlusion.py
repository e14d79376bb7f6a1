"""What stands in front of a digit: strokes and dots across it, patches at a side or on it, spatter. All batched."""

from __future__ import annotations

import torch
from torch import Tensor

from core.augmentation.backgrounds import paint, plane, rounded_boxes
from core.augmentation.random_draws import BatchRandom
from core.augmentation.resampling import apply_separable, blur_levels, blur_table, index_rows

_SPATTERED = 0.2  # share of covered images that get drops all over
_SPLASHED = 0.12  # largest share of an image that drops cover
_SAME_GREY = 0.6  # share of covers in the image's lightest or darkest grey: mostly the ink's or the ground's


def cover(images: Tensor, draws: BatchRandom) -> Tensor:
    """A straight, zigzag or dotted line, a patch, or drops over each of the images (N,S,S), in place."""
    n = images.shape[0]
    grey = _greys(images, draws)
    drops = draws.count(_SPATTERED, n)
    if drops:
        _spatter(images[:drops], grey[:drops], draws)
    patches = drops + (n - drops) // 3
    if patches > drops:
        paint(images[drops:patches], grey[drops:patches], _patch(patches - drops, images.shape[1], draws))
    if n > patches:
        paint(images[patches:], grey[patches:], _line(n - patches, images.shape[1], draws))
    return images


def _greys(images: Tensor, draws: BatchRandom) -> Tensor:
    """(N,): what is in front of images has a grey of its own, or one that is there already."""
    u = draws.table(2, images.shape[0])
    flat = images.flatten(1)
    there = torch.where(u[1] < 0.5, flat.amin(1), flat.amax(1))
    return torch.where(u[0] < _SAME_GREY, there, u[1])


def _patch(n: int, size: int, draws: BatchRandom) -> Tensor:
    """Signed distances (N,S*S) to a patch that comes in from a side or, for a third, is small and on the digit."""
    u = draws.table(4, n)
    angle = u[0] * (2 * torch.pi)
    small = u[3] < 0.33
    away = torch.where(small, 0.6 * u[1], 1.0 + 0.2 * u[1])
    half = torch.stack(
        [torch.where(small, 0.08 + 0.1 * u[2], 0.3 + 0.2 * u[2]), torch.where(small, 0.15, 0.4)]
    )
    centre = torch.stack([-torch.sin(angle), torch.cos(angle)]) * away
    return rounded_boxes(size, centre=centre, half=half, radius=0.0, angle=angle)


def _line(n: int, size: int, draws: BatchRandom) -> Tensor:
    """Signed distances (N,S*S) to a thin line across the frame: a third straight, a third zigzag, a third dots."""
    u = draws.table(6, n)
    angle = u[0] * (2 * torch.pi)
    cos, sin = torch.cos(angle), torch.sin(angle)
    places = plane(size, draws.device)
    along = torch.stack([cos, sin, u[1]], 1) @ places
    across = torch.stack([-sin, cos, 1.2 * u[2] - 0.6], 1) @ places
    period = (0.25 + 0.4 * u[3])[:, None]
    half_width = (0.03 + 0.04 * u[4])[:, None]
    height = torch.where(u[5] < 0.33, 0.0, 0.06 + 0.14 * u[2])[:, None]  # of the zigzag
    phase = along / period - (along / period).floor()  # 0..1 in each period
    slope = 4 * height / period
    stroke = (across - height * (4 * (phase - 0.5).abs() - 1)).abs() / (1 + slope.square()).sqrt()
    dot = torch.hypot((phase - 0.5) * period, across) - half_width
    return torch.where((u[5] > 0.67)[:, None], dot, stroke - half_width)


def _spatter(images: Tensor, grey: Tensor, draws: BatchRandom) -> Tensor:
    """Drops of one grey each, 1 to 3 pixels wide, all over images (N,S,S), in place."""
    n, size = images.shape[0], images.shape[1]
    u = draws.table(2, n)
    blur = index_rows(blur_table(size, draws.device), blur_levels(0.5 + 0.7 * u[0]))
    noise = apply_separable(draws.pixel_noise(n, size), blur, blur).flatten(1)
    deviation = noise.square().mean(1).sqrt()
    least = torch.special.ndtri(1 - _SPLASHED * u[1].clamp_min(0.1))
    # Signed distances, about: the noise changes by its deviation within a pixel.
    distance = (least[:, None] - noise / deviation[:, None]) * (2 / size)
    return paint(images, grey, distance)
