"""The detector's network, its targets and cost: what is taught is what is decoded, and it can be learned."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from core.datasets.detector_scenes import join_scenes
from core.networks.detector import DetectorFile, DetectorNetwork
from core.reading.detector_decoding import Level, decode
from core.reading.detector_format import BOX, CHANNELS, CLASSES, DIGIT, LARGEST, LETTER_CHANNEL, PATCH
from core.recipes.scenes import IGNORED, LETTER, Scenes
from core.synthesis.scene import make_scene, scene_random
from core.train.detector.targets import SceneBatch, detector_cost, make_targets
from tests.core.scene_assets import assets


def batch_of(
    labels: list[int], boxes: list[list[float]], *, known: bool = True, size: int = 128
) -> SceneBatch:
    return SceneBatch(
        torch.zeros(1, 1, size, size),
        torch.zeros(len(labels), dtype=torch.int64),
        torch.tensor(labels, dtype=torch.int64),
        torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4),
        torch.tensor([known]),
    )


def perfect_maps(batch: SceneBatch) -> Tensor:
    """Maps that say exactly what is taught."""
    targets = make_targets(batch)
    rows, columns = targets.heat.shape[2:]
    maps = torch.zeros(len(batch.x_B1HW), CHANNELS, rows, columns)
    heat = targets.heat.clamp(1e-4, 1 - 1e-4)
    maps[:, DIGIT : LETTER_CHANNEL + 1] = torch.log(heat / (1 - heat))
    for (scene, row, column), label, box in zip(targets.cell, targets.label, targets.box, strict=True):
        maps[scene, BOX, row, column] = box
        if label < LETTER:
            maps[scene, CLASSES.start + int(label), row, column] = 12.0
    return maps


def test_the_network_is_small_and_has_a_cell_every_four_pixels() -> None:
    network = DetectorNetwork().eval()
    assert sum(p.numel() for p in network.parameters()) <= 600_000
    with torch.no_grad():
        maps = network(torch.rand(2, 1, 48, 80))
        chances = DetectorFile(network)(torch.rand(1, 1, 48, 80))
    assert maps.shape == (2, CHANNELS, 12, 20)
    assert chances.shape == (1, CHANNELS * PATCH**2, 6, 10)
    said = torch.nn.functional.pixel_shuffle(chances, PATCH)[:, : LETTER_CHANNEL + 1]
    assert said.min() > 0
    assert said.max() < 0.2  # it begins sure that there is nothing


def test_what_is_taught_is_what_is_decoded() -> None:
    boxes = [[20.0, 30, 36, 62], [40.0, 30, 50, 60], [80.0, 90, 100, 118], [70.0, 20, 86, 44]]
    batch = batch_of([7, 1, 4, LETTER], boxes)
    maps = perfect_maps(batch)
    maps[:, : CLASSES.start] = maps[:, : CLASSES.start].sigmoid()
    patches = torch.nn.functional.pixel_unshuffle(maps, PATCH)  # as the model file gives them
    found = decode([Level(patches[0].numpy(), 1.0, 1.0)])
    assert len(found) == 4
    for label, box in zip([7, 1, 4, LETTER], boxes, strict=True):
        nearest = int(np.abs(found.boxes - np.array(box)).max(1).argmin())
        assert np.abs(found.boxes[nearest] - np.array(box)).max() < 0.5
        assert bool(found.letters[nearest]) == (label == LETTER)
        if label < LETTER:
            assert int(found.log_probs[nearest].argmax()) == label


def test_touching_digits_keep_their_own_cells() -> None:
    batch = batch_of([1, 1, 1], [[40.0, 40, 45, 56], [46.0, 40, 51, 56], [52.0, 40, 57, 56]])
    targets = make_targets(batch)
    assert int(targets.middle.sum()) == 3
    assert len({tuple(c) for c in targets.cell.tolist()}) == len(targets.cell)


def test_perfect_maps_cost_almost_nothing() -> None:
    batch = batch_of([3, LETTER], [[20.0, 30, 40, 62], [60.0, 30, 80, 60]])
    cost = detector_cost(perfect_maps(batch), make_targets(batch))
    assert float(cost.loss) < 0.05
    assert float(cost.accuracy) == 1


def test_a_wrong_class_costs_and_is_counted() -> None:
    batch = batch_of([3], [[20.0, 30, 40, 62]])
    maps = perfect_maps(batch)
    maps[:, CLASSES] = maps[:, CLASSES].roll(1, 1)
    cost = detector_cost(maps, make_targets(batch))
    assert float(cost.cross_entropy) > 5
    assert float(cost.accuracy) == 0


@pytest.mark.parametrize(
    ("label", "box", "asked"),
    [
        (IGNORED, [20.0, 30, 40, 62], False),  # cut off at the edge
        (5, [20.0, 30, 24, 36], False),  # too small to be read
        (5, [10.0, 10, 50, 10 + 1.2 * LARGEST], False),  # a little too large
        (5, [4.0, 4, 80, 4 + 1.5 * LARGEST], True),  # far too large: must not be found at this scale
    ],
)
def test_what_is_not_asked_costs_nothing(label: int, box: list[float], asked: bool) -> None:
    targets = make_targets(batch_of([label], [box]))
    x, y = int((box[0] + box[2]) / 8), int((box[1] + box[3]) / 8)
    assert bool(targets.weight[0, DIGIT, y, x]) == asked
    assert float(targets.heat.max()) == 0
    assert len(targets.cell) == 0


def test_a_dash_is_taught_by_its_longer_side() -> None:
    targets = make_targets(batch_of([LETTER], [[40.0, 50, 56, 54]]))
    assert float(targets.heat[0, LETTER_CHANNEL, 13, 12]) == 1
    assert float(targets.heat[0, DIGIT].max()) == 0
    assert targets.label.unique().tolist() == [LETTER]


def test_small_letters_are_no_digits() -> None:
    targets = make_targets(batch_of([LETTER], [[40.0, 50, 44, 57]]))
    assert len(targets.cell) == 0
    assert float(targets.weight[0, DIGIT].min()) == 1
    assert float(targets.weight[0, LETTER_CHANNEL, 13, 10]) == 0


def test_unlisted_letters_are_not_denied_except_on_digits() -> None:
    targets = make_targets(batch_of([5], [[40.0, 40, 60, 70]], known=False))
    assert float(targets.weight[0, DIGIT].min()) == 1
    assert float(targets.weight[0, LETTER_CHANNEL, 0, 0]) == 0
    assert float(targets.weight[0, LETTER_CHANNEL, 13, 12]) == 1


def test_a_batch_without_anything_to_find_has_a_finite_cost() -> None:
    network = DetectorNetwork()
    batch = batch_of([], [])._replace(x_B1HW=torch.rand(1, 1, 128, 128))
    cost = detector_cost(network(batch.x_B1HW), make_targets(batch))
    cost.loss.backward()
    assert torch.isfinite(cost.loss)


def test_it_learns_a_few_scenes_by_heart() -> None:
    torch.manual_seed(1)
    given, config = assets(), Scenes(size=64, empty=0, words=0, faults=0, contrast_min=0.5, tilt=5)
    arrays = join_scenes([make_scene(scene_random(1, i), config, given) for i in range(4)])
    batch = SceneBatch(
        torch.from_numpy(arrays.images)[:, None].float() / 255,
        *(torch.from_numpy(a) for a in arrays[1:]),
    )
    network, targets = DetectorNetwork(), make_targets(batch)
    optimiser = torch.optim.Adam(network.parameters(), 4e-3)
    costs = []
    for _ in range(30):
        cost = detector_cost(network(batch.x_B1HW), targets)
        optimiser.zero_grad()
        cost.loss.backward()
        optimiser.step()
        costs.append(float(cost.loss.detach()))
    assert costs[-1] < 0.5 * costs[0]
