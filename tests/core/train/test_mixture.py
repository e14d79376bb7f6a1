"""Sources are drawn from in their shares, each image once before any comes twice."""

from __future__ import annotations

import torch

from core.recipes.recipe import recipe_named
from core.train.mixture import Mixture
from core.train.optimizer import MovingAverage, StartBlend, learning_rate_at
from core.train.samples import Samples
from core.train.task import batch_seed


def samples(count: int, label: int) -> Samples:
    return Samples(
        torch.zeros((count, 64, 64), dtype=torch.uint8),
        torch.full((count,), label),
        torch.ones(count, dtype=torch.bool),
        str(label),
    )


def mixture() -> Mixture:
    parts = {"a": samples(10, 0), "b": samples(1000, 1), "none": samples(0, 2)}
    return Mixture.holding(parts, {"a": 1.0, "b": 3.0, "none": 5.0}, torch.device("cpu"))


def test_shares_are_kept_and_empty_sources_left_out() -> None:
    mixed = mixture()
    assert mixed.counts == {"a": 10, "b": 1000}
    order = mixed.order(41, seed=1, epoch=0)
    assert len(order) == 41
    assert int((mixed.labels[order] == 0).sum()) == 10


def test_every_image_comes_once_before_any_comes_twice() -> None:
    mixed = mixture()
    seen = torch.cat([mixed.order(400, seed=1, epoch=e) for e in range(3)])
    of_b = seen[mixed.labels[seen] == 1]
    assert len(of_b) == 900
    assert len(of_b.unique()) == 900
    of_a = seen[mixed.labels[seen] == 0]
    assert of_a.bincount(minlength=10)[:10].tolist() == [30] * 10


def test_the_order_follows_from_seed_and_epoch_alone() -> None:
    one, two = mixture(), mixture()
    one.order(100, seed=1, epoch=0)
    assert torch.equal(one.order(100, seed=1, epoch=4), two.order(100, seed=1, epoch=4))
    assert not torch.equal(one.order(100, seed=1, epoch=4), two.order(100, seed=2, epoch=4))
    assert not torch.equal(one.order(100, seed=1, epoch=4), two.order(100, seed=1, epoch=5))


def test_seeds_of_places_differ() -> None:
    made = {batch_seed(s, e, t) for s in range(4) for e in range(20) for t in range(50)}
    assert len(made) == 4 * 20 * 50


def test_the_learning_rate_rises_and_falls() -> None:
    recipe = recipe_named("general")
    rates = [learning_rate_at(recipe, step, 1000) for step in range(1000)]
    top = rates.index(max(rates))
    assert max(rates) == recipe.learning_rate
    assert abs(top - recipe.warmup * 1000) <= 1
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert rates[-1] < recipe.learning_rate / 1000
    assert {learning_rate_at(recipe_named("seed"), s, 10) for s in range(10)} == {9e-4}


def test_the_average_follows_the_weights() -> None:
    linear, norm = torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2)
    network = torch.nn.Sequential(linear, norm)
    average = MovingAverage(network, 0.5)
    with torch.no_grad():
        linear.weight.fill_(1.0)
        assert norm.running_mean is not None
        norm.running_mean.fill_(4.0)
    for step in range(100):
        average.update(step)
    torch.testing.assert_close(average.network.state_dict(), network.state_dict())
    assert MovingAverage(network, 0.0).network is network


def test_what_is_kept_of_the_start_is_blended_into_what_was_learned() -> None:
    network = torch.nn.Linear(2, 1, bias=False)
    with torch.no_grad():
        network.weight.fill_(1.0)
    blend = StartBlend(network, 0.25)
    with torch.no_grad():
        network.weight.fill_(5.0)
    assert blend.network.get_parameter("weight").tolist() == [[1.0, 1.0]], (
        "nothing is taken up before it is asked for"
    )
    for _ in range(2):  # blended from the start each time, not from what it was before
        blend.update()
        assert blend.network.get_parameter("weight").tolist() == [[4.0, 4.0]]
    assert network.weight.tolist() == [[5.0, 5.0]]
    assert StartBlend(network, 0.0).network is network
