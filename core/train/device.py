"""Which device and number format a run uses, and why, in words."""

from __future__ import annotations

import functools
import platform
import time
from dataclasses import dataclass

import torch
from torch import nn

from core.base.errors import InputError


@dataclass(frozen=True)
class Device:
    """id: what torch calls it. name: for people. precision: a torch dtype of the forward pass."""

    id: str
    name: str
    precision: torch.dtype
    why: str

    @property
    def torch(self) -> torch.device:
        return torch.device(self.id)

    @property
    def precision_name(self) -> str:
        return str(self.precision).removeprefix("torch.")


def cpu_name() -> str:
    """The processor's name, if the system reports it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def available_devices() -> list[tuple[str, str]]:
    """(id, name) of every device that can train here, the one `auto` takes first."""
    found = [(f"cuda:{i}", torch.cuda.get_device_name(i)) for i in range(torch.cuda.device_count())]
    if torch.backends.mps.is_available():
        found.append(("mps", "Apple GPU"))
    return [*found, ("cpu", f"{cpu_name()}, {torch.get_num_threads()} threads")]


def choose_device(wanted: str = "auto", precision: str = "auto", local_rank: int = 0) -> Device:
    """The device for `auto`, `cpu`, `cuda`, `cuda:N` or `mps`, with the number format that pays on it.

    Raises:
        InputError: the device is not there, or cannot compute in the format asked for.
    """
    there = dict(available_devices())
    if wanted == "auto":
        cards = [i for i in there if i.startswith("cuda")]
        device_id = cards[local_rank % len(cards)] if cards else next(iter(there))
        why = f"{there[device_id]} is the fastest device here"
    elif wanted == "cuda" and any(i.startswith("cuda") for i in there):
        device_id = f"cuda:{local_rank % torch.cuda.device_count()}"
        why = f"{there[device_id]} was asked for"
    elif wanted in there:
        device_id, why = wanted, f"{there[wanted]} was asked for"
    else:
        raise InputError(f"There is no device “{wanted}” here; there are: auto, {', '.join(there)}.")
    dtype, reason = _choose_precision(device_id, precision)
    return Device(device_id, there[device_id], dtype, f"{why}; {reason}.")


def _choose_precision(device_id: str, wanted: str) -> tuple[torch.dtype, str]:
    if wanted != "auto":
        if device_id == "mps" and wanted == "bfloat16":
            raise InputError("The Apple GPU has no bfloat16 training here; choose auto, float32 or float16.")
        dtype: torch.dtype = getattr(torch, wanted)
        return dtype, f"{wanted} was asked for"
    if device_id.startswith("cuda"):
        if torch.cuda.is_bf16_supported(including_emulation=False):
            return torch.bfloat16, "bfloat16 is computed by its tensor cores"
        return torch.float16, "float16 is computed by its tensor cores, and it has no bfloat16"
    if device_id == "mps":
        return torch.float32, "float32, because half formats gain nothing for networks this small"
    gain = bfloat16_gain()
    if gain > WORTHWHILE_GAIN:
        return torch.bfloat16, f"bfloat16, because this processor trains {gain:.1f} times as fast in it"
    return torch.float32, f"float32, because bfloat16 is {gain:.1f} times as fast on this processor"


WORTHWHILE_GAIN = 1.1
"""How many times as fast bfloat16 must be before it is chosen: it costs a little accuracy of each step."""


@functools.cache
def bfloat16_gain() -> float:
    """How many times as fast as in float32 this processor trains a small convolutional network in bfloat16.

    Measured, in a few tenths of a second: a processor may compute bfloat16 in tiles, in vectors or only by way of
    float32, and each version of torch uses that differently.
    """
    with torch.random.fork_rng(devices=[]):
        network = _small_network()
    images = torch.zeros(64, 1, 32, 32)

    def seconds(dtype: torch.dtype) -> float:
        began = time.process_time()
        with torch.autocast("cpu", torch.bfloat16, enabled=dtype == torch.bfloat16):
            cost = network(images).float().square().mean()
        cost.backward()
        return time.process_time() - began

    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # threads that wait for each other would count
    try:
        formats = (torch.float32, torch.bfloat16)
        for dtype in formats:
            seconds(dtype)  # the first time prepares its kernels
        # By turns, and the fastest of each: other programs slow single ones down.
        rounds = [[seconds(dtype) for dtype in formats] for _ in range(5)]
    finally:
        torch.set_num_threads(threads)
    plain, half = (min(times) for times in zip(*rounds, strict=True))
    return float(plain / half)


def _small_network() -> nn.Module:
    network: nn.Module = nn.Sequential(
        *(nn.Conv2d(1, 32, 3, stride=2, padding=1), nn.BatchNorm2d(32), nn.ReLU()),
        *(nn.Conv2d(32, 64, 3, stride=2, padding=1), nn.BatchNorm2d(64), nn.ReLU()),
        *(nn.Conv2d(64, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU()),
    )
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network
