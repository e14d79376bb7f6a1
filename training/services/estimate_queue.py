"""Asks how long recipes take here: the one being made first, then those on the cards, one after another."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from core.recipes.recipe import Recipe
from training.runs.estimates import Estimate
from training.runs.launch import LaunchOptions
from training.services.run_manager import RunManager

_SETTLE_MS = 1200


class EstimateQueue(QObject):
    """Measuring takes seconds of the whole machine: so only what is looked at, and never while a run goes on."""

    card_known = Signal(str, object)
    """Name of a recipe, and its Estimate."""
    draft_known = Signal(object)
    """Estimate of the recipe being made; None while it is measured or can't be."""
    draft_failed = Signal(str)
    """Why it can't be measured: a sentence."""

    def __init__(self, manager: RunManager, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._manager = manager
        self._cards: list[tuple[str, Recipe]] = []
        self._card_tokens: dict[int, str] = {}
        self._draft: tuple[Recipe, LaunchOptions] | None = None
        self._draft_token = 0
        self._awake = False
        # What is still being typed is not measured.
        self._clock = QTimer(self)
        self._clock.setSingleShot(True)
        self._clock.setInterval(_SETTLE_MS)
        self._clock.timeout.connect(self._measure)
        manager.estimated.connect(self._on_estimated)
        manager.estimate_failed.connect(self._on_failed)

    def set_cards(self, recipes: Sequence[Recipe]) -> None:
        """The recipes as they are on the cards; known estimates are emitted at once."""
        self._cards = []
        for recipe in recipes:
            known = self._manager.known_estimate(recipe)
            if known is not None:
                self.card_known.emit(recipe.name, known)
            else:
                self._cards.append((recipe.name, recipe))

    def set_draft(self, recipe: Recipe | None, options: LaunchOptions) -> None:
        """The recipe being made; None while a value of it is wrong."""
        wanted = None if recipe is None else (recipe, options)
        if wanted == self._draft:
            return
        self._draft = wanted
        self._cancel()
        known = self._manager.known_estimate(recipe, options.device) if recipe is not None else None
        self.draft_known.emit(known)
        if known is None or self._cards:
            self._clock.start()

    def set_awake(self, awake: bool) -> None:
        """Measure nothing while the cards are hidden."""
        self._awake = awake
        if awake:
            self._clock.start()
        else:
            self._cancel()

    def _cancel(self) -> None:
        self._clock.stop()
        for token in [*self._card_tokens, *([self._draft_token] if self._draft_token else [])]:
            self._manager.cancel_estimate(token)
        self._card_tokens.clear()
        self._draft_token = 0

    def _measure(self) -> None:
        if not self._awake or self._manager.active():
            return
        if self._draft is not None and not self._draft_token:
            recipe, options = self._draft
            if self._manager.known_estimate(recipe, options.device) is None:
                self._draft_token = self._manager.estimate(recipe, options)
        if not self._card_tokens:
            for name, recipe in self._cards:
                self._card_tokens[self._manager.estimate(recipe)] = name

    def _on_estimated(self, token: int, estimate: Estimate) -> None:
        if token == self._draft_token:
            self._draft_token = 0
            self.draft_known.emit(estimate)
        elif token in self._card_tokens:
            name = self._card_tokens.pop(token)
            self._cards = [(n, r) for n, r in self._cards if n != name]
            self.card_known.emit(name, estimate)

    def _on_failed(self, token: int, sentence: str) -> None:
        if token == self._draft_token:
            self._draft_token = 0
            self.draft_failed.emit(sentence)
        elif token in self._card_tokens:
            # Another try would fail again: the card shows no estimate.
            name = self._card_tokens.pop(token)
            self._cards = [(n, r) for n, r in self._cards if n != name]
