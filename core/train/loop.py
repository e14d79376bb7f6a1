"""The training loop, for every recipe, on the CPU, one GPU or many processes.

    gnc train --recipe general --data-dir DATA --out RUNS
    python -m core.train --recipe general …                                  (the same)
    torchrun --nproc-per-node 2 -m core.train --recipe general …             (one model, two processes)
    python -m core.train --resume RUN

What the shipped model reached with the first command stands in `assets/models/classifier.md`.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import torch
from torch import nn

from core.base.errors import FailureError, InputError
from core.base.paths import Places
from core.recipes.recipe import Recipe
from core.runs import events
from core.runs.folder import EventLog, RunFolder
from core.train import checkpoint
from core.train.about import About
from core.train.classifier.task import ClassifierTask
from core.train.detector.task import DetectorTask
from core.train.device import Device, choose_device
from core.train.distributed import Ranks, StopSignal
from core.train.failures import as_failure, is_lost_peer
from core.train.line.task import LineTask
from core.train.optimizer import MovingAverage, StartBlend, build_optimiser, learning_rate_at
from core.train.task import StopRequested, Task, batch_seed

STEP_EVENT_SECONDS = 0.5


@dataclass
class RunProgress:
    """Where a run stands. Everything in it goes into `model.pt`, beside the tensors.

    step: optimiser steps done. epoch: epochs done, their dev cost measured. sums: of cost and accuracy over
    the running epoch's steps. seconds: of training in all processes of the run's life.
    """

    step: int = 0
    epoch: int = 0
    sums: tuple[float, float] = (0.0, 0.0)
    epoch_seconds: float = 0.0
    seconds: float = 0.0
    best_dev_cost: float = float("inf")
    best_epoch: int = 0


class LoggedPoint(NamedTuple):
    """A moment at which sums were read back: steps done, sums of cost and accuracy, time in seconds."""

    step: int
    sums: tuple[float, float]
    at: float


class Run:
    """One process's part in a run: the loop and the state that it carries."""

    def __init__(
        self, recipe: Recipe, task: Task, run: RunFolder, device: Device, watch: StopSignal, log: EventLog
    ) -> None:
        self.recipe, self.task, self.run, self.device = recipe, task, run, device
        self.watch, self.processes, self.log = watch, watch.processes, log
        torch.manual_seed(recipe.seed)
        self.network = task.build().to(device.torch)
        if device.id != "mps":
            self.network = self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.trained: nn.Module = self.network
        if self.processes.count > 1:
            self.trained = nn.parallel.DistributedDataParallel(self.network)
        self.optimiser = build_optimiser(self.network, recipe)
        self.average = MovingAverage(self.network, recipe.ema)
        self.blend = StartBlend(self.average.network, recipe.start_share if recipe.start_from else 0.0)
        self.scaler = torch.amp.GradScaler(device.torch.type, enabled=device.precision == torch.float16)
        self.steps_per_epoch = max(1, round(task.images_per_epoch / recipe.batch_size))
        self.steps = self.steps_per_epoch * recipe.epochs
        self.progress = RunProgress()
        self.began = time.monotonic()
        self.revision = checkpoint.revision()  # of the code that was loaded, whatever changes later

    def train(self) -> None:
        """Train until all epochs are done. Raises StopRequested when asked to stop, the state saved."""
        self.began = time.monotonic() - self.progress.seconds
        while self.progress.epoch < self.recipe.epochs:
            try:
                self.train_epoch()
                self.close_epoch()
            except StopRequested:
                self.progress.seconds = time.monotonic() - self.began
                self.save_state()
                raise
            self.save_state()

    def train_epoch(self) -> None:
        """The steps of the running epoch that are still to be done."""
        progress, recipe = self.progress, self.recipe
        epoch_began = time.monotonic() - progress.epoch_seconds
        # Sums stay on the device: reading a value back each step would make a GPU wait for Python.
        exact = torch.float32 if self.device.id == "mps" else torch.float64
        sums = torch.tensor(progress.sums, dtype=exact, device=self.device.torch)
        logged = LoggedPoint(progress.step, progress.sums, time.monotonic())
        self.trained.train()
        while progress.step < (progress.epoch + 1) * self.steps_per_epoch:
            try:
                held = self.watch.check()
            except StopRequested:
                progress.sums = self.mean_sums(sums)
                raise
            if held:  # a pause is no training time
                self.began, epoch_began = self.began + held, epoch_began + held
                logged = logged._replace(at=logged.at + held)
            # The state of all random numbers follows from the place in the run: see `Task`.
            torch.manual_seed(batch_seed(recipe.seed, progress.step, self.processes.rank))
            rate = learning_rate_at(recipe, progress.step, self.steps)
            for group in self.optimiser.param_groups:
                group["lr"] = rate
            batch = self.task.batch(
                epoch=progress.epoch, step=progress.step - progress.epoch * self.steps_per_epoch,
                rank=self.processes.rank, processes=self.processes.count,
            )  # fmt: skip
            with torch.autocast(self.device.torch.type, self.device.precision, enabled=self.is_mixed):
                cost = self.task.cost(self.trained, batch)
            self.optimiser.zero_grad(set_to_none=True)
            self.scaler.scale(cost.loss).backward()
            self.scaler.step(self.optimiser)
            self.scaler.update()
            self.average.update(progress.step)
            progress.step += 1
            sums += torch.stack((cost.cross_entropy.detach(), cost.accuracy)).to(exact)
            now = time.monotonic()
            last = progress.step == (progress.epoch + 1) * self.steps_per_epoch
            # Several processes meet at every mean, so they log at the same steps, whatever their clocks say.
            due = (
                now - logged.at >= STEP_EVENT_SECONDS
                if self.processes.count == 1
                else progress.step % 10 == 0
            )
            if due or last:
                progress.epoch_seconds, progress.seconds = now - epoch_began, now - self.began
                logged = self.log_step(logged, LoggedPoint(progress.step, self.mean_sums(sums), now), rate)
        progress.sums = logged.sums

    def mean_sums(self, sums: torch.Tensor) -> tuple[float, float]:
        """The sums of cost and accuracy, as the mean over all processes."""
        cost, accuracy = self.processes.mean(sums).tolist()
        return cost, accuracy

    def log_step(self, before: LoggedPoint, now: LoggedPoint, rate: float) -> LoggedPoint:
        """Write a Step event about what happened between two moments; returns the later."""
        cost = now.sums[0] - before.sums[0]
        if not math.isfinite(cost):
            raise FloatingPointError
        steps = now.step - before.step
        if self.processes.is_first:
            self.log.write(
                events.Step(
                    step=now.step, epoch=self.progress.epoch + 1, train_cost=cost / steps, learning_rate=rate,
                    images_per_second=steps * self.recipe.batch_size / max(now.at - before.at, 1e-9),
                    memory_mib=self.processes.memory_mib(self.device.torch),
                )
            )  # fmt: skip
        return now

    def close_epoch(self) -> None:
        """Measure, keep the best weights, write the Epoch event."""
        progress = self.progress
        measure_began = time.monotonic()
        self.processes.share_buffers(self.average.network)
        self.blend.update()
        measured = self.task.measure(self.blend.network, "train", self.watch.check)
        dev = self.task.measure(self.blend.network, "dev", self.watch.check)
        if not math.isfinite(dev.cost):
            raise FloatingPointError
        best = dev.cost < progress.best_dev_cost
        progress.epoch += 1
        progress.seconds = time.monotonic() - self.began
        if best:
            progress.best_dev_cost, progress.best_epoch = dev.cost, progress.epoch
            if self.processes.is_first:
                self.save_best(dev.cost)
        if self.processes.is_first:
            self.log.write(
                events.Epoch(
                    epoch=progress.epoch, step=progress.step,
                    train_cost=progress.sums[0] / self.steps_per_epoch,
                    train_accuracy=progress.sums[1] / self.steps_per_epoch,
                    train_cost_measured=measured.cost, train_accuracy_measured=measured.accuracy,
                    dev_cost=dev.cost, dev_accuracy=dev.accuracy,
                    dev_accuracy_by_source=dev.accuracy_by_source,
                    learning_rate=self.optimiser.param_groups[0]["lr"],
                    seconds=progress.epoch_seconds + time.monotonic() - measure_began, best=best,
                )
            )  # fmt: skip
        progress.sums, progress.epoch_seconds = (0.0, 0.0), 0.0

    @property
    def is_mixed(self) -> bool:
        return self.device.precision != torch.float32

    def save_state(self) -> None:
        """`model.pt`: everything needed to go on as if nothing had happened."""
        if not self.processes.is_first:
            return
        content = {
            "weights": self.network.state_dict(),
            "average": self.average.network.state_dict() if self.recipe.ema else None,
            "optimiser": self.optimiser.state_dict(),
            "scaler": self.scaler.state_dict(),
            "progress": vars(self.progress),
        }
        checkpoint.save(self.run.last, content)
        self.log.write(events.CheckpointSaved(file=self.run.last.name, epoch=self.progress.epoch))

    def load_state(self) -> None:
        """Take up `model.pt`. Raises ModelError where it is damaged."""
        content = checkpoint.load(self.run.last, ("weights", "average", "optimiser", "scaler", "progress"))
        checkpoint.restore(self.network, content, self.run.last)
        if content["average"] is not None:
            self.average.network.load_state_dict(content["average"])
        self.optimiser.load_state_dict(content["optimiser"])
        self.scaler.load_state_dict(content["scaler"])
        progress = content["progress"]
        cost, accuracy = progress.pop("sums")
        self.progress = RunProgress(**progress, sums=(cost, accuracy))

    def save_best(self, dev_cost: float) -> None:
        """`best_model.pt`: the (averaged) weights with the lowest dev cost so far, and what they are."""
        checkpoint.save(
            self.run.best,
            self.about(dev_cost).to_dict() | {"weights": self.blend.network.state_dict()},
        )
        self.log.write(events.CheckpointSaved(file=self.run.best.name, epoch=self.progress.epoch))

    def about(self, dev_cost: float) -> About:
        """The metadata of a file of weights."""
        return About(
            network=self.recipe.network, recipe=self.recipe.name, run=self.run.name,
            epoch=self.progress.epoch, images=self.progress.step * self.recipe.batch_size,
            revision=self.revision, date=time.strftime("%Y-%m-%d"), seed=self.recipe.seed,
            settings=json.dumps(self.recipe.to_dict()), sources=dict(self.task.sources), dev_cost=dev_cost,
        )  # fmt: skip

    def finish(self) -> None:
        """The test phase, on the best weights; then `best_model.onnx`."""
        if not self.processes.is_first:
            return
        finish_task(self.task, self.blend.network, self.run, self.log)
        self.log.write(
            events.Finished(
                epoch=self.progress.epoch, best_epoch=self.progress.best_epoch,
                best_dev_cost=self.progress.best_dev_cost, seconds=self.progress.seconds,
            )
        )  # fmt: skip


