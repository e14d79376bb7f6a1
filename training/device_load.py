"""How busy the processor and the graphics card are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Load:
    """Shares are 0..1, memory MiB; NaN where it can't be had. gpu: its name, empty for none."""

    cpu: float
    memory_used: float
    memory_total: float
    gpu: str
    gpu_share: float
    gpu_memory_used: float
    gpu_memory_total: float
