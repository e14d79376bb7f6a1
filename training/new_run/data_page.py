"""What a run learns from: the sources, whether they are here, fetching them, and their shares in the mixture."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from training.recipe_form.draft import Checked, Draft, as_text
from training.recipe_form.editors import NumberEditor, PathEditor
from training.services.data_sources import (
    FetchProgress,
    SourceFacts,
    SourceFetcher,
    SourceLister,
    SourcePreparer,
    mixture,
)
from training.ui import wording
from training.ui.theme import Colors, show_through, small_text


class SourceRow(QObject):
    """The widgets of one source: name and facts, whether it is here, share in the mixture."""

    edited = Signal(str, object)
    put_back = Signal(str)
    fetch_asked = Signal(str)
    cancel_asked = Signal(str)

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.name = name
        self.facts = SourceFacts(name, name)
        self.known = False
        self.title = QLabel(name, parent)
        font = QFont(self.title.font())
        font.setBold(True)
        self.title.setFont(font)
        self.words = QLabel(parent)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.state = QLabel("…", parent)
        self.fetch = QPushButton("Fetch", parent)
        self.fetch.hide()
        self.fetch.clicked.connect(lambda: self.fetch_asked.emit(name))
        self.bar = QProgressBar(parent)
        self.bar.setRange(0, 1000)
        self.bar.setFixedWidth(110)
        self.bar.hide()
        self.cancel = QPushButton("Cancel", parent)
        self.cancel.hide()
        self.cancel.clicked.connect(lambda: self.cancel_asked.emit(name))
        self.share = NumberEditor()
        self.share.setParent(parent)
        self.share.edited.connect(lambda value: self.edited.emit(f"sources.{name}", value))
        self.part = QLabel(parent)
        self.part.setMinimumWidth(self.part.fontMetrics().horizontalAdvance("100.0% "))
        self.part.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back = QPushButton(parent)
        self.back.setFlat(True)
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
            self.back.setText(f"↶ back to {old}")
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

    def _can_fetch(self) -> bool:
        return self.known and self.facts.fetchable and not self.facts.here

    def _write(self) -> None:
        self._show_state()
        if self._fetching:
            return
        theme, facts = self._theme, self.facts
        if not self.known:
            self.state.setText("looking…")
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
        told = [" · ".join(counts)] if counts else []
        if facts.terms:
            told.append(facts.terms)
        text = " — ".join(told)
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
    if facts.name == "folder":
        return "Choose it below."
    return facts.note[:1].upper() + facts.note[1:]


def download_size(note: str) -> str:
    """“12 MB” out of a note that tells it."""
    found = re.search(r"\(([\d.,]+ [kMG]B)\)", note)
    return found[1] if found else ""


class DataPage(QScrollArea):
    """All sources. Shares are edited in the draft; fetching goes on in the background."""

    edited = Signal(str, object)
    put_back = Signal(str)
    listed = Signal()
    """What is here is known, or known anew."""
    settled = Signal()
    """What is here is known, and ready for a run as far as can be."""

    def __init__(
        self,
        lister: SourceLister,
        fetcher: SourceFetcher,
        preparer: SourcePreparer,
        *,
        prepared: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """prepared: sources that are got ready in the background where they are here, the first one first."""
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._lister, self._fetcher, self._preparer = lister, fetcher, preparer
        self._to_prepare, self._being_prepared = list(prepared), list[str]()
        self._rows: dict[str, SourceRow] = {}
        self._draft: Draft | None = None
        self._asked_folder: str | None = None
        self._page = page = QWidget(self)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(4, 4, 12, 4)
        self._problem = QLabel(page)
        self._problem.setWordWrap(True)
        self._problem.hide()
        layout.addWidget(self._problem)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(0, 1)
        layout.addLayout(self._grid)
        self._heads = [QLabel(text, page) for text in ("Source", "", "Share", "Images")]
        for column, label in zip((0, 1, 2, 3), self._heads, strict=True):
            side = Qt.AlignmentFlag.AlignRight if column == 3 else Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(label, 0, column, side)
        layout.addLayout(self._make_folder_row(page))
        layout.addStretch(1)
        self.setWidget(page)
        show_through(self)
        lister.listed.connect(self._on_listed)
        lister.failed.connect(self._on_list_failed)
        fetcher.progress.connect(self._on_progress)
        fetcher.fetched.connect(self._on_fetched)
        fetcher.failed.connect(self._on_fetch_failed)
        preparer.finished.connect(self._on_prepared)
        self._apply_theme()

    def _make_folder_row(self, page: QWidget) -> QHBoxLayout:
        self._folder = PathEditor(folder=True)
        self._folder.setParent(page)
        self._folder.name_it("A folder of your own", "With a sub-folder for each digit, 0 to 9.")
        self._folder.edited.connect(lambda value: self.edited.emit("data_folder", value))
        row = QHBoxLayout()
        row.setContentsMargins(0, 10, 0, 0)
        label = QLabel("A &folder of your own, with sub-folders 0 to 9:", page)
        label.setBuddy(self._folder)
        row.addWidget(label)
        row.addWidget(self._folder, 1)
        self._refresh = QPushButton("Look &again", page)
        self._refresh.setToolTip("Look which sources are here.")
        self._refresh.clicked.connect(self.refresh)
        row.addWidget(self._refresh)
        return row

    def show_draft(self, draft: Draft, checked: Checked) -> None:
        """The draft's shares, and what is wrong with them."""
        self._draft = draft
        names = [*self._rows, *(name for name in draft.base.sources if name not in self._rows)]
        for name in names:
            self._row(name)
        shares = {name: draft.value(f"sources.{name}") for name in self._rows}
        parts = mixture(shares, self.here())
        for name, row in self._rows.items():
            row.show_value(draft, checked.problems.get(f"sources.{name}", ""), parts[name])
        self._folder.set_value(draft.value("data_folder"))
        whole = checked.problems.get("sources", "")
        self._problem.setText(f"⚠ {whole[:1].upper()}{whole[1:]}")
        self._problem.setVisible(bool(whole))
        if self.isVisible() and str(draft.value("data_folder")) != self._asked_folder:
            self.refresh()

    def refresh(self) -> None:
        """Look again which sources are here."""
        folder = str(self._draft.value("data_folder")) if self._draft is not None else ""
        self._asked_folder = folder
        self._lister.ask(folder)

    def here(self) -> dict[str, bool]:
        """Whether each source is here; those not yet known count as here."""
        return {name: row.facts.here or not row.known for name, row in self._rows.items()}

    def missing(self, names: Iterable[str]) -> list[str]:
        """The titles of those of these sources that are known to be missing."""
        return [
            self._rows[name].facts.title for name in names if name in self._rows and not self.here()[name]
        ]

    def row(self, name: str) -> SourceRow:
        return self._rows[name]

    def _row(self, name: str) -> SourceRow:
        if name in self._rows:
            return self._rows[name]
        row = SourceRow(name, self._page)
        at = 1 + 2 * len(self._rows)
        middle = Qt.AlignmentFlag.AlignVCenter
        state = QHBoxLayout()
        state.setSpacing(6)
        for widget in (row.state, row.fetch, row.bar, row.cancel):
            state.addWidget(widget)
        state.addStretch(1)
        self._grid.addWidget(row.title, at, 0)
        self._grid.addWidget(row.words, at + 1, 0)
        self._grid.addLayout(state, at, 1, 2, 1, middle)
        self._grid.addWidget(row.share, at, 2, 2, 1, middle)
        self._grid.addWidget(row.part, at, 3, 2, 1, middle)
        self._grid.addWidget(row.back, at, 4, 2, 1, middle)
        row.words.setContentsMargins(0, 0, 0, 8)
        self._grid.setAlignment(row.words, Qt.AlignmentFlag.AlignTop)
        row.edited.connect(self.edited.emit)
        row.put_back.connect(self.put_back.emit)
        row.fetch_asked.connect(self._on_fetch_asked)
        row.cancel_asked.connect(self._on_cancel_asked)
        self._rows[name] = row
        return row

    def _on_listed(self, sources: tuple[SourceFacts, ...]) -> None:
        for facts in sources:
            self._row(facts.name).set_facts(facts)
        if self._draft is not None:
            self.show_draft(self._draft, self._draft.check())
        self.listed.emit()
        self._prepare()

    def _prepare(self) -> None:
        """Get ready what is here and not ready yet; one go at each, as a damaged source is never ready."""
        if self._preparer.is_at_work:
            return
        facts = {name: row.facts for name, row in self._rows.items() if row.known}
        waiting = [n for n in self._to_prepare if n in facts and facts[n].here and not facts[n].counted]
        if waiting:
            self._preparer.prepare(waiting)
            self._being_prepared = waiting
        if not self._preparer.is_at_work:
            self.settled.emit()

    def _on_prepared(self) -> None:
        self._to_prepare = [n for n in self._to_prepare if n not in self._being_prepared]
        self.refresh()

    def _on_list_failed(self, sentence: str) -> None:
        self._problem.setText(f"⚠ {sentence}")
        self._problem.show()
        self.settled.emit()

    def _on_fetch_asked(self, name: str) -> None:
        self._rows[name].start_fetching()
        self._rows[name].cancel.setFocus()
        self._fetcher.fetch(name)

    def _on_cancel_asked(self, name: str) -> None:
        self._fetcher.cancel(name)
        self._rows[name].end_fetching()
        self._rows[name].fetch.setFocus()

    def _on_progress(self, name: str, progress: FetchProgress) -> None:
        if name in self._rows:
            self._rows[name].show_progress(progress)

    def _on_fetched(self, name: str) -> None:
        if name in self._rows:
            self._rows[name].end_fetching()
        self.refresh()

    def _on_fetch_failed(self, name: str, sentence: str) -> None:
        if name in self._rows:
            self._rows[name].end_fetching(sentence)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_refresh"):
            self._apply_theme()

    def _apply_theme(self) -> None:
        theme = Colors.of(self.palette())
        for row in self._rows.values():
            row.apply_theme(theme)
        for label in self._heads:
            label.setStyleSheet(small_text(theme))
        self._problem.setStyleSheet(small_text(theme, theme.bad))
