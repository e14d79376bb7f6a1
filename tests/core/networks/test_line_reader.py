"""The line reader's network."""

from __future__ import annotations

import pytest
import torch

from core.networks.line_reader import LineFile, LineNetwork, steps_of
from core.reading.line_format import CLASSES, HEIGHT


def test_a_step_for_every_four_pixels() -> None:
    network = LineNetwork().eval()
    for width in (32, 36, 200):
        logits = network(torch.rand(2, 1, HEIGHT, width))
        assert logits.shape == (2, steps_of(width), CLASSES)


def test_it_fits_the_size_of_its_file() -> None:
    assert sum(p.numel() for p in LineNetwork().parameters()) * 4 < 1_150_000


def test_brightness_and_contrast_of_a_strip_hardly_matter() -> None:
    network = LineNetwork().eval()
    x = torch.rand(1, 1, HEIGHT, 64, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(network(x), network(0.3 + 0.5 * x), atol=0.3)
    assert network(torch.full((1, 1, HEIGHT, 64), 0.5)).isfinite().all()


@pytest.mark.parametrize("temperature", [1.0, 2.0])
def test_a_file_gives_logarithms_of_probabilities(temperature: float) -> None:
    out = LineFile(LineNetwork(), temperature).eval()(torch.rand(1, 1, HEIGHT, 64))
    assert torch.allclose(out.exp().sum(-1), torch.ones(1, 16), atol=1e-4)
