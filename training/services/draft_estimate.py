"""Asks how long the recipe being made takes here."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from core.recipes.recipe import Recipe
from training.runs.estimates import Estimate
from training.runs.launch import LaunchOptions
from training.services.run_manager import RunManager

_SETTLE_MS = 1200


class DraftEstimate(QObject):
    """Measuring takes seconds of the whole machine: so only what is looked at, and never while a run goes on."""

    known = Signal(object)
    """Estimate of the recipe being made; None while it is measured or can't be."""
    failed = Signal(str)
    """Why it can't be measured: a sentence."""

    def __init__(self, manager: RunManager, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._manager = manager
        self._draft: tuple[Recipe, LaunchOptions] | None = None
        self._token = 0
        self._awake = False
        # What is still being typed is not measured.
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(_SETTLE_MS)
        self._clock.timeout.connect(self._measure)
        manager.estimated.connect(self._on_estimated)
        manager.estimate_failed.connect(self._on_failed)

    def set_draft(self, recipe: Recipe | None, options: LaunchOptions) -> None:
        """The recipe being made; None while a value of it is wrong."""
        wanted = None if recipe is None else (recipe, options)
        if wanted == self._draft:
            return
        self._draft = wanted
        self._cancel()
        known = self._manager.known_estimate(recipe, options.device) if recipe is not None else None
        self.known.emit(known)
        if known is None:
            self._clock.start()

    def set_awake(self, awake: bool) -> None:
        """Measure nothing while the recipe is not shown."""
        self._awake = awake
        if awake:
            self._clock.start()
        else:
            self._cancel()

    def _cancel(self) -> None:
        self._clock.stop()
        if self._token:
            self._manager.cancel_estimate(self._token)
            self._token = 0

    def _measure(self) -> None:
        if not self._awake or self._manager.active() or self._draft is None or self._token:
            return
        recipe, options = self._draft
        if self._manager.known_estimate(recipe, options.device) is None:
            self._token = self._manager.estimate(recipe, options)

    def _on_estimated(self, token: int, estimate: Estimate) -> None:
        if token == self._token:
            self._token = 0
            self.known.emit(estimate)

    def _on_failed(self, token: int, sentence: str) -> None:
        if token == self._token:
            self._token = 0
            self.failed.emit(sentence)
