"""What lies between a digit and its picture: light, things in front, optics, motion, noise, compression. In place on (N,S,S)."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.backgrounds import positions, rounded_boxes
from core.draws import Draws
from core.resampling import (
    apply_separable,
    blur_levels,
    blur_table,
    cosine_table,
    few_pixels_table,
    normal_noise,
)

_MOTION = 7
"""Side, in pixels, of the line along which motion smears."""


def light(images: Tensor, largest: float, draws: Draws) -> Tensor:
    """Brightness that falls along a random direction, and towards the corners for some, by up to `largest`."""
    n, size = images.shape[0], images.shape[1]
    x, y = positions(size, draws.device)
    u = draws.table(n, 4)
    fall = largest * u[0].square() / 2
    angle = u[1] * (2 * torch.pi)
    vignette = torch.where(u[2] < 0.3, largest * u[3] / 4, 0)
    curves = torch.stack([fall * torch.cos(angle), fall * torch.sin(angle), -vignette, 1 - fall], 1)
    field = curves @ torch.stack([x, y, x * x + y * y, torch.ones_like(x)])
    return images * field.view(n, size, size)


def cover(images: Tensor, draws: Draws) -> Tensor:
    """A thin line across, or a patch that comes in from a side, over each image."""
    n, size = images.shape[0], images.shape[1]
    x, y = positions(size, draws.device)
    u = draws.table(n, 6)[:, :, None]
    line = u[0] < 0.5
    angle = u[1] * (2 * torch.pi)
    half = torch.where(line, torch.stack([torch.full_like(u[2], 3), 0.03 + 0.05 * u[2]]), 0.3 + 0.2 * u[2])
    away = torch.where(line, (u[3] - 0.5) * 1.2, 0.9 + 0.2 * u[3])
    centre = torch.stack([-torch.sin(angle), torch.cos(angle)]) * away
    distance = rounded_boxes(x, y, centre=centre, half=half, radius=torch.zeros_like(angle), angle=angle)
    coverage = (0.5 - distance * (size / 2)).clamp_(0, 1)
    return torch.lerp(images.reshape(n, -1), u[4], coverage).view(n, size, size)


def blur(images: Tensor, largest: float, draws: Draws) -> Tensor:
    """Gaussian blur of up to `largest` pixels (sigma), most of it small, a little different across and along."""
    n, size = images.shape[0], images.shape[1]
    table = blur_table(size, draws.device)
    u = draws.table(n, 3)
    sigma = largest * u[0].square()
    rows = table[blur_levels(sigma * (0.75 + 0.25 * u[1]))]
    columns = table[blur_levels(sigma * (0.75 + 0.25 * u[2]))]
    return apply_separable(images, rows, columns)


def smear(images: Tensor, draws: Draws) -> Tensor:
    """Motion blur along a random direction, over 2 to _MOTION pixels."""
    n = images.shape[0]
    x, y = positions(_MOTION, draws.device)
    u = draws.table(n, 2)[:, :, None]
    length = 0.25 + 0.7 * u[0]
    distance = rounded_boxes(
        x, y, centre=torch.zeros(2, n, 1, device=draws.device), half=torch.stack([length, torch.full_like(length, 0.08)]),
        radius=torch.zeros_like(length), angle=u[1] * torch.pi,
    )
    kernel = (0.5 - distance * (_MOTION / 2)).clamp_(0, 1)
    kernel = (kernel / kernel.sum(1, keepdim=True)).view(n, 1, _MOTION, _MOTION)
    padded = F.pad(images[None], (_MOTION // 2,) * 4, mode="replicate")
    return F.conv2d(padded, kernel, groups=n)[0]


def few_pixels(images: Tensor, draws: Draws) -> Tensor:
    """Images as taken with a third to three quarters of the pixels, enlarged again."""
    table = few_pixels_table(images.shape[1], draws.device)
    matrix = table[draws.integers(images.shape[0], table.shape[0])]
    return apply_separable(images, matrix, matrix)


def add_noise(images: Tensor, strength: Tensor, draws: Draws) -> Tensor:
    """Normal noise. strength: (N,) standard deviation, of the full range."""
    n, size = images.shape[0], images.shape[1]
    return images + normal_noise(n, size, draws.generator) * strength[:, None, None]


def add_specks(images: Tensor, share: Tensor, draws: Draws) -> Tensor:
    """Single pixels black or white. share: (N,) of the pixels."""
    n, size = images.shape[0], images.shape[1]
    u = torch.rand(n, size, size, generator=draws.generator, device=draws.device)
    share = share[:, None, None]
    return torch.where(u < share, torch.where(u < share / 2, 0.0, 1.0), images)


def compress(images: Tensor, strength: Tensor, draws: Draws) -> Tensor:
    """JPEG's blocks: cosine transform of 8x8 pixels, rounded. strength: (N,), the step of the lowest frequency."""
    matrices, frequencies = cosine_table(images.shape[1], draws.device)
    phase = draws.integers(images.shape[0], 2)
    matrix, frequency = matrices[phase], frequencies[phase]
    step = strength[:, None, None] * (1 + 0.5 * (frequency[:, :, None] + frequency[:, None, :]))
    rounded = torch.round(apply_separable(images, matrix, matrix) / step) * step
    return apply_separable(rounded, matrix.transpose(1, 2), matrix.transpose(1, 2))
