"""Asks the training program about this machine: devices by name, and how long a recipe takes.

Both need torch, so a child process answers.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QTimer, Signal

from core.base.files import write_json
from core.base.paths import Places
from core.recipes.recipe import Recipe
from training.runs.estimates import DeviceOffer, Estimate, EstimateCache, parse_devices, parse_estimate
from training.runs.launch import Commands, LaunchOptions
from training.services.child_process import ChildQuery

_PROBE_STEPS = 12
_PROBE_SECONDS = 300.0
_DEVICES_SECONDS = 60.0


@dataclass(frozen=True)
class _MachineRequest:
    token: int
    recipe: Recipe
    options: LaunchOptions


class MachineQueries(QObject):
    """One child process at a time, so that nothing that is measured is slowed down by another."""

    devices_listed = Signal(object)
    devices_failed = Signal(str)
    estimated = Signal(int, object)
    estimate_failed = Signal(int, str)

    def __init__(self, places: Places, commands: Commands, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._commands = commands
        self._cache = EstimateCache(places.cache / "estimates.json")
        self._devices: tuple[DeviceOffer, ...] | None = None
        self._device_query: ChildQuery | None = None
        self._waiting: deque[_MachineRequest] = deque()
        self._current: _MachineRequest | None = None
        self._probe: ChildQuery | None = None
        self._recipe_file: Path | None = None
        self._last_token = 0

    def list_devices(self) -> None:
        if self._devices is not None:
            QTimer.singleShot(0, self, self._announce_devices)
        elif self._device_query is None:
            query = ChildQuery(
                self._commands.devices(), seconds=_DEVICES_SECONDS, what="The devices", parent=self
            )
            query.answered.connect(self._on_devices)
            query.failed.connect(self._on_devices_failed)
            self._device_query = query
            query.start()

    def known_estimate(self, recipe: Recipe, device: str) -> Estimate | None:
        return self._cache.get(recipe, device)

    def learn(self, recipe: Recipe, device: str, estimate: Estimate) -> None:
        """Keep what a run really took: it is worth more than a few steps."""
        self._cache.put(recipe, device, estimate)

    def estimate(self, recipe: Recipe, options: LaunchOptions) -> int:
        self._last_token += 1
        self._waiting.append(_MachineRequest(self._last_token, recipe, options))
        # The caller has the token before any signal carries it.
        QTimer.singleShot(0, self, self._next)
        return self._last_token

    def cancel_estimate(self, token: int | None) -> None:
        self._waiting = deque(r for r in self._waiting if token is not None and r.token != token)
        if self._current is not None and token in (None, self._current.token):
            if self._probe is not None:
                self._probe.cancel()
            self._done()

    def close(self) -> None:
        """End all children."""
        self._waiting.clear()
        for query in (self._device_query, self._probe):
            if query is not None:
                query.close()
        self._device_query = None
        self._forget_probe()

    # -- devices --------------------------------------------------------------------------------------------

    def _announce_devices(self) -> None:
        self.devices_listed.emit(self._devices)

    def _on_devices(self, answer: object) -> None:
        self._device_query = None
        QTimer.singleShot(0, self, self._next)
        try:
            self._devices = parse_devices(answer)
        except ValueError as error:
            self.devices_failed.emit(f"The devices could not be found out: {error}.")
            return
        self._announce_devices()

    def _on_devices_failed(self, sentence: str) -> None:
        self._device_query = None
        QTimer.singleShot(0, self, self._next)
        self.devices_failed.emit(sentence)

    # -- estimates ------------------------------------------------------------------------------------------

    def _next(self) -> None:
        """The next request in the queue, if none is being answered."""
        while self._current is None and self._device_query is None and self._waiting:
            request = self._waiting.popleft()
            known = self._cache.get(request.recipe, request.options.device)
            if known is not None:
                self.estimated.emit(request.token, known)
            else:
                self._start_probe(request)

    def _start_probe(self, request: _MachineRequest) -> None:
        try:
            # Its own folder: it may hold what the trainer writes beside the recipe.
            folder = Path(tempfile.mkdtemp(prefix="gnc-probe-"))
            self._recipe_file = folder / "recipe.json"
            write_json(self._recipe_file, request.recipe.to_dict())
        except OSError as error:
            self.estimate_failed.emit(request.token, f"The time could not be measured ({error.strerror}).")
            return
        self._current = request
        command = self._commands.probe(self._recipe_file, request.options, _PROBE_STEPS)
        probe = ChildQuery(command, seconds=_PROBE_SECONDS, what="The time", parent=self)
        probe.answered.connect(self._on_probed)
        probe.failed.connect(self._on_probe_failed)
        self._probe = probe
        probe.start()

    def _on_probed(self, answer: object) -> None:
        request = self._current
        assert request is not None
        try:
            estimate = parse_estimate(answer)
        except ValueError as error:
            self._on_probe_failed(f"The time could not be measured: {error}.")
            return
        self._cache.put(request.recipe, request.options.device, estimate)
        self._done()
        self.estimated.emit(request.token, estimate)

    def _on_probe_failed(self, sentence: str) -> None:
        request = self._current
        assert request is not None
        self._done()
        self.estimate_failed.emit(request.token, sentence)

    def _done(self) -> None:
        self._forget_probe()
        QTimer.singleShot(0, self, self._next)

    def _forget_probe(self) -> None:
        self._current = self._probe = None
        if self._recipe_file is not None:
            with contextlib.suppress(OSError):
                self._recipe_file.unlink()
                self._recipe_file.parent.rmdir()
            self._recipe_file = None
