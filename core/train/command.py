"""`python -m core.train`: its arguments, carried out."""

from __future__ import annotations

import argparse
import contextlib
import json
import logging
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from core.base.causes import system_error
from core.base.errors import ErrorKind, FailureError, InputError, report_error
from core.base.files import write_json
from core.base.logs import kept_in
from core.base.paths import Places
from core.recipes.recipe import Recipe, parse_recipe, ready_to_run, recipe_named, with_absolute_paths
from core.runs import events
from core.runs.folder import EventLog, RunFolder
from core.train.arguments import add_arguments
from core.train.console import ConsoleLogger
from core.train.device import available_devices, choose_device
from core.train.distributed import ALONE, Ranks
from core.train.loop import run_training
from core.train.measuring import measure_best_model, probe
from core.train.start import check_recipe
from core.train.tensorboard import TensorBoardLog

_log = logging.getLogger(__name__)


def prepare_run(
    *, recipe: Recipe | None, resume: Path | None, runs: Path, folder: Path | None, changes: dict[str, str],
    processes: Ranks = ALONE,
) -> tuple[Recipe, RunFolder]:  # fmt: skip
    """The recipe and the folder of a new run, or of one that goes on (`resume`), with `changes` made.

    All processes that train together get the same folder. Raises InputError (RecipeError for a bad value) where
    there is nothing to go on with, and where they can't find each other.
    """
    if resume is not None:
        run = RunFolder(resume)
        if not run.recipe.is_file():
            raise InputError(f"{resume} is no run: it has no recipe.json. Give a folder that training wrote.")
        stored = parse_recipe(run.recipe.read_text(encoding="utf-8"))
        changed = with_absolute_paths(stored.with_values(changes))
        check_recipe(changed)
        if changed != stored:
            write_json(run.recipe, changed.to_dict())
        for leftover in run.path.glob(".*.part"):  # of a process that was killed while it wrote
            leftover.unlink(missing_ok=True)
        run.withdraw_stop()
        return changed, run
    assert recipe is not None
    recipe = ready_to_run(recipe.with_values(changes))
    check_recipe(recipe)
    if folder is None:
        folder = runs / processes.agreed(RunFolder.proposed(runs, recipe.name).name)
    run = RunFolder(folder)
    run.path.mkdir(parents=True, exist_ok=True)
    write_json(run.recipe, recipe.to_dict())
    return recipe, run


def run_command(args: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Carry out the parsed arguments. `say` shows a sentence to the user. Returns the exit code."""
    if args.devices:
        listed = [
            {"id": i, "name": name, "default": n == 0, "why": choose_device(i if n else "auto").why}
            for n, (i, name) in enumerate(available_devices())
        ]
        print(json.dumps(listed))
        return 0
    places = Places.find(data_dir=args.data_dir, runs_dir=args.out)
    changes = {}
    for item in args.set:
        key, equals, value = item.partition("=")
        if not equals:
            raise InputError(f"--set {item}: write it as KEY=VALUE, such as --set epochs=5.")
        changes[key.strip()] = value.strip()
    recipe = None
    if args.recipe is not None:
        recipe = recipe_named(args.recipe)
    elif args.recipe_file is not None:
        recipe = parse_recipe(args.recipe_file.read_text(encoding="utf-8"))
    if args.probe:
        if recipe is None:
            raise InputError("--probe times a recipe: give one with --recipe or --recipe-file.")
        print(json.dumps(probe(ready_to_run(recipe.with_values(changes)), places, args.device, args.probe)))
        return 0
    if args.test is not None:
        tested = measure_best_model(RunFolder(args.test), places, device=args.device)
        print(json.dumps({"run": args.test.name, "tested": tested}))
        return 0
    processes = Ranks.join()
    try:
        recipe, run = prepare_run(
            recipe=recipe, resume=args.resume, runs=places.runs, folder=args.run_folder, changes=changes,
            processes=processes,
        )  # fmt: skip
    except InputError as error:
        if args.resume is not None and processes.is_first:
            _note_failure(RunFolder(args.resume), error)
        raise
    if processes.is_first:
        _log.info("Training of run %s begins, recipe %s", run.name, recipe.name)
        say(f"Run folder: {run.path}")
    console = ConsoleLogger()
    board = TensorBoardLog(run.path) if args.tensorboard else None

    def on_event(event: events.Event) -> None:
        console.on_event(event)
        if isinstance(event, events.Finished | events.Stopped | events.Failed):
            _log.info("Training of run %s ended: %s", run.name, _why_ended(event))
        if board is not None:
            board.on_event(event)

    try:
        run_training(
            recipe, run, places, device=args.device, resume=args.resume is not None, on_event=on_event
        )
    except InputError:
        if processes.is_first and args.resume is None and args.run_folder is None:
            _take_back(run)
        raise
    finally:
        if board is not None:
            board.close()
    return 0


def _take_back(run: RunFolder) -> None:
    """Remove the folder of a new run that could not begin: its recipe was at fault, and nothing was learned."""
    if not run.last.exists() and not run.best.exists():
        _log.info("Run %s could not begin; its folder is removed.", run.name)
        shutil.rmtree(run.path, ignore_errors=True)


def _why_ended(event: events.Finished | events.Stopped | events.Failed) -> str:
    if isinstance(event, events.Finished):
        return "finished"
    return event.why if isinstance(event, events.Stopped) else event.message


def _note_failure(run: RunFolder, error: InputError) -> None:
    """Whoever follows the run reads in its folder why it did not begin."""
    with contextlib.suppress(OSError):
        log = EventLog(run)
        log.write(events.Failed(kind="data", message=str(error), details=""))
        log.close()


def main(argv: Sequence[str] | None = None) -> int:
    """`python -m core.train`; the window and torchrun start it so."""
    parser = argparse.ArgumentParser(prog="core.train", description="Train a model from a recipe.")
    add_arguments(parser)
    args = parser.parse_args(argv)
    with kept_in(Places.find().logs):
        return _told(args)


def _told(args: argparse.Namespace) -> int:
    """Carry out the arguments; what goes wrong is a sentence on standard error."""
    try:
        return run_command(args, lambda text: print(text, file=sys.stderr))
    except InputError as error:
        return report_error("core.train", error, ErrorKind.INPUT)
    except FailureError as error:
        return report_error("core.train", error, ErrorKind.FAILURE)
    except (MemoryError, OSError) as error:
        return report_error("core.train", system_error(error), ErrorKind.FAILURE)
