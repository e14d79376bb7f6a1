"""How busy the processor and the graphics card are, where that can be had."""

from __future__ import annotations

import contextlib
import math
import shutil
import subprocess
import sys
from dataclasses import dataclass

import psutil

_QUERY = "name,utilization.gpu,memory.used,memory.total"


@dataclass(frozen=True)
class Load:
    """Shares are 0..1, memory in MiB; NaN where it can't be had. gpu: the busiest card's name, or empty."""

    cpu: float
    memory_used: float
    memory_total: float
    gpu: str = ""
    gpu_share: float = math.nan
    gpu_memory_used: float = math.nan
    gpu_memory_total: float = math.nan


class LoadMeter:
    """Measures without waiting: `nvidia-smi` may take a second; it is asked now and read the next time."""

    def __init__(self) -> None:
        self._program = shutil.which("nvidia-smi")
        self._child: subprocess.Popen[str] | None = None
        self._gpu: tuple[str, float, float, float] | None = None
        psutil.cpu_percent()  # the first call only sets the mark that the next measures from

    def measure(self) -> Load:
        """The load since the last call."""
        self._ask_gpu()
        memory = psutil.virtual_memory()
        used, total = (memory.total - memory.available) / 2**20, memory.total / 2**20
        return Load(psutil.cpu_percent() / 100, used, total, *(self._gpu or ()))

    def close(self) -> None:
        """End what is still being asked."""
        if self._child is not None:
            self._child.kill()
            self._child.communicate()
            self._child = None

    def _ask_gpu(self) -> None:
        if self._program is None:
            return
        if self._child is not None:
            if self._child.poll() is None:
                return
            output, _ = self._child.communicate()
            self._gpu = parse_nvidia_smi(output) if self._child.returncode == 0 else None
        flags = 0
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW
        self._child = None
        with contextlib.suppress(OSError):
            self._child = subprocess.Popen(
                [self._program, f"--query-gpu={_QUERY}", "--format=csv,noheader,nounits"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
                creationflags=flags,
            )


def parse_nvidia_smi(output: str) -> tuple[str, float, float, float] | None:
    """Name, share, memory used and in all of the busiest card; None where nothing can be read from it."""
    cards = []
    for line in output.splitlines():
        parts = [part.strip() for part in line.split(",")]
        if len(parts) == 4:
            share, used, total = (_number(part) for part in parts[1:])
            cards.append((parts[0], share / 100, used, total))
    return max(cards, key=lambda card: (card[1] if card[1] == card[1] else -1.0, card[2]), default=None)


def _number(text: str) -> float:
    # “[N/A]”, as for a card that is divided into instances.
    try:
        return float(text)
    except ValueError:
        return math.nan
