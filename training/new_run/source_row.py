"""One source on the Data page: name and facts, whether it is here, fetching, its share in the mixture."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from core.recipes.recipe import OWN_FOLDER
from training.recipe_form.draft import Draft, as_text
from training.recipe_form.editors import NumberEditor
from training.services.data_sources import FetchProgress, SourceFacts
from training.ui import wording
from training.ui.theme import Colors, small_text

_CORRECTIONS = "corrections"
"""The source of what was labelled in the program (`core.datasets.catalog.CORRECTIONS`, which costs an import)."""


class SourceRow(QObject):
    """The widgets of one source: name and facts, whether it is here, share in the mixture."""

    edited = Signal(str, object)
    put_back = Signal(str)
    fetch_asked = Signal(str)
    cancel_asked = Signal(str)
    look_asked = Signal()
    """To look through what was labelled in the program."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = name
        self.facts = SourceFacts(name, name)
        self.known = False
        self.title = QLabel(name, parent)
        font = QFont(self.title.font())
        font.setBold(True)
        self.title.setFont(font)
        # Words break into lines instead of making the page wider than the window.
        self.title.setWordWrap(True)
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.words = QLabel(parent)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.state = QLabel("…", parent)
        self.fetch = QPushButton("Fetch", parent)
        self.fetch.hide()
        self.fetch.clicked.connect(lambda: self.fetch_asked.emit(name))
        self.bar = QProgressBar(parent)
        self.bar.setRange(0, 1000)
        self.bar.setMaximumWidth(110)
        self.bar.hide()
        self.cancel = QPushButton("Cancel", parent)
        self.cancel.hide()
        self.cancel.clicked.connect(lambda: self.cancel_asked.emit(name))
        self.look = QPushButton("Look through…", parent)
        self.look.setToolTip("See what you labelled, put it right, share it")
        self.look.hide()
        self.look.clicked.connect(self.look_asked)
        self.share = NumberEditor()
        self.share.setParent(parent)
        self.share.edited.connect(lambda value: self.edited.emit(f"sources.{name}", value))
        self.part = QLabel(parent)
        self.part.setMinimumWidth(self.part.fontMetrics().horizontalAdvance("100.0% "))
        self.part.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back = QPushButton("↶", parent)
        self.back.setFlat(True)
        self.back.setFixedWidth(self.back.fontMetrics().horizontalAdvance("↶") + 16)
        keeping = self.back.sizePolicy()
        keeping.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(keeping)
        self.back.hide()
        self.back.clicked.connect(lambda: self.put_back.emit(f"sources.{name}"))
        self._problem = ""
        self._failure = ""
        self._fetching, self._shown = False, True
        self._theme = Colors.of(parent.palette())
        self._name_everything()

    def set_facts(self, facts: SourceFacts) -> None:
        self.facts, self.known = facts, True
        size = download_size(facts.note)
        self.fetch.setText(f"Fetch ({size})" if size else "Fetch")
        self.title.setText(facts.title)
        self._name_everything()
        self._write()

    def show_value(self, draft: Draft, problem: str, part: float) -> None:
        """The source's share in the draft; part: of all images, 0..1. Hidden where its network has no use for it."""
        name = f"sources.{self.name}"
        changed = draft.is_changed(name)
        self.share.set_value(draft.value(name))
        self.share.set_wrong(bool(problem))
        self.part.setText(wording.percent(part, digits=0 if part >= 0.1 else 1) if part > 0 else "–")
        fits = not self.facts.networks or str(draft.value("network")) in self.facts.networks
        self._shown = fits or changed or bool(draft.value(name)) or bool(problem)
        for widget in (self.title, self.words, self.share, self.part):
            widget.setVisible(self._shown)
        self.back.setVisible(changed)
        if changed:
            old = as_text(draft.base.value(name))
            self.back.setToolTip(f"Back to {old}")
            self.back.setAccessibleName(f"Put the share of {self.facts.title} back to {old}")
        self.title.setText(f"{self.facts.title} •" if changed else self.facts.title)
        self._problem = problem
        self._write()

    def show_progress(self, progress: FetchProgress) -> None:
        self._failure = ""
        self._set_fetching(True)
        self.bar.setRange(0, 1000 if progress.total else 0)
        self.bar.setValue(round(1000 * progress.done / progress.total) if progress.total else 0)
        megabytes = f"{progress.done / 1e6:.1f}"
        total = f" of {progress.total / 1e6:.1f}" if progress.total else ""
        self.bar.setToolTip(f"{progress.file}: {megabytes}{total} MB")
        self.words.setText(f"Fetching {progress.file}: {megabytes}{total} MB")

    def start_fetching(self) -> None:
        self._failure = ""
        self._set_fetching(True)
        self.bar.setRange(0, 0)
        self.words.setText("Connecting…")

    def end_fetching(self, failure: str = "") -> None:
        """The row as it was; failure: the sentence that says why it is still missing."""
        self._failure = failure
        self._set_fetching(False)
        self._write()

    def apply_theme(self, theme: Colors) -> None:
        self._theme = theme
        self._write()

    @property
    def problem(self) -> str:
        return self._problem

    def _set_fetching(self, fetching: bool) -> None:
        self._fetching = fetching
        self._show_state()

    def _show_state(self) -> None:
        self.bar.setVisible(self._shown and self._fetching)
        self.cancel.setVisible(self._shown and self._fetching)
        self.state.setVisible(self._shown and not self._fetching)
        self.fetch.setVisible(self._shown and not self._fetching and self._can_fetch())
        has_some = any(self.facts.counts.values())
        self.look.setVisible(self._shown and self.name == _CORRECTIONS and has_some)

    def _can_fetch(self) -> bool:
        return self.known and self.facts.fetchable and (self.facts.partial or not self.facts.here)

    def _write(self) -> None:
        self._show_state()
        if self._fetching:
            return
        theme, facts = self._theme, self.facts
        if not self.known:
            self.state.setText("looking…")
        elif facts.partial:
            self.state.setText("✓ a part")
            self.state.setToolTip("A part of it comes with the program. Fetch all of it to learn from more.")
        elif facts.here:
            self.state.setText("✓ here")
        else:
            self.state.setText("✕ not here")
        self.state.setStyleSheet(small_text(theme, theme.good if facts.here else None))
        bad = self._problem or self._failure
        self.words.setText(f"⚠ {bad}" if bad else self._facts_text())
        self.words.setStyleSheet(small_text(theme, theme.bad if bad else None))

    def _facts_text(self) -> str:
        facts = self.facts
        if not self.known:
            return ""
        about = "" if facts.counted else "about "
        counts = [f"{about}{wording.count(n)} {split}" for split, n in facts.counts.items() if n]
        if facts.here and facts.counted and not counts:
            counts = ["nothing yet"]
        parts = [" · ".join(counts)] if counts else []
        if facts.terms:
            parts.append(facts.terms)
        text = " — ".join(parts)
        note = how_to_get(facts)
        return f"{text}. {note}" if text and note else text or note

    def _name_everything(self) -> None:
        title = self.facts.title
        self.share.name_it(f"Share of {title}", "Relative to the other sources; 0 leaves it out.")
        self.fetch.setAccessibleName(f"Fetch {title}")
        self.cancel.setAccessibleName(f"Stop fetching {title}")
        self.bar.setAccessibleName(f"Fetching {title}")
        self.part.setAccessibleName(f"Part of {title} in the images")


def how_to_get(facts: SourceFacts) -> str:
    """What to do for a source that is not here, in the window's terms; empty for one that is, or has a button."""
    if facts.here or facts.fetchable:
        return ""
    if facts.name == OWN_FOLDER:
        return "Choose it above."
    return facts.note[:1].upper() + facts.note[1:]


def download_size(note: str) -> str:
    """“12 MB” out of a note that contains a size."""
    found = re.search(r"\(([\d.,]+ [kMG]B)\)", note)
    return found[1] if found else ""
