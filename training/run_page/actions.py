"""Which steps a run allows at a moment, and how its state is put into words. Pure; buttons only show it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from training.runs.device_load import Load
from training.runs.state import RunPhase, RunView, Status
from training.ui import wording

# Seconds without a sign of life after which it is worth a word.
_QUIET_TRAINING = 120.0
_QUIET_OTHERWISE = 900.0


@dataclass(frozen=True)
class AvailableActions:
    """What can be done with a run now. begin: start a waiting run at once."""

    pause: bool = False
    go_on: bool = False
    begin: bool = False
    stop: bool = False
    stop_now: bool = False
    resume: bool = False
    repeat: bool = False
    from_weights: bool = False
    more_epochs: bool = False
    half_batch: bool = False
    use: bool = False
    export: bool = False
    delete: bool = False


def steps_of(view: RunView) -> AvailableActions:
    """The steps that make sense for this run."""
    status = view.status
    busy = status in (Status.STARTING, Status.RUNNING)
    over = not status.is_active
    has_recipe = view.recipe is not None
    return AvailableActions(
        pause=status is Status.RUNNING,
        go_on=status is Status.PAUSED,
        begin=status is Status.WAITING,
        stop=busy or status in (Status.PAUSED, Status.WAITING),
        stop_now=busy or status in (Status.PAUSED, Status.STOPPING),
        resume=over and view.can_resume,
        repeat=has_recipe,
        from_weights=has_recipe and view.best_epoch > 0,
        more_epochs=over and status is Status.FINISHED and view.has_checkpoint,
        half_batch=over and has_recipe and view.recipe is not None and view.recipe.batch_size > 2,
        use=view.has_model,
        export=view.has_model,
        delete=over,
    )


def phase_text(view: RunView) -> str:
    """“epoch 7 of 40”, “loading data”, “testing the best model”."""
    match view.status:
        case Status.WAITING:
            return "waits for its turn"
        case Status.STARTING:
            return "starting"
        case Status.PAUSED:
            return f"paused in epoch {_current(view)} of {view.epochs}"
        case Status.STOPPING:
            return "stopping; what was learned is being saved"
    match view.phase:
        case RunPhase.LOADING:
            return "loading data"
        case RunPhase.TRAINING:
            return f"epoch {_current(view)} of {view.epochs}"
        case RunPhase.TESTING:
            return "testing the best model"
        case RunPhase.NONE:
            return f"{view.epoch} of {wording.counted(view.epochs, 'epoch')} done" if view.epochs else ""


def _current(view: RunView) -> int:
    return min(view.epoch + 1, view.epochs)


def progress_text(view: RunView) -> str:
    """What stands beside the progress bar: images/s · elapsed · left, as far as known."""
    if view.status is Status.STARTING:
        return "Getting the data ready; the first time this can take a minute."
    parts = []
    if view.status is Status.RUNNING and math.isfinite(view.images_per_second):
        parts.append(f"{wording.count(view.images_per_second)} images/s")
    if math.isfinite(view.elapsed):
        word = "so far" if view.status.is_active else "in all"
        parts.append(f"{wording.duration(view.elapsed)} {word}")
    if view.status.is_active and math.isfinite(view.remaining):
        parts.append(wording.remaining(view.remaining))
    return " · ".join(parts)


def warning_text(view: RunView) -> str:
    """What is odd about a run though it has not ended: no news for long, events that can't be read."""
    sentences = []
    # Loading and testing tell nothing for minutes; between steps and epochs there are seconds.
    patience = _QUIET_TRAINING if view.phase is RunPhase.TRAINING else _QUIET_OTHERWISE
    if math.isfinite(view.quiet) and view.quiet > patience:
        sentences.append(
            f"No news from it for {wording.duration(view.quiet)}: the computer may be busy with something else, "
            "or it is stuck; then “Stop now” ends it."
        )
    if view.damaged_lines:
        lines = wording.counted(view.damaged_lines, "line")
        was = "was" if view.damaged_lines == 1 else "were"
        sentences.append(f"{lines} of its events can't be read and {was} left out.")
    return " ".join(sentences)


def machine_text(view: RunView, load: Load | None) -> str:
    """Device, its load and memory: “cpu, float32 · processor 97% · run 812 MiB”."""
    parts = []
    if view.device:
        precision = f", {view.precision}" if view.precision else ""
        processes = f", {view.processes} processes" if view.processes > 1 else ""
        parts.append(f"{view.device}{precision}{processes}")
    if not view.status.is_active:
        return " · ".join(parts)
    if load is not None:
        if math.isfinite(load.gpu_share) and not view.device.startswith("cpu"):
            parts.append(f"graphics card {wording.percent(load.gpu_share, digits=0)}")
            if math.isfinite(load.gpu_memory_used) and math.isfinite(load.gpu_memory_total):
                used, total = wording.size(load.gpu_memory_used), wording.size(load.gpu_memory_total)
                parts.append(f"its memory {used} of {total}")
        if math.isfinite(load.cpu):
            parts.append(f"processor {wording.percent(load.cpu, digits=0)}")
        if math.isfinite(load.memory_used) and math.isfinite(load.memory_total):
            parts.append(f"memory {wording.size(load.memory_used)} of {wording.size(load.memory_total)}")
    if math.isfinite(view.memory_mib):
        parts.append(f"this run {wording.size(view.memory_mib)}")
    return " · ".join(parts)
