"""Whatever breaks a run, as a Failed event: one sentence that says what happened and what to try."""

from __future__ import annotations

import traceback

import torch

from core.base.causes import Cause, cause_of, chain
from core.base.errors import InputError
from core.recipes.recipe import Recipe
from core.runs.events import Failed


def as_failure(error: Exception, recipe: Recipe, *, saved: bool = True) -> Failed:
    """The event that reports `error`. saved: a state to go on from is there."""
    kind, message = _explain(error, recipe, saved)
    return Failed(kind=kind, message=message, details="".join(traceback.format_exception(error)))


def _explain(error: Exception, recipe: Recipe, saved: bool) -> tuple[str, str]:
    text = str(error)
    kept = "The last whole epoch is kept." if saved else "No epoch was saved yet, so it begins anew."
    if is_out_of_memory(error):
        half = max(2, recipe.batch_size // 2)
        return "out_of_memory", (
            f"The memory was used up at a batch size of {recipe.batch_size}; try a batch size of {half}, "
            "or close other programs."
        )
    if isinstance(error, FloatingPointError):
        return "nan", (
            f"The cost became infinite or no number at a learning rate of {recipe.learning_rate:g}; "
            f"try {recipe.learning_rate / 3:.1g}."
        )
    match cause_of(error):
        case Cause.DISK_FULL:
            return "disk_full", f"{Cause.DISK_FULL.sentence}; free some space and resume the run. {kept}"
        case Cause.LOST_FOLDER:
            return "lost_folder", f"{Cause.LOST_FOLDER.sentence}; connect it again and resume the run. {kept}"
    if isinstance(error, InputError):
        return "data", text
    return (
        "error",
        f"The training broke off with an error of the program: {type(error).__name__}: {text[:200]}",
    )


def is_out_of_memory(error: BaseException) -> bool:
    """Of the CPU, of CUDA or of Apple's GPU."""
    if any(isinstance(one, torch.OutOfMemoryError) for one in chain(error)):
        return True
    if cause_of(error) is Cause.OUT_OF_MEMORY:
        return True
    # Torch's allocators for the CPU and for Apple's GPU have no error of their own, only words.
    text = str(error)
    return isinstance(error, RuntimeError) and (
        "out of memory" in text or "can't allocate memory" in text or "not enough memory" in text
    )


def is_lost_peer(error: BaseException) -> bool:
    """Another of the processes that train together is gone: what it died of is the news, not that it is missed."""
    return isinstance(error, torch.distributed.DistError) or (
        isinstance(error, RuntimeError) and "/gloo/" in str(error)
    )
