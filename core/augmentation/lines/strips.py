"""Strips cut out of waiting rows, many at once: margins, slant, turn, perspective, curvature, aspect.

The rows lie as columns in one long tensor, so that a batch is gathered by whole columns.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from core.reading.line_format import HEIGHT, MARGIN_ENDS, MARGIN_SIDES

ROW, CONTENT, SIDE = 64, 36, 28
"""Height of a waiting row, of its characters in the middle, and what stands at each end: those of
`core.synthesis.lines.frame`."""
TURN = 8.0
"""Largest turn, degrees."""


class RowTensors(NamedTuple):
    """Rows on the device. columns: (C, ROW) uint8; starts, widths: (N,) int64; is_ink: (N,) bool."""

    columns: Tensor
    starts: Tensor
    widths: Tensor
    is_ink: Tensor


class View(NamedTuple):
    """How each of B strips is cut. All (B,). above, below, before, behind: margins as shares of the characters'
    height; squeeze: strip pixels across over those down (1: the aspect is kept); the rest: see `random_view`."""

    above: Tensor
    below: Tensor
    before: Tensor
    behind: Tensor
    squeeze: Tensor
    shear: Tensor
    turn: Tensor
    perspective: Tensor
    curve: Tensor
    share: Tensor


def plain_view(count: int, device: torch.device) -> View:
    """As live strips are cut: the usual margins, nothing turned."""
    ends = torch.full((count,), MARGIN_ENDS, device=device)
    sides = torch.full((count,), MARGIN_SIDES, device=device)
    none, one = torch.zeros(count, device=device), torch.ones(count, device=device)
    return View(sides, sides, ends, ends, one, none, none, none, none, one * 0.5)


def random_view(count: int, generator: torch.Generator, device: torch.device, strength: float = 1.0) -> View:
    """Uncertain margins, sometimes cut into the characters a little; every strip otherwise its own.

    strength: from 0, all as `plain_view` has it, to 1.
    """
    u = torch.rand(14, count, generator=generator, device=device)
    n = torch.randn(4, count, generator=generator, device=device)
    above, below = (-0.05 + 0.42 * part.pow(1.2) for part in (u[0], u[1]))
    before, behind = (-0.04 + 0.84 * part.pow(1.5) for part in (u[2], u[3]))
    view = View(
        above, below, before, behind,
        squeeze=(n[0] * 0.2).clamp(-0.43, 0.43).exp(),
        shear=n[1] * 0.14,
        turn=(2 * u[4] - 1) * u[5].sqrt(),
        perspective=torch.where(u[6] < 0.4, (2 * u[7] - 1) * 0.25, 0.0),
        curve=torch.where(u[8] < 0.25, (2 * u[9] - 1) * 0.16, 0.0),
        share=u[10],
    )  # fmt: skip
    if strength == 1:
        return view
    usual = plain_view(count, device)
    return View(*(torch.lerp(a, b, strength) for a, b in zip(usual, view, strict=True)))


def strip_width_of(widths: Tensor, view: View) -> Tensor:
    """Pixels of strip that each row needs, its aspect as the view has it. (B,) float32."""
    scale = HEIGHT / (CONTENT * (1 + view.above + view.below))
    return scale * view.squeeze * (widths + CONTENT * (view.before + view.behind))


def cut_strips(rows: RowTensors, picked: Tensor, width: int, view: View) -> Tensor:
    """(B, HEIGHT, width) float32 in 0–1. Rows too long for it are squeezed; others show more of their ends."""
    widths = rows.widths.index_select(0, picked)
    count, device = len(picked), picked.device
    longest = int(widths.max()) + 2 * SIDE
    at = torch.minimum(torch.arange(longest, device=device), widths[:, None] + 2 * SIDE - 1)
    index = (rows.starts.index_select(0, picked)[:, None] + at).flatten()
    source = rows.columns.index_select(0, index).view(count, 1, longest, ROW).float().div_(255)

    w = widths.float()
    tall = CONTENT * (1 + view.above + view.below)
    wanted = w + CONTENT * (view.before + view.behind)
    across = torch.maximum(tall / HEIGHT / view.squeeze, wanted / width)
    spare = (across * width - wanted) * view.share
    x = (SIDE - CONTENT * view.before - spare)[:, None] + across[:, None] * (
        torch.arange(width, device=device) + 0.5
    )
    y = (ROW / 2 - CONTENT * (0.5 + view.above))[:, None] + (tall / HEIGHT)[:, None] * (
        torch.arange(HEIGHT, device=device) + 0.5
    )
    dx = (x - (SIDE + w / 2)[:, None])[:, None, :]
    dy = (y - ROW / 2)[:, :, None]
    half = (w / 2 + CONTENT / 2)[:, None, None]
    # A long row may turn less: a live strip is cut along its row.
    slope = view.turn[:, None, None] * torch.minimum(
        torch.tensor(TURN * torch.pi / 180, device=device), 0.28 * CONTENT / half
    )
    along = dx / half
    down = dy * (1 + view.perspective[:, None, None] * along.clamp(-1.5, 1.5)) + slope * dx
    down = down + CONTENT * view.curve[:, None, None] * (along.square() - 0.4).clamp(-1, 1.5)
    right = dx + view.shear[:, None, None] * dy - slope * dy
    grid = torch.stack(
        ((down + ROW / 2) * (2 / ROW) - 1, (right + half - CONTENT / 2 + SIDE) * (2 / longest) - 1), -1
    )
    return F.grid_sample(source, grid, mode="bilinear", padding_mode="border", align_corners=False)[:, 0]