def finish_task(task: Task, network: nn.Module, run: RunFolder, log: EventLog) -> int:
    """The test phase on the run's best weights, then its model file; returns how many sources were measured."""
    content = checkpoint.load(run.best, ("weights",))
    checkpoint.restore(network, content, run.best)
    evaluated = task.finish(network, run, About.from_dict(content, run.best))
    for event in evaluated:
        log.write(event)
    for source, why in task.not_measured.items():
        print(f"Not measured: {source}: {why}", file=sys.stderr)
    return len(evaluated)


def run_training(
    recipe: Recipe,
    run: RunFolder,
    places: Places,
    *,
    device: str = "auto",
    resume: bool = False,
    on_event: Callable[[events.Event], None] = lambda event: None,
) -> None:
    """Train in this process (one of several under torchrun) until finished or stopped.

    Writes how it ended as the last event. Calls `on_event` with every event. Raises InputError or
    FailureError, after a Failed event.
    """
    processes = Ranks.join()
    log = EventLog(run, on_event)
    watch = StopSignal(run, processes)
    state: Run | None = None
    # What is too small for a normal float32 counts as 0: the momentum of channels that died fades into such numbers,
    # and a CPU takes many times as long for them. First of all, as torch's threads take this over when they begin.
    torch.set_flush_denormal(True)
    try:
        chosen = choose_device(device, recipe.precision, processes.local_rank)
        if resume and recipe.precision == "auto":
            chosen = _as_begun(chosen, run)
        processes.prepare(chosen.torch)
        if processes.any(chosen.precision == torch.float32):  # each measured by itself what pays
            chosen = replace(chosen, precision=torch.float32)
        task = build_task(recipe, places, chosen, watch.check)
        state = Run(recipe, task, run, chosen, watch, log)
        if resume and run.last.exists():
            state.load_state()
        log.write(_started(state))
        for note in task.notes:
            print(note, file=sys.stderr)
        state.train()
        state.finish()
    except StopRequested as request:
        if processes.is_first:
            done = run.last.exists()
            epoch = state.progress.epoch if state is not None else 0
            why = f"{request}; what was learned is kept." if done else f"{request}; nothing was learned yet."
            log.write(events.Stopped(epoch=epoch, why=why))
    except Exception as error:  # whatever ended a run is written into its folder, then raised
        if processes.count > 1 and is_lost_peer(error):
            traceback.print_exc()
            raise FailureError("Another of the processes that train together has ended.") from error
        failed = as_failure(error, recipe, saved=run.last.exists())
        with contextlib.suppress(OSError):  # a full disk may not even take this line
            log.write(failed)
        if isinstance(error, InputError):
            raise
        if failed.kind == "error":  # one of ours; what a person can mend needs no traceback
            print(failed.details, file=sys.stderr)
        raise FailureError(failed.message) from error
    finally:
        torch.set_flush_denormal(False)
        log.close()
        watch.close()
        processes.leave()


