"""What a run learns from: the sources, whether they are here, fetching them, and their shares in the mixture."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from core.recipes.recipe import OWN_FOLDER
from training.new_run.own_folder import OwnFolder
from training.new_run.source_row import SourceRow
from training.recipe_form.draft import Checked, Draft
from training.runs.model_cards import title_of
from training.services.data_sources import (
    FetchProgress,
    SourceFacts,
    SourceFetcher,
    SourceLister,
    SourcePreparer,
    mixture,
)
from training.ui import wording
from training.ui.labels import QuietLabel
from training.ui.theme import Colors, ThemeWatch, show_through, small_text


class DataPage(QScrollArea):
    """All sources. Shares are edited in the draft; fetching goes on in the background."""

    edited = Signal(str, object)
    put_back = Signal(str)
    listed = Signal()
    """What is here is known, or known anew."""
    settled = Signal()
    """What is here is known, and ready for a run as far as can be."""
    corrections_wanted = Signal()
    """To look through what was labelled in the program."""

    def __init__(
        self,
        lister: SourceLister,
        fetcher: SourceFetcher,
        preparer: SourcePreparer,
        *,
        data_dir: Path,
        prepared: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        """data_dir: the data folder. prepared: sources that are got ready in the background where they are here, the
        first one first."""
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._data_dir = data_dir
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(
            Qt.FocusPolicy.NoFocus
        )  # what is in it has the keyboard, and is scrolled into sight
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
        layout.addLayout(self._make_place_row(page))
        self.own = OwnFolder(page)
        self.own.edited.connect(lambda folder: self.edited.emit("data_folder", folder))
        layout.addWidget(self.own)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(0, 1)
        layout.addLayout(self._grid)
        heads = [QuietLabel(text, page) for text in ("Source", "", "Share", "Share of\nimages")]
        heads[2].setToolTip("How often a source is drawn from, relative to the others.")
        heads[3].setToolTip("What the shares come to, among the sources that are here.")
        for column, label in zip((0, 1, 2, 3), heads, strict=True):
            side = Qt.AlignmentFlag.AlignRight if column == 3 else Qt.AlignmentFlag.AlignLeft
            self._grid.addWidget(label, 0, column, side)
        self._whole_words = QuietLabel("All together", page)
        self._whole = QuietLabel(parent=page)
        self._whole.setAlignment(Qt.AlignmentFlag.AlignRight)
        self._whole.setAccessibleName("What the shares come to together")
        layout.addLayout(self._make_whole_row())
        self._row(OWN_FOLDER)  # first, as its folder is chosen right above
        layout.addStretch(1)
        self.setWidget(page)
        show_through(self)
        lister.listed.connect(self._on_listed)
        lister.failed.connect(self._on_list_failed)
        fetcher.progress.connect(self._on_progress)
        fetcher.fetched.connect(self._on_fetched)
        fetcher.failed.connect(self._on_fetch_failed)
        preparer.finished.connect(self._on_prepared)
        ThemeWatch(self, self._apply_theme)

    def _make_place_row(self, page: QWidget) -> QHBoxLayout:
        self._place = QuietLabel(parent=page)
        self._place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._place.setWordWrap(True)
        self._place.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        # A path breaks at its separators, not only at blanks.
        self._place.setText(f"Data folder: {self._data_dir}".replace(os.sep, f"{os.sep}\u200b"))
        self._place.setToolTip(
            "Data sets are looked for here. What is fetched goes into the user's data folder."
        )
        self._open = QPushButton("&Open folder", page)
        self._open.setToolTip(f"Open {self._data_dir}")
        self._open.clicked.connect(self._on_open)
        self._refresh = QPushButton("&Rescan", page)
        self._refresh.setToolTip("Check anew which sources are here.")
        self._refresh.clicked.connect(self.refresh)
        row = QHBoxLayout()
        row.addWidget(self._place, 1)
        row.addWidget(self._open)
        row.addWidget(self._refresh)
        return row

    def _make_whole_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addWidget(self._whole_words)
        row.addStretch(1)
        row.addWidget(self._whole)
        return row

    def _on_open(self) -> None:
        try:
            self._data_dir.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self._problem.setText(f"⚠ {self._data_dir} can't be made ({error.strerror}).")
            self._problem.show()
            return
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._data_dir)))

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
        self._whole.setText(whole_text(parts.values(), draft.value("images_per_epoch")))
        self.own.set_folder(str(draft.value("data_folder")))
        networks = self._rows[OWN_FOLDER].facts.networks
        self.own.setVisible(not networks or str(draft.value("network")) in networks)
        whole = checked.problems.get("sources", "")
        self._problem.setText(f"⚠ {whole[:1].upper()}{whole[1:]}")
        self._problem.setVisible(bool(whole))
        if self.isVisible() and str(draft.value("data_folder")) != self._asked_folder:
            self.refresh()

    def refresh(self) -> None:
        """Check anew which sources are here."""
        folder = str(self._draft.value("data_folder")) if self._draft is not None else ""
        self._asked_folder = folder
        self._lister.ask(folder)

    def here(self) -> dict[str, bool]:
        """Whether each source is here; those not yet known count as here."""
        return {name: row.facts.here or not row.known for name, row in self._rows.items()}

    def missing(self, names: Iterable[str]) -> list[str]:
        """The short names of those of these sources that are known to be missing."""
        return [title_of(name) for name in names if name in self._rows and not self.here()[name]]

    def row(self, name: str) -> SourceRow:
        return self._rows[name]

    def _row(self, name: str) -> SourceRow:
        if name in self._rows:
            return self._rows[name]
        row = SourceRow(name, self._page)
        at = 1 + 2 * len(self._rows)
        middle = Qt.AlignmentFlag.AlignVCenter
        state = QVBoxLayout()  # beneath each other, so that a narrow window holds them
        state.setSpacing(2)
        for widget in (row.state, row.fetch, row.bar, row.cancel, row.look):
            state.addWidget(widget)
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
        row.look_asked.connect(self.corrections_wanted)
        self._rows[name] = row
        return row

    def _on_listed(self, sources: tuple[SourceFacts, ...]) -> None:
        for facts in sources:
            self._row(facts.name).set_facts(facts)
            if facts.name == OWN_FOLDER:
                self.own.set_facts(facts, self._asked_folder or "")
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

    def _apply_theme(self) -> None:
        theme = Colors.of(self.palette())
        for row in self._rows.values():
            row.apply_theme(theme)
        self.own.apply_theme()
        self._problem.setStyleSheet(small_text(theme, theme.bad))


def whole_text(parts: Iterable[float], images_per_epoch: object) -> str:
    """“100% = 4 000 images an epoch”; “0%” where nothing is drawn from."""
    if sum(parts) <= 0:
        return "0%: no source that is here has a share"
    try:
        images = int(float(str(images_per_epoch)))
    except ValueError:
        images = 0
    return f"100% = {wording.count(images)} images an epoch" if images > 0 else "100% = all images there are"
