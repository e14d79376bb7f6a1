"""Which task trains which network."""

from __future__ import annotations

from collections.abc import Callable

from core.base.paths import Places
from core.classifier_task import ClassifierTask
from core.detector_task import DetectorTask
from core.device import Device
from core.recipes.recipe import Recipe
from core.task import Task


def build_task(recipe: Recipe, places: Places, device: Device, check_stop: Callable[[], object]) -> Task:
    """Load what `recipe` trains on. Raises DataError where no source of it is here."""
    if recipe.network == "detector":
        return DetectorTask(recipe, places, device.torch, check_stop)
    return ClassifierTask(recipe, places, device.torch, check_stop)
