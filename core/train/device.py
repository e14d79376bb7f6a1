"""Which device and number format a run uses, and why, in words."""

from __future__ import annotations

import platform
from dataclasses import dataclass

import torch

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
    """The processor's name where the system tells it."""
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
    # Measured on 2 cores with AVX512-BF16 but no AMX: bfloat16 convolutions took 1.5 times as long.
    if torch.cpu._is_amx_tile_supported():
        return torch.bfloat16, "bfloat16, because this processor multiplies it in tiles (AMX)"
    return torch.float32, "float32, because this processor has no tiles for bfloat16 (AMX)"
