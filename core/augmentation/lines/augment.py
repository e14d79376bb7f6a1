"""Strips for training a line reader, augmented, from waiting rows."""

from __future__ import annotations

import torch
from torch import Tensor

from core.augmentation.lines.looks import Chance, paint_ink, spoil
from core.augmentation.lines.strips import ROW, RowTensors, cut_strips, plain_view, random_view
from core.reading.line_format import HEIGHT


def augmented_strips(
    rows: RowTensors, picked: Tensor, width: int, backgrounds: Tensor, generator: torch.Generator,
    strength: float = 1.0,
) -> Tensor:  # fmt: skip
    """(B, 1, HEIGHT, width) of rows, each with its own faults. backgrounds: columns (C, ROW) uint8 of photos.

    strength: 0 to 1, how far views differ from the usual one, and the share of the strips that get faults.
    """
    device = picked.device
    chance = Chance(generator, device)
    x = cut_strips(rows, picked, width, random_view(len(picked), generator, device, strength))
    made = rows.is_ink.index_select(0, picked).nonzero()[:, 0]
    if len(made):
        behind = _behind(backgrounds, len(made), width, generator, device)
        x[made] = paint_ink(x[made], behind, chance)
    spoiled = spoil(x, chance)
    if strength < 1:
        faulty = torch.rand(len(picked), 1, 1, generator=generator, device=device) < strength
        spoiled = torch.where(faulty, spoiled, x.clamp(0, 1))
    return spoiled[:, None]


def plain_strips(rows: RowTensors, picked: Tensor, width: int) -> Tensor:
    """(B, 1, HEIGHT, width) as they are; ink dark on light grey."""
    x = cut_strips(rows, picked, width, plain_view(len(picked), picked.device))
    made = rows.is_ink.index_select(0, picked)[:, None, None]
    return torch.where(made, 0.75 - 0.55 * x, x)[:, None]


def _behind(
    columns: Tensor, count: int, width: int, generator: torch.Generator, device: torch.device
) -> Tensor:
    if len(columns) <= width:
        return torch.zeros(count, HEIGHT, width, device=device)
    starts = torch.randint(len(columns) - width, (count,), generator=generator, device=device)
    index = (starts[:, None] + torch.arange(width, device=device)).flatten()
    top = int(torch.randint(ROW - HEIGHT, (1,), generator=generator, device=device))
    pieces = columns.index_select(0, index)[:, top : top + HEIGHT].view(count, width, HEIGHT)
    return pieces.transpose(1, 2).float().div_(255)
