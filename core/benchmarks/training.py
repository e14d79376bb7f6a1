"""`gnc bench train`: trained images a second, against the way the student's project trained."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset

from core.augmentation.augment import augment
from core.networks.classifier import build_network
from core.recipes.recipe import recipe_named
from core.train.device import Device, choose_device
from core.train.optimizer import build_optimiser
from core.train.task import generator

ROUNDS = 9
IMAGES = 4096


def _median_rate(step: Callable[[], int], device: Device, steps: int) -> float:
    """Images a second: the median of ROUNDS rounds of `steps` steps, after one round to warm up."""
    rates = []
    for _ in range(ROUNDS + 1):
        began, images = time.perf_counter(), 0
        for _ in range(steps):
            images += step()
        if device.id.startswith("cuda"):
            torch.cuda.synchronize()
        rates.append(images / (time.perf_counter() - began))
    return statistics.median(rates[1:])


def _ours(network_name: str, device: Device, batch: int) -> Callable[[], int]:
    """A step as `core/train/loop.py` makes it: data on the device, augmented there, nothing read back."""
    recipe = recipe_named(network_name)
    network = build_network(network_name, recipe.dropout).to(device.torch)
    optimiser = build_optimiser(network, recipe)
    images = torch.randint(0, 256, (IMAGES, 64, 64), dtype=torch.uint8).to(device.torch)
    labels = torch.randint(0, 10, (IMAGES,)).to(device.torch)
    is_ink = torch.ones(IMAGES, dtype=torch.bool, device=device.torch)
    made = generator(1, device.torch)

    def step() -> int:
        picked = torch.randint(0, IMAGES, (batch,), generator=made, device=device.torch)
        x_B1HW = augment(
            images.index_select(0, picked),
            is_ink.index_select(0, picked),
            recipe.augmentation,
            made,
            size=network.input_size,
            textures=images[:64],
        )
        with torch.autocast(device.torch.type, device.precision, enabled=device.precision != torch.float32):
            cost = F.cross_entropy(network(x_B1HW).combined.float(), labels[picked])
        optimiser.zero_grad(set_to_none=True)
        cost.backward()
        optimiser.step()
        return batch

    return step


def _the_seeds_way(device: Device) -> Callable[[], int]:
    """A step of the student's loop: batches of 32 from a DataLoader, moved over, the cost read back each time."""
    recipe = recipe_named("seed")
    network = build_network("seed", recipe.dropout).to(device.torch)
    optimiser = build_optimiser(network, recipe)
    data = TensorDataset(torch.rand(IMAGES, 1, 28, 28), torch.randint(0, 10, (IMAGES,)))
    loader = DataLoader(data, batch_size=32, shuffle=True)
    batches = iter(loader)

    def step() -> int:
        nonlocal batches
        try:
            x_B1HW, labels = next(batches)
        except StopIteration:
            batches = iter(loader)
            x_B1HW, labels = next(batches)
        cost = F.cross_entropy(network(x_B1HW.to(device.torch)).combined, labels.to(device.torch))
        optimiser.zero_grad()
        cost.backward()
        optimiser.step()
        cost.item()
        return int(labels.numel())

    return step


def benchmark() -> dict[str, Any]:
    """Images a second on the fastest device here; the seed's way has no augmentation to do, ours has."""
    device = choose_device()
    on_gpu = not device.id.startswith("cpu")
    batch = 8192 if on_gpu else 256
    seeds_way = _median_rate(_the_seeds_way(device), device, 20)
    ours = _median_rate(_ours("seed", device, batch), device, 20 if on_gpu else 2)
    general = _median_rate(_ours("general", device, batch), device, 20 if on_gpu else 2)
    return {
        "device": device.name,
        "precision": device.precision_name,
        "seeds_way_images_per_second": seeds_way,
        "seed_network_images_per_second": ours,
        "general_network_images_per_second": general,
        "times_the_seeds_way": ours / seeds_way,
    }
