"""What lies between a digit and its picture: light, rough glass, optics, motion, sensor, compression."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from core.augmentation.backgrounds import plane, rounded_boxes
from core.augmentation.random_draws import BatchRandom
from core.augmentation.resampling import (
    apply_separable,
    blur_levels,
    blur_table,
    cosine_table,
    few_pixels_range,
    few_pixels_table,
    index_rows,
)

_MOTION = 11
"""Side, in pixels, of the square within which motion smears."""
_LEGIBLE = 0.33
"""Share of the pixels across with which a digit of the usual size is still legible."""


def light(images: Tensor, largest: float, draws: BatchRandom) -> Tensor:
    """Brightness that falls one way by up to `largest`, for some towards the corners too. In place."""
    n, size = images.shape[0], images.shape[1]
    places = plane(size, draws.device)
    u = draws.table(3, n)
    fall = largest / 2 * u[0].square()
    angle = u[1] * (2 * torch.pi)
    cos, sin = torch.cos(angle), torch.sin(angle)
    fall_x, fall_y = (fall * part / (cos.abs() + sin.abs()) for part in (cos, sin))
    corners = largest / 4 * (u[2] - 0.7).clamp_min(0) / 0.3
    curves = torch.stack([fall_x, fall_y, 1 - fall, -corners], 1)
    field = curves @ torch.cat([places, places[:2].square().sum(0, keepdim=True)])
    return images.mul_(field.view(n, size, size))


def scatter(images: Tensor, reach: Tensor, draws: BatchRandom) -> Tensor:
    """Every pixel taken from one nearby, as through rough glass, and blurred a little. reach: (N,), pixels (sigma).

    After the glass blur of Hendrycks and Dietterich, "Benchmarking Neural Network Robustness to Common
    Corruptions and Perturbations" (2019).
    """
    n, size = images.shape[0], images.shape[1]
    at = torch.arange(size, device=images.device)
    down, right = (draws.pixel_noise(n, size).clamp(-2, 2) * reach[:, None, None] for _ in range(2))
    rows = (at[:, None] + down).round().clamp(0, size - 1)
    columns = (at + right).round().clamp(0, size - 1)
    scattered = images.flatten(1).gather(1, (rows * size + columns).long().flatten(1)).view_as(images)
    table = blur_table(size, draws.device)
    matrix = index_rows(table, blur_levels(draws.uniform(n, 0.3, 0.8)))
    return apply_separable(scattered, matrix, matrix)


def blur(images: Tensor, largest: Tensor, draws: BatchRandom) -> Tensor:
    """Gaussian blur, a little other across than along. largest: (N,), pixels (sigma); most get far less."""
    table = blur_table(images.shape[1], draws.device)
    u = draws.table(3, images.shape[0])
    sigma = largest * (0.15 + 0.85 * u[0].square())
    rows, columns = (index_rows(table, blur_levels(sigma * (0.75 + 0.25 * part))) for part in u[1:])
    return apply_separable(images, rows, columns)


def smear(images: Tensor, detail: Tensor, draws: BatchRandom) -> Tensor:
    """Motion blur along a random direction, over 2 to 9 pixels, mostly few. detail: (N,) in 0..1, shortens it."""
    n = images.shape[0]
    u = draws.table(2, n)
    half = torch.stack([0.16 + 0.66 * u[0].square() * detail, torch.full_like(u[0], 0.05)])
    centre = torch.zeros(2, n, device=draws.device)
    distance = rounded_boxes(_MOTION, centre=centre, half=half, radius=0.0, angle=u[1] * torch.pi)
    kernels = (0.5 - distance * (_MOTION / 2)).clamp_(0, 1)
    kernels = (kernels / kernels.sum(1, keepdim=True)).view(n, 1, _MOTION, _MOTION)
    padded = F.pad(images[None], (_MOTION // 2,) * 4, mode="replicate")
    return F.conv2d(padded, kernels, groups=n)[0]


def few_pixels(images: Tensor, detail: Tensor, draws: BatchRandom) -> Tensor:
    """Images as taken with fewer pixels, enlarged again. detail: (N,) in 0..1; the higher, the fewer."""
    n, size = images.shape[0], images.shape[1]
    table, sizes = few_pixels_table(size, draws.device), few_pixels_range(size)
    fewest = (_LEGIBLE * size / detail).clamp(sizes[0], sizes[-1])
    u = draws.table(2, n)
    across = (fewest + (sizes[-1] - fewest) * u[0]).round().long() - sizes[0]
    matrix = index_rows(table, across + torch.where(u[1] < 0.3, len(sizes), 0))
    return apply_separable(images, matrix, matrix)


def add_noise(images: Tensor, strength: Tensor, draws: BatchRandom) -> Tensor:
    """Normal noise, in place. strength: (N,) standard deviation, of the full range."""
    return images.add_(draws.pixel_noise(*images.shape[:2]) * strength[:, None, None])


def add_specks(images: Tensor, share: Tensor, draws: BatchRandom) -> Tensor:
    """Single pixels black or white. share: (N,) of the pixels."""
    n, size = images.shape[0], images.shape[1]
    u = draws.table(n, size * size).view(n, size, size)
    share = share[:, None, None]
    return torch.where(u < share, (u * 2 < share).to(images.dtype), images)


def compress(images: Tensor, step: Tensor, draws: BatchRandom) -> Tensor:
    """JPEG's blocks: the cosine transform of 8x8 pixels, rounded. step: (N,), of the lowest frequency."""
    matrices, frequencies = cosine_table(images.shape[1], draws.device)
    phase = draws.integers(images.shape[0], matrices.shape[0])
    matrix, frequency = index_rows(matrices, phase), index_rows(frequencies, phase)
    steps = step[:, None, None] * (1 + 0.5 * (frequency[:, :, None] + frequency[:, None, :]))
    rounded = (apply_separable(images, matrix, matrix) / steps).round_() * steps
    return apply_separable(rounded, matrix.transpose(1, 2), matrix.transpose(1, 2))
