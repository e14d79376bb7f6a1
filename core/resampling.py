"""Small matrices that blur, shrink, enlarge or take the cosine transform of square images.

A separable linear operation on an (S,S) image is `M @ x @ M.T`. Looking the matrix up in a table gives every image
of a batch its own strength in two batched matrix products, on any device.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

BLUR_STEP = 0.125
"""Sigma, in pixels, between two neighbouring entries of `blur_table`."""
BLUR_LARGEST = 4.0
NOISE_STRIDE = 64
_NOISE_COUNT = 1 << 21
_NOISE_SEED = 20241


def apply_separable(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """`rows @ image @ columns.T` of each image. images: (N,S,S); rows, columns: (N,R,S) or (R,S)."""
    return rows @ images @ columns.transpose(-1, -2)


@lru_cache(maxsize=32)
def area_matrix(source: int, target: int) -> Tensor:
    """(target, source) matrix that averages over each target pixel's extent; the rows sum to 1. On the CPU."""
    edges = torch.arange(target + 1, dtype=torch.float64) * (source / target)
    pixels = torch.arange(source, dtype=torch.float64)
    overlap = torch.minimum(edges[1:, None], pixels + 1) - torch.maximum(edges[:-1, None], pixels)
    return (overlap.clamp_min(0) * (target / source)).float()


@lru_cache(maxsize=32)
def linear_matrix(source: int, target: int) -> Tensor:
    """(target, source) matrix of linear interpolation between pixel centres; edges repeat. On the CPU."""
    at = ((torch.arange(target, dtype=torch.float64) + 0.5) * (source / target) - 0.5).clamp(0, source - 1)
    return (1 - (at[:, None] - torch.arange(source, dtype=torch.float64)).abs()).clamp_min(0).float()


@lru_cache(maxsize=8)
def blur_table(size: int, device: torch.device) -> Tensor:
    """(L,size,size) Gaussian blurs of sigma 0, BLUR_STEP, … BLUR_LARGEST pixels; edges repeat."""
    count = round(BLUR_LARGEST / BLUR_STEP) + 1
    reach = int(3 * BLUR_LARGEST)
    steps = torch.arange(-reach, reach + 1, dtype=torch.float64)
    target = torch.arange(size)
    table = torch.zeros(count, size, size, dtype=torch.float64)
    for level in range(count):
        sigma = max(level * BLUR_STEP, 1e-3)
        weights = torch.exp(-0.5 * (steps / sigma) ** 2)
        weights /= weights.sum()
        for step, weight in zip(steps.int().tolist(), weights.tolist(), strict=True):
            table[level, target, (target + step).clamp(0, size - 1)] += weight
    return table.float().to(device)


def blur_levels(sigma: Tensor) -> Tensor:
    """Indices into `blur_table` for sigmas in pixels."""
    return (sigma * (1 / BLUR_STEP)).round().clamp(0, round(BLUR_LARGEST / BLUR_STEP)).long()


@lru_cache(maxsize=8)
def few_pixels_table(size: int, device: torch.device) -> Tensor:
    """(L,size,size): shrink to `size // 3` … `3 * size // 4` pixels by area, and enlarge again.

    The first half of the table enlarges linearly, the second half by repeating pixels.
    """
    small_sizes = range(size // 3, 3 * size // 4 + 1)
    smooth = [linear_matrix(small, size) @ area_matrix(size, small) for small in small_sizes]
    blocky = [
        area_matrix(size, small)[(torch.arange(size) * small) // size] for small in small_sizes
    ]
    return torch.stack(smooth + blocky).to(device)


@lru_cache(maxsize=8)
def value_noise_table(size: int, device: torch.device) -> Tensor:
    """(L,size,size): from white noise to noise whose grain is 2, 3, 4, 6, 8 or 12 pixels, of variance about 1."""
    matrices = []
    for grain in (2, 3, 4, 6, 8, 12):
        cells = size // grain + 2
        smooth = linear_matrix(cells, size)
        smooth = smooth / smooth.square().sum(1, keepdim=True).sqrt()
        matrices.append(torch.cat([smooth, torch.zeros(size, size - cells)], 1))
    return torch.stack(matrices).to(device)


@lru_cache(maxsize=8)
def cosine_table(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Orthonormal block cosine transforms as JPEG uses, at two phases of the 8-pixel blocks.

    Returns (2,size,size) matrices and (2,size) frequencies 0..7 of their rows.
    """
    matrices, frequencies = [], []
    for first in (8, 4):
        matrix = torch.zeros(size, size, dtype=torch.float64)
        frequency = torch.zeros(size)
        start, length = 0, min(first, size)
        while start < size:
            length = min(length, size - start)
            k = torch.arange(length, dtype=torch.float64)[:, None]
            n = torch.arange(length, dtype=torch.float64)[None]
            block = torch.cos(torch.pi * (n + 0.5) * k / length) * (2 / length) ** 0.5
            block[0] /= 2**0.5
            matrix[start : start + length, start : start + length] = block
            frequency[start : start + length] = k[:, 0].float() * (8 / length)
            start, length = start + length, 8
        matrices.append(matrix.float())
        frequencies.append(frequency)
    return torch.stack(matrices).to(device), torch.stack(frequencies).to(device)


@lru_cache(maxsize=4)
def _noise(device: torch.device) -> Tensor:
    generator = torch.Generator().manual_seed(_NOISE_SEED)
    return torch.randn(_NOISE_COUNT, generator=generator).to(device)


def normal_noise(count: int, size: int, generator: torch.Generator) -> Tensor:
    """(count,size,size) standard normal noise: pieces, at random places, of one fixed sequence.

    Drawing fresh numbers for each pixel is what took most of the time; 32,000 starting places do as well.
    """
    pool = _noise(generator.device)
    pieces = pool.unfold(0, size * size, NOISE_STRIDE)
    start = torch.randint(pieces.shape[0], (count,), generator=generator, device=generator.device)
    return pieces[start].view(count, size, size)
