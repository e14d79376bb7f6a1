"""What the detector is taught: a batch of boxes → target maps → cost. Torch, vectorised over the batch."""

from __future__ import annotations

from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from core.reading.detector_format import BOX, CLASSES, DIGIT, LARGEST, LETTER_CHANNEL, SMALLEST, STRIDE, UNIT
from core.recipes.scenes import LETTER
from core.train.task import StepCost

REACH = 3
"""Cells from a middle to the edge of its bump in the target."""
NEAR = 1
"""Cells around a middle that are taught class and box too, weighted by the bump."""
TOO_LARGE = 1.35
"""Up to so many times LARGEST nothing is asked of a digit; a larger one must not be found at this scale."""
BOX_COST = 1.0


class SceneBatch(NamedTuple):
    """Scenes with what is in them.

    x_B1HW: float32, 0–1. owner: (M,) int64, which scene each box is in. labels: (M,) int64, 0–9, LETTER or
    IGNORED. boxes: (M, 4) float32: left, top, right, bottom in pixels. letters_known: (B,) bool.
    """

    x_B1HW: Tensor
    owner: Tensor
    labels: Tensor
    boxes: Tensor
    letters_known: Tensor


class Targets(NamedTuple):
    """Maps, and the K cells that are taught class and box.

    heat, weight: (B, 2, h, w), bumps of digits and letters, and what counts of them. cell: (K, 3) int64:
    scene, row, column. share: (K,) how much it counts. label: (K,) 0–9 or LETTER. box: (K, 4) as it is to be
    written in the cell. middle: (K,) whether the cell is its box's middle.
    """

    heat: Tensor
    weight: Tensor
    cell: Tensor
    share: Tensor
    label: Tensor
    box: Tensor
    middle: Tensor


@torch.no_grad()
def make_targets(batch: SceneBatch) -> Targets:
    """The target maps of a batch."""
    scenes, _, height, width = batch.x_B1HW.shape
    rows, columns = height // STRIDE, width // STRIDE
    device = batch.x_B1HW.device
    size_x, size_y = batch.boxes[:, 2] - batch.boxes[:, 0], batch.boxes[:, 3] - batch.boxes[:, 1]
    is_letter = batch.labels == LETTER
    # A dash is low and long: the longer side says whether a letter or mark is large enough.
    size = torch.where(is_letter, torch.maximum(size_x, size_y), size_y)
    taught = (batch.labels <= LETTER) & (size >= SMALLEST) & (size_y <= LARGEST)
    unasked = ~taught & (size_y <= LARGEST * TOO_LARGE)
    weight = torch.ones(scenes, 2, rows, columns, device=device)
    # What is small and a letter is no digit all the same.
    for channels, which in ((slice(0, 2), unasked & ~is_letter), (slice(1, 2), unasked & is_letter)):
        _blank(weight[:, channels], batch.owner[which], batch.boxes[which])

    owner, label, boxes = batch.owner[taught], batch.labels[taught], batch.boxes[taught]
    wide, tall = size_x[taught], size_y[taught]
    # Middles in cells: cell i spans i to i + 1.
    x = (boxes[:, 0] + boxes[:, 2]) / (2 * STRIDE)
    y = (boxes[:, 1] + boxes[:, 3]) / (2 * STRIDE)
    column, row = x.long().clamp(0, columns - 1), y.long().clamp(0, rows - 1)
    spread_x = (0.12 * wide / STRIDE).clamp(0.4, 1.2)
    spread_y = (0.12 * tall / STRIDE).clamp(0.4, 1.2)
    steps = torch.arange(-REACH, REACH + 1, device=device)
    dy, dx = (d.flatten() for d in torch.meshgrid(steps, steps, indexing="ij"))
    bump = torch.exp(-(dx**2) / (2 * spread_x[:, None] ** 2) - (dy**2) / (2 * spread_y[:, None] ** 2))
    at_row, at_column = row[:, None] + dy, column[:, None] + dx
    inside = (at_row >= 0) & (at_row < rows) & (at_column >= 0) & (at_column < columns)
    kind = (label == LETTER).long()
    place = ((owner * 2 + kind)[:, None] * rows + at_row.clamp(0, rows - 1)) * columns + at_column.clamp(
        0, columns - 1
    )
    bump = bump * inside
    heat = torch.zeros(scenes * 2 * rows * columns, device=device)
    heat.scatter_reduce_(0, place.flatten(), bump.flatten(), "amax")
    near = (dx.abs() <= NEAR) & (dy.abs() <= NEAR)
    # A cell between two digits learns from the nearer one alone.
    own = near & inside & (bump >= heat[place] - 1e-6) & (bump > 0.05)
    which, offset = own.nonzero(as_tuple=True)
    cell = torch.stack((owner[which], at_row[which, offset], at_column[which, offset]), 1)
    box = torch.stack(
        (
            x[which] - (cell[:, 2] + 0.5), y[which] - (cell[:, 1] + 0.5),
            (wide[which].clamp(min=1) / UNIT).log(), (tall[which].clamp(min=1) / UNIT).log(),
        ),
        1,
    )  # fmt: skip
    heat = heat.view(scenes, 2, rows, columns)
    # Where letters are not listed, only digits are known to be none.
    weight[:, 1] *= batch.letters_known[:, None, None] | (heat[:, 0] > 0.1)
    middle = (dx[offset] == 0) & (dy[offset] == 0)
    return Targets(heat, weight, cell, bump[which, offset], label[which], box, middle)


