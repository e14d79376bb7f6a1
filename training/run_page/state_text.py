"""How the state of a run is put into words."""

from __future__ import annotations

import math

from training.runs.device_load import Load
from training.runs.state import RunPhase, RunView, Status
from training.ui import wording

# Seconds without a sign of life after which it is worth a word.
_QUIET_TRAINING = 120.0
_QUIET_OTHERWISE = 900.0


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


def model_text(view: RunView) -> str:
    """A warning before the run's model is used: that there is none, or that it was not tested."""
    if not (view.has_weights or view.has_model):
        if view.status.is_active:
            return "No model yet: the first epoch is not done."
        return "No model: no epoch was done."
    if view.status.is_active:
        return f"The best model so far is that of epoch {view.best_epoch}." if view.best_epoch else ""
    if view.is_untested:
        return "Its model is not tested. It can be used, and tested (More)."
    return ""


def warning_text(view: RunView) -> str:
    """What is odd about a run though it has not ended: no news for long, events that can't be read."""
    sentences = []
    # Loading and testing write no events for minutes; between steps and epochs there are seconds.
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
