"""The processes that train one model together (one, or several under torchrun), and requests to stop."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from types import FrameType

import psutil
import torch
import torch.distributed as dist
from torch import nn
from torch.distributed.rendezvous import rendezvous

from core.base.errors import InputError
from core.runs.folder import RunFolder
from core.train.task import StopRequested


@dataclass(frozen=True)
class Ranks:
    """This process's place among those that train together. rank 0 measures, saves and prints."""

    rank: int = 0
    local_rank: int = 0
    count: int = 1

    @classmethod
    def join(cls) -> Ranks:
        """As torchrun says in the environment; a single process if the environment says nothing."""
        return cls(
            int(os.environ.get("RANK", "0")),
            int(os.environ.get("LOCAL_RANK", "0")),
            int(os.environ.get("WORLD_SIZE", "1")),
        )

    def prepare(self, device: torch.device) -> None:
        """Meet the other processes: over NCCL on CUDA, over gloo elsewhere. Divides the CPU's threads."""
        if self.count == 1:
            return
        if device.type == "cuda":
            torch.cuda.set_device(device)
        else:
            here = int(os.environ.get("LOCAL_WORLD_SIZE", self.count))
            torch.set_num_threads(max(1, (os.cpu_count() or 1) // here))
        if not dist.is_initialized():
            dist.init_process_group("nccl" if device.type == "cuda" else "gloo")

    def agreed(self, proposal: str) -> str:
        """What the first process proposes, for all of them; before they `prepare`.

        Raises InputError where the processes can't find each other.
        """
        if self.count == 1:
            return proposal
        try:
            store, _, _ = next(iter(rendezvous("env://", self.rank, self.count)))
            if self.is_first:
                store.set("gnc/proposal", proposal)
            accepted: str = store.get("gnc/proposal").decode()
            store.set(f"gnc/heard/{self.rank}", "yes")
            if self.is_first:  # it may keep the store for the others
                store.wait([f"gnc/heard/{rank}" for rank in range(self.count)])
        except (ValueError, RuntimeError) as error:
            raise InputError(
                f"The {self.count} processes can't find each other: {error}. Start them with torchrun."
            ) from error
        return accepted

    def leave(self) -> None:
        if dist.is_available() and dist.is_initialized():
            dist.destroy_process_group()

    @property
    def is_first(self) -> bool:
        return self.rank == 0

    @property
    def pid(self) -> int:
        return os.getpid()

    def mean(self, values: torch.Tensor) -> torch.Tensor:
        """The mean over all processes."""
        if self.count > 1:
            values = values.clone()
            dist.all_reduce(values)
            values /= self.count
        return values

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in any process."""
        if self.count == 1:
            return flag
        both = torch.tensor(int(flag))
        if dist.get_backend() == "nccl":
            both = both.cuda()
        dist.all_reduce(both, dist.ReduceOp.MAX)
        return bool(both.item())

    def share_buffers(self, network: nn.Module) -> None:
        """Give every process the mean of batch norm's statistics; each saw only its part of the images."""
        if self.count > 1:
            for buffer in network.buffers():
                if buffer.is_floating_point():
                    buffer.copy_(self.mean(buffer))

    def memory_mib(self, device: torch.device) -> float:
        """Of this process; on CUDA what it holds of the card's memory."""
        if device.type == "cuda":
            return torch.cuda.memory_reserved(device) / 2**20
        return psutil.Process().memory_info().rss / 2**20


ALONE = Ranks()


class StopSignal:
    """Looks for requests to stop or to hold: the files of the run folder, SIGTERM and SIGINT.

    `check` is called between steps by all processes alike, for they decide together.
    """

    def __init__(self, run: RunFolder, processes: Ranks) -> None:
        self.run, self.processes = run, processes
        self.asked = ""
        self._before = {n: signal.signal(n, self._on_signal) for n in (signal.SIGTERM, signal.SIGINT)}

    def close(self) -> None:
        """Give the signals back to whoever had them."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _on_signal(self, number: int, _frame: FrameType | None) -> None:
        self.asked = f"Asked to stop by {signal.Signals(number).name}"

    def check(self) -> float:
        """Hold while asked to; returns for how many seconds. Raises StopRequested where a stop is asked for."""
        began = time.monotonic()
        held = False
        while True:
            if not self.asked and self.run.stop_requested():
                self.asked = "Stopped on request"
            if self.processes.any(bool(self.asked)):
                raise StopRequested(self.asked or "Stopped on request")
            if not self.processes.any(self.run.pause_requested()):
                return time.monotonic() - began if held else 0.0
            held = True
            time.sleep(0.1)
