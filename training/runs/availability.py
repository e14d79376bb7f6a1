"""Which actions a run allows at a moment; where one is not possible, why."""

from __future__ import annotations

from training.runs.run_action import Availabilities, Availability, RunAction
from training.runs.state import RunView, Status

_HIDDEN = Availability(shown=False)
_YES = Availability()
_NOT_YET = "Training has not begun yet."
_STOPPING = "It is being stopped already."
_GOING_ON = "It is going on; stop it first."
_NO_RECIPE = "The recipe of this run can't be read: its recipe.json is missing or damaged."


def availability(view: RunView, *, in_use: bool = False, busy: bool = False) -> Availabilities:
    """Of every action. in_use: the live program reads with its model. busy: its model file is being made."""
    status = view.status
    over = not status.is_active
    trains = status in (Status.STARTING, Status.RUNNING, Status.PAUSED)
    recipe = "" if view.recipe is not None else _NO_RECIPE
    model = _why_no_model(view, busy=busy)
    found = {
        RunAction.PAUSE: _why_no_pause(status),
        RunAction.GO_ON: _shown(status is Status.PAUSED),
        RunAction.START_NOW: _shown(status is Status.WAITING),
        RunAction.STOP: Availability(shown=not over, reason=_STOPPING if status is Status.STOPPING else ""),
        RunAction.STOP_NOW: _shown(trains or status is Status.STOPPING),
        RunAction.RESUME: _shown(over and view.can_resume),
        RunAction.REPEAT: Availability(reason=recipe),
        RunAction.CHANGE: Availability(reason=recipe),
        RunAction.FROM_WEIGHTS: Availability(reason=recipe or _why_no_weights(view)),
        RunAction.KEEP_TRAINING: Availability(reason=_why_not_longer(view)),
        RunAction.HALF_BATCH: Availability(reason=recipe or _why_not_halved(view, over=over)),
        RunAction.LOWER_RATE: Availability(reason=recipe or ("" if over else _GOING_ON)),
        RunAction.TEST: Availability(reason=_why_no_test(view, model, over=over)),
        RunAction.EXPORT: Availability(reason=model),
        RunAction.DELETE: Availability(reason="" if over else _GOING_ON),
        RunAction.USE: _HIDDEN if in_use else Availability(reason=model),
        RunAction.SWITCH_BACK: _shown(in_use),
    }
    return {action: found.get(action, _YES) for action in RunAction}


def _shown(shown: bool) -> Availability:
    return _YES if shown else _HIDDEN


def _why_no_pause(status: Status) -> Availability:
    """Shown where it is grey, too: the buttons beside it must not move under the mouse when it comes or goes."""
    reasons = {Status.RUNNING: "", Status.STARTING: _NOT_YET, Status.STOPPING: _STOPPING}
    return Availability(reason=reasons[status]) if status in reasons else _HIDDEN


def _why_no_weights(view: RunView) -> str:
    if view.has_weights:
        return ""
    if view.status.is_active:
        return "There is no model yet: the first epoch is not done."
    return "There is no model: no epoch was done."


def _why_no_model(view: RunView, *, busy: bool) -> str:
    if busy:
        return "Its model is being made ready; a moment."
    return "" if view.has_model else _why_no_weights(view)


def _why_no_test(view: RunView, model: str, *, over: bool) -> str:
    if not over:
        return "It is tested when it ends."
    return model


def _why_not_longer(view: RunView) -> str:
    if view.status.is_active:
        return _GOING_ON
    if view.status is not Status.FINISHED:
        return "It did not come to its end; “Resume” continues it."
    return "" if view.has_checkpoint else "Its last state (model.pt) is gone, so it can't be resumed."


def _why_not_halved(view: RunView, *, over: bool) -> str:
    if not over:
        return _GOING_ON
    return "" if view.recipe is not None and view.recipe.batch_size > 2 else "Its batch can't be smaller."
