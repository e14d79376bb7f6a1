"""Stands in for `core.train` in the tests: the same command line and run folder, no torch, any ending wanted.

`fake_trainer.py --behave WHAT …arguments of core.train…`
"""
# ruff: noqa: T201 (a program of its own: it answers on its standard output)

from __future__ import annotations

import argparse
import json
import math
import os
import signal
import sys
import time
from pathlib import Path

from core.base.errors import ErrorKind, report_error
from core.base.files import write_json
from core.recipes.recipe import Recipe, parse_recipe
from core.runs import events
from core.runs.folder import EventLog, RunFolder

STEPS = 5


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--behave", default="finish")
    parser.add_argument("--recipe-file", type=Path)
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--set", action="append", default=[])
    parser.add_argument("--test", type=Path)
    parser.add_argument("--devices", action="store_true")
    parser.add_argument("--probe", type=int)
    return parser.parse_args()


class Training:
    """Writes what a training writes, at a pace of `step_seconds`."""

    def __init__(self, run: RunFolder, recipe: Recipe, behave: str) -> None:
        self.run, self.recipe, self.behave = run, recipe, behave
        self.log = EventLog(run)
        self.rank = int(os.environ.get("RANK", "0"))
        self.ranks = int(os.environ.get("WORLD_SIZE", "1"))
        self.first_epoch = json.loads(run.last.read_text())["epoch"] if run.last.exists() else 0
        self.step_seconds = {"finish": 0.002}.get(behave, 0.02)

    def start(self) -> None:
        self.log.write(
            events.Started(
                run=self.run.name, recipe=self.recipe.name, pid=os.getpid(), rank=self.rank,
                processes=self.ranks, device="cpu (a processor)", precision="float32", why="There is no other.",
                epoch=self.first_epoch, epochs=self.recipe.epochs, steps_per_epoch=STEPS,
                images_per_step=self.recipe.batch_size, parameters=1000, sources={"mnist": 100},
            )
        )  # fmt: skip

    def train(self) -> None:
        began = time.monotonic()
        for epoch in range(self.first_epoch, self.recipe.epochs):
            for step in range(epoch * STEPS, (epoch + 1) * STEPS):
                self.between_steps(step)
                time.sleep(self.step_seconds)
                self.log.write(
                    events.Step(
                        step=step + 1, epoch=epoch + 1, train_cost=2 / (step + 1), learning_rate=1e-3,
                        images_per_second=1000.0, memory_mib=100.0,
                    )
                )  # fmt: skip
            self.close_epoch(epoch + 1)
        self.log.write(
            events.Evaluated(source="mnist", n=100, accuracy=0.97, interval95=(0.92, 0.99), cost=0.1)
        )
        self.run.best_onnx.write_bytes(b"a model")
        seconds = time.monotonic() - began
        self.log.write(
            events.Finished(
                epoch=self.recipe.epochs, best_epoch=self.recipe.epochs,
                best_dev_cost=1 / self.recipe.epochs, seconds=seconds,
            )
        )  # fmt: skip

    def close_epoch(self, epoch: int) -> None:
        self.log.write(
            events.Epoch(
                epoch=epoch, step=epoch * STEPS, train_cost=2 / epoch, train_cost_measured=1.5 / epoch,
                train_accuracy=0.9, dev_cost=1 / epoch, dev_accuracy=0.95,
                dev_accuracy_by_source={"mnist": 0.95}, learning_rate=1e-3, seconds=0.1, best=True,
            )
        )  # fmt: skip
        self.run.best.write_bytes(b"weights")
        write_json(self.run.last, {"epoch": epoch})
        self.log.write(events.CheckpointSaved(file="model.pt", epoch=epoch))

    def between_steps(self, step: int) -> None:
        if step == 2 and self.behave == "sigkill_early":
            os.kill(os.getpid(), signal.SIGKILL)
        if step == STEPS + 2:
            misbehave(self)
        while True:
            if self.behave != "deaf" and self.run.stop_requested():
                self.log.write(events.Stopped(epoch=step // STEPS, why="Stopped on request."))
                raise SystemExit(0)
            if not self.run.pause_requested():
                return
            time.sleep(0.02)

    def fail(self, kind: str) -> None:
        self.log.write(events.Failed(kind=kind, message=f"It failed by {kind}.", details="Traceback …"))
        raise SystemExit(1)


def misbehave(training: Training) -> None:
    """In the second epoch: what was asked for on the command line."""
    match training.behave:
        case "raise":
            raise RuntimeError("a wire is loose")
        case "nan" | "data" | "disk_full" | "lost_folder" | "error":
            training.fail(training.behave)
        case "out_of_memory":
            use_all_memory(training)
        case "memory_error":
            print("MemoryError", file=sys.stderr)
            raise SystemExit(1)
        case "sigkill" | "sigsegv" | "sigterm":
            os.kill(os.getpid(), getattr(signal, training.behave.upper()))
        case "exit":
            os._exit(0)
        case "rank_killed":
            if training.rank == 1:
                # On a busy machine the other rank may not have begun; killed then, there would be one rank only.
                while not any(
                    isinstance(e, events.Started) and e.rank == 0 for e in training.run.read_events()
                ):
                    time.sleep(0.05)
                os.kill(os.getpid(), signal.SIGKILL)
            time.sleep(60)
        case "hang":
            time.sleep(60)


def measure(run: RunFolder) -> None:
    """What the test phase of a run leaves that did not come to its own."""
    from core.evaluation.metrics import Evaluation
    from core.evaluation.test_file import SourceResult, TestReport

    time.sleep(0.3)
    found = Evaluation.from_dict({"n": 100, "accuracy": 0.97, "interval95": [0.92, 0.99], "cost": 0.1})
    report = TestReport("classifier", SourceResult("all", found), (SourceResult("mnist", found),))
    write_json(run.test, report.to_json())
    run.best_onnx.write_bytes(run.best.read_bytes())
    log = EventLog(run)
    log.write(events.Evaluated(source="mnist", n=100, accuracy=0.97, interval95=(0.92, 0.99), cost=0.1))
    log.close()


def use_all_memory(training: Training) -> None:
    """Really: the system gives this process no more, and Python finds out."""
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
    try:
        bytearray(4 << 30)
    except MemoryError:
        training.fail("out_of_memory")


def main() -> int:
    args = arguments()
    if args.devices:
        print("a library says hello")
        print(
            json.dumps([{"id": "cpu", "name": "A processor", "default": True, "why": "There is no other."}])
        )
        return 0
    if args.probe:
        if args.behave == "raise":
            raise RuntimeError("no data")
        if args.behave == "hang":
            time.sleep(60)
        recipe = parse_recipe(args.recipe_file.read_text())
        times = {
            "images_per_second": 1000.0,
            "seconds_per_epoch": 10.0,
            "total_seconds": 10.0 * recipe.epochs,
        }
        print(json.dumps(times))
        return 0
    if args.behave == "bad_input":
        sentence = "sources: none of them is here."
        log = EventLog(RunFolder(args.resume))
        log.write(events.Failed(kind="data", message=sentence, details=""))
        log.close()
        return report_error("core.train", sentence, ErrorKind.INPUT)
    if args.test:
        measure(RunFolder(args.test))
        print(json.dumps({"run": args.test.name, "tested": 1}))
        return 0
    if args.behave == "silent":
        time.sleep(60)
    if args.behave in ("deaf", "stubborn"):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        args.behave = "deaf"
    run = RunFolder(args.resume or args.run)
    recipe = parse_recipe(run.recipe.read_text())
    recipe = recipe.with_values(dict(item.split("=", 1) for item in args.set))
    write_json(run.recipe, recipe.to_dict())
    training = Training(run, recipe, args.behave)
    training.start()
    assert math.isfinite(training.step_seconds)
    if training.rank == 0 or training.behave == "rank_killed":
        training.train()
    else:
        time.sleep(60)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