def _blank(weight: Tensor, owner: Tensor, boxes: Tensor) -> None:
    """Nothing is asked of the cells that `boxes` cover."""
    cells = (
        torch.cat((boxes[:, :2].div(STRIDE).floor(), boxes[:, 2:].div(STRIDE).ceil()), 1).long().clamp(min=0)
    )
    for scene, (x0, y0, x1, y1) in zip(owner.tolist(), cells.tolist(), strict=True):
        weight[scene, :, y0:y1, x0:x1] = 0


def detector_cost(maps_BCHW: Tensor, targets: Targets) -> StepCost:
    """Focal cross-entropy of the middles, cross-entropy of the classes, distance of the boxes.

    Focal cost as in CornerNet (Law and Deng, 2018): 2 and 4 are its exponents. All are means over boxes.
    The accuracy is the share of digits that are found in their middle and read right.
    """
    middles = max(int(targets.middle.sum()), 1)
    logits = maps_BCHW[:, DIGIT : LETTER_CHANNEL + 1]
    yes, no = F.logsigmoid(logits), F.logsigmoid(-logits)
    found = yes.exp()
    is_middle = targets.heat >= 1
    of_middles = (1 - found) ** 2 * yes
    of_others = (1 - targets.heat) ** 4 * found**2 * no
    heat_cost = -(torch.where(is_middle, of_middles, of_others) * targets.weight).sum() / middles

    scene, row, column = targets.cell.unbind(1)
    said = maps_BCHW[scene, :, row, column]
    is_digit = targets.label < LETTER
    digits = targets.share * is_digit
    classes = F.cross_entropy(said[:, CLASSES], targets.label.clamp(max=9), reduction="none")
    class_cost = (classes * digits).sum() / digits.sum().clamp(min=1)
    apart = F.smooth_l1_loss(said[:, BOX], targets.box, reduction="none", beta=0.1).sum(1)
    box_cost = (apart * targets.share).sum() / targets.share.sum().clamp(min=1)
    with torch.no_grad():
        asked = targets.middle & is_digit
        right = (said[:, CLASSES].argmax(1) == targets.label) & (said[:, DIGIT] > 0)
        accuracy = (right & asked).sum() / asked.sum().clamp(min=1)
        reported = heat_cost + class_cost
    return StepCost(heat_cost + class_cost + BOX_COST * box_cost, reported, accuracy)
