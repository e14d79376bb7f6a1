"""Strips cut out of rows, and what happens to them."""

from __future__ import annotations

import torch

from core.augmentation.lines.augment import augmented_strips, plain_strips
from core.augmentation.lines.looks import Chance, spoil
from core.augmentation.lines.strips import RowTensors, cut_strips, plain_view, random_view, strip_width_of
from core.reading.line_format import HEIGHT
from core.synthesis.lines import frame

CPU = torch.device("cpu")


def rows() -> RowTensors:
    """Three rows of ink: their characters are filled blocks."""
    widths = [20, 90, 300]
    columns = []
    for w in widths:
        row = torch.zeros(w + 2 * frame.SIDE, frame.HEIGHT, dtype=torch.uint8)
        row[frame.SIDE : -frame.SIDE, frame.TOP : -frame.TOP] = 255
        columns.append(row)
    lengths = torch.tensor([len(c) for c in columns])
    return RowTensors(
        torch.cat(columns),
        lengths.cumsum(0) - lengths,
        torch.tensor(widths),
        torch.tensor([True, True, False]),
    )


def made(seed: int = 1) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def test_the_frame_of_rows_is_the_same_on_both_sides() -> None:
    from core.augmentation.lines import strips

    assert (strips.ROW, strips.CONTENT, strips.SIDE) == (
        frame.HEIGHT, frame.CONTENT, frame.SIDE,
    )  # fmt: skip


def test_a_plain_strip_shows_the_row_in_the_middle_with_the_usual_margins() -> None:
    view = plain_view(1, CPU)
    width = int(strip_width_of(torch.tensor([90]), view).ceil())
    strip = cut_strips(rows(), torch.tensor([1]), width, view)[0]
    assert strip.shape == (HEIGHT, width)
    inside = strip > 0.5
    down, along = inside.any(1).nonzero()[:, 0], inside.any(0).nonzero()[:, 0]
    assert abs(float(len(down)) - HEIGHT / 1.3) <= 2
    assert abs(int(down[0]) - (HEIGHT - 1 - int(down[-1]))) <= 1
    assert abs(float(len(along)) - 90 * HEIGHT / 36 / 1.3) <= 3
    assert abs(int(along[0]) - (width - 1 - int(along[-1]))) <= 2


def test_too_long_a_row_is_squeezed_never_cut() -> None:
    strip = cut_strips(rows(), torch.tensor([2]), 64, plain_view(1, CPU))[0]
    assert strip[:, :2].max() < 0.5
    assert strip[:, -2:].max() < 0.5
    assert strip.max() > 0.9


def test_random_views_keep_nearly_all_of_the_characters_in_sight() -> None:
    picked = torch.ones(200, dtype=torch.int64)
    strips = cut_strips(rows(), picked, 176, random_view(200, made(), CPU))
    edge = torch.cat([strips[:, :, :1], strips[:, :, -1:]], 2)
    assert (edge > 0.5).float().mean() < 0.1
    assert (strips > 0.5).flatten(1).any(1).all()


def test_augmented_strips_stay_in_range_and_follow_from_the_seed() -> None:
    picked = torch.tensor([0, 1, 2] * 20)
    backgrounds = torch.randint(0, 255, (900, frame.HEIGHT), dtype=torch.uint8, generator=made(3))
    first = augmented_strips(rows(), picked, 112, backgrounds, made(5))
    again = augmented_strips(rows(), picked, 112, backgrounds, made(5))
    other = augmented_strips(rows(), picked, 112, backgrounds, made(6))
    assert first.shape == (60, 1, HEIGHT, 112)
    assert first.isfinite().all()
    assert first.min() >= 0
    assert first.max() <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_calm_strips_come_nearer_to_the_usual_ones() -> None:
    picked = torch.ones(200, dtype=torch.int64)
    usual = plain_view(200, CPU)

    def distance(strength: float) -> float:
        view = random_view(200, made(), CPU, strength)
        return sum(float((a - b).abs().mean()) for a, b in zip(view, usual, strict=True))

    assert 0 < distance(0.5) < 0.6 * distance(1.0)
    none = torch.zeros(0, frame.HEIGHT, dtype=torch.uint8)
    calm = augmented_strips(rows(), picked, 112, none, made(5), strength=0.5)
    assert calm.shape == (200, 1, HEIGHT, 112)
    assert 0 <= calm.min() <= calm.max() <= 1


def test_without_photos_ink_stands_on_plain_grounds() -> None:
    none = torch.zeros(0, frame.HEIGHT, dtype=torch.uint8)
    assert augmented_strips(rows(), torch.tensor([0, 1]), 64, none, made()).isfinite().all()


def test_plain_strips_show_ink_dark_on_light() -> None:
    strips = plain_strips(rows(), torch.tensor([0, 1]), 112)
    assert strips[:, 0, HEIGHT // 2, 56].max() < 0.3
    assert strips[:, 0, 0, 0].min() > 0.7


def test_a_few_strips_can_be_spoilt_too() -> None:
    for n in (1, 2, 5):
        x = spoil(torch.rand(n, HEIGHT, 64, generator=made(n)), Chance(made(n), CPU))
        assert x.shape == (n, HEIGHT, 64)
        assert x.min() >= 0
        assert x.max() <= 1
