"""Cutting, blurring, shrinking and enlarging many small square images at once.

A separable linear operation on an (S,S) image is `M @ x @ M.T`. Looking the matrix up in a table gives every
image of a batch its own strength in two batched matrix products, on any device.
"""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor

BLUR_STEP = 0.125
"""Sigma, in pixels, between two neighbouring entries of `blur_table`."""

BLUR_LARGEST = 4.0
_BLOCK = 8  # side of JPEG's blocks, pixels
_GRAINS = (2, 3, 4, 6, 8, 12)  # pixels


def index_rows(rows_of: Tensor, rows: Tensor) -> Tensor:
    """Rows (M,) int64 of a tensor. `index_select`: on the CPU up to 20 times as fast as indexing."""
    return rows_of.index_select(0, rows)


def windows(images: Tensor, which: Tensor, top: Tensor, left: Tensor, size: int) -> Tensor:
    """Square pieces of images, each at its own place: (M,size,size).

    images: (N,H,W), any dtype. which, top, left: (M,) int64; the pieces lie within the images.
    """
    height, width = images.shape[1:]
    if len(which) == 0:
        return images.new_empty((0, size, size))
    flat = images.reshape(-1)
    line = torch.arange(size, device=images.device) * width
    starts = ((which * height + top) * width + left)[:, None] + line
    if images.device.type == "cpu":
        # Copies whole lines out of a view of overlapping lines: 15 times as fast as indexing.
        lines = flat.as_strided((flat.numel() - size + 1, size), (1, 1))
        return index_rows(lines, starts.flatten()).view(-1, size, size)
    pixels = starts[:, :, None] + torch.arange(size, device=images.device)
    return index_rows(flat, pixels.flatten()).view(-1, size, size)


def apply_separable(images: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """`rows @ image @ columns.T` of each image. images: (N,S,S); rows, columns: (N,R,S) or (R,S)."""
    return rows @ images @ columns.transpose(-1, -2)


@lru_cache(maxsize=32)
def area_matrix(source: int, target: int, device: torch.device) -> Tensor:
    """(target, source) matrix that averages over each target pixel's extent; the rows sum to 1."""
    edges = torch.arange(target + 1, dtype=torch.float64) * (source / target)
    pixels = torch.arange(source, dtype=torch.float64)
    overlap = torch.minimum(edges[1:, None], pixels + 1) - torch.maximum(edges[:-1, None], pixels)
    return (overlap.clamp_min(0) * (target / source)).float().to(device)


def _linear_matrix(source: int, target: int) -> Tensor:
    """(target, source) matrix of linear interpolation between pixel centres; edges repeat."""
    at = (torch.arange(target, dtype=torch.float64) + 0.5) * (source / target) - 0.5
    at = at.clamp(0, source - 1)
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
        # Vanishing weights are left out: subnormal numbers make a CPU's products five times as slow.
        weights = torch.where(weights < 1e-6 * weights.sum(), 0.0, weights)
        weights /= weights.sum()
        for step, weight in zip(steps.int().tolist(), weights.tolist(), strict=True):
            table[level, target, (target + step).clamp(0, size - 1)] += weight
    return table.float().to(device)


def blur_levels(sigma: Tensor) -> Tensor:
    """Indices into `blur_table` for sigmas in pixels."""
    return (sigma * (1 / BLUR_STEP)).round().clamp(0, round(BLUR_LARGEST / BLUR_STEP)).long()


def few_pixels_range(size: int) -> range:
    """The numbers of pixels across that `few_pixels_table` shrinks images to."""
    return range(size // 4, 3 * size // 4 + 1)


@lru_cache(maxsize=8)
def few_pixels_table(size: int, device: torch.device) -> Tensor:
    """(2*L,size,size): shrink to each of `few_pixels_range` by area, and enlarge again.

    The first half of the table enlarges linearly, the second half repeats pixels.
    """
    shrink = [area_matrix(size, small, torch.device("cpu")) for small in few_pixels_range(size)]
    smooth = [_linear_matrix(len(m), size) @ m for m in shrink]
    blocky = [m[(torch.arange(size) * len(m)) // size] for m in shrink]
    return torch.stack(smooth + blocky).to(device)


@lru_cache(maxsize=8)
def value_noise_table(size: int, device: torch.device) -> Tensor:
    """(L,size,size): from white noise to noise with a grain of 2 to 12 pixels, its variance still about 1."""
    matrices = []
    for grain in _GRAINS:
        cells = min(size // grain + 2, size)
        smooth = _linear_matrix(cells, size)
        smooth = smooth / smooth.square().sum(1, keepdim=True).sqrt()
        matrices.append(torch.cat([smooth, torch.zeros(size, size - cells)], 1))
    return torch.stack(matrices).to(device)


@lru_cache(maxsize=8)
def cosine_table(size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Orthonormal block cosine transforms as JPEG uses, at two phases of the blocks.

    Returns (2,size,size) matrices and (2,size) frequencies 0..7 of their rows.
    """
    matrices, frequencies = [], []
    for first in (_BLOCK, _BLOCK // 2):
        matrix = torch.zeros(size, size, dtype=torch.float64)
        frequency = torch.zeros(size)
        start, length = 0, first
        while start < size:
            length = min(length, size - start)
            block = slice(start, start + length)
            k = torch.arange(length, dtype=torch.float64)[:, None]
            n = torch.arange(length, dtype=torch.float64)[None]
            matrix[block, block] = torch.cos(torch.pi * (n + 0.5) * k / length) * (2 / length) ** 0.5
            matrix[start] /= 2**0.5
            frequency[block] = k[:, 0].float() * (_BLOCK / length)
            start, length = start + length, _BLOCK
        matrices.append(matrix.float())
        frequencies.append(frequency)
    return torch.stack(matrices).to(device), torch.stack(frequencies).to(device)