def _as_begun(device: Device, run: RunFolder) -> Device:
    """The device with the number format in which the run began there: another would change its numbers."""
    begun = [event for event in run.read_events() if isinstance(event, events.Started)]
    if (
        not begun
        or begun[-1].device.partition(" ")[0] != device.id
        or begun[-1].precision == device.precision_name
    ):
        return device
    name = begun[-1].precision
    return replace(
        device, precision=getattr(torch, name), why=f"{device.why} The run goes on in {name}, as it began."
    )


def _started(state: Run) -> events.Started:
    return events.Started(
        run=state.run.name, recipe=state.recipe.name, pid=state.processes.pid, rank=state.processes.rank,
        processes=state.processes.count, device=f"{state.device.id} ({state.device.name})",
        precision=state.device.precision_name, why=state.device.why, epoch=state.progress.epoch,
        epochs=state.recipe.epochs, steps_per_epoch=state.steps_per_epoch,
        images_per_step=state.recipe.batch_size,
        parameters=sum(p.numel() for p in state.network.parameters()), sources=dict(state.task.sources),
    )  # fmt: skip


def build_task(recipe: Recipe, places: Places, device: Device, check_stop: Callable[[], object]) -> Task:
    """Load what `recipe` trains on. Raises DataError where no source of it is here."""
    if recipe.network == "detector":
        return DetectorTask(recipe, places, device.torch, check_stop)
    if recipe.network == "line":
        return LineTask(recipe, places, device.torch, check_stop)
    return ClassifierTask(recipe, places, device.torch, check_stop)
