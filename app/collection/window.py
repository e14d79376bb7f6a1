"""The window “My corrections”: wires the parts, the grid, the details, sharing and the undo stack together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QItemSelection, QPoint, QSize, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDropEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.collection.actions import CollectionActions
from app.collection.browser import Browser
from app.collection.changes import Changes
from app.collection.checker import Judge
from app.collection.details import Details
from app.collection.filter_bar import FilterBar
from app.collection.grid import CollectionModel, Grid
from app.collection.groups import GroupList
from app.collection.sharing import FILES, ExportDialog, Sharing
from app.collection.thumbnails import Thumbnails
from app.services.models import ModelState
from app.services.settings import Settings
from app.ui.actions import MenuButton, tool_button
from app.ui.errors import MessageBar
from app.ui.labels import NoticeLine, QuietLabel, QuietLine
from core.base.errors import InputError
from core.base.paths import Places
from core.collection.items import Change, Collection, Filter, Group, Item, Order, key_of
from training.ui import wording
from training.ui.geometry import ScreenFit

TITLE = "My corrections"
EMPTY = (
    "Nothing is collected yet.\n\nSay what a digit or a number really is on the pages Draw, Camera and Photos, "
    "or import labels."
)
KEYS = "0–9 relabel digits, – for none; Enter edits"
_GEOMETRY = "collection/geometry"


class CollectionWindow(QWidget):
    """What was labelled, to look through."""

    learn_wanted = Signal()
    """To learn from all this."""
    changed = Signal()
    """Something came or went: others count anew."""

    def __init__(
        self,
        places: Places,
        settings: Settings,
        judge: Judge,
        *,
        learned_at: Callable[[], float] = lambda: 0.0,
        parent: QWidget | None = None,
    ) -> None:
        """learned_at: when the last learning began, 0 for never; reads files."""
        super().__init__(parent, Qt.WindowType.Window)
        self._settings = settings
        self.setWindowTitle(TITLE)
        self.setAcceptDrops(True)
        em, ratio = self.fontMetrics().height(), self.devicePixelRatioF()
        collection = Collection(places.corrections)
        self.changes = Changes(collection, self)
        self._thumbnails = Thumbnails(QSize(round(6 * em * ratio), round(4.4 * em * ratio)), self)
        self.model = CollectionModel(self._thumbnails, self)
        self.browser = Browser(
            collection, self.model, judge, cache=places.cache, learned_at=learned_at,
            confirmed=self.changes.confirmed_keys, parent=self,
        )  # fmt: skip
        self.sharing = Sharing(places.corrections, self)
        self.filters = FilterBar(self)
        self.groups = GroupList(self)
        self.grid = Grid(self.model, self)
        self.commands = CollectionActions(self, self.grid)
        commands = self.commands
        self.details = Details(
            right=commands.right, others=commands.others, delete=commands.delete, parent=self
        )
        self._status, self.notice = QuietLine(parent=self), NoticeLine(self)
        self._progress, self.cancel = QProgressBar(self), QPushButton("Cancel", self)
        self._checked = (0, 0)
        self._chosen: list[str] = []
        self._build()
        self._connect()
        self._restore()

    # For the main window and tests

    @property
    def status(self) -> str:
        return self._status.words

    def set_count(self, count: int) -> None:
        """How many corrections there are now: read anew where that is other than what is shown."""
        if self.isVisible() and self.browser.has_loaded and count != len(self.browser.items):
            self.browser.load()

    def set_models(self, state: ModelState) -> None:
        """Other models read now."""
        if self.isVisible() and not state.is_loading and self.browser.has_loaded:
            self.browser.check_anew()

    def take_in(self, source: Path) -> None:
        """Import a folder or file."""
        if not self.sharing.is_busy:
            self.sharing.take_in(source)

    def shut_down(self) -> None:
        """End every thread; the window is not used any more."""
        self._settings.put(_GEOMETRY, bytes(self.saveGeometry().toBase64().data()).decode())
        for part in (self.sharing, self.changes, self.browser, self.details, self._thumbnails):
            part.shut_down()
        self.close()

    # Building

    def _build(self) -> None:
        commands = self.commands
        top = QHBoxLayout()
        top.addWidget(self.filters, 1)
        top.addSpacing(8)
        for action in (commands.undo, commands.redo):
            top.addWidget(tool_button(action, words=False))
        imports = MenuButton(commands.imports(self))
        imports.set_words("Import")
        top.addWidget(imports)
        for action in (commands.export, commands.learn):
            top.addWidget(tool_button(action))
        self._empty = self._empty_page()
        self._nothing = QuietLabel("Nothing here.")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack = QStackedWidget()
        for page in (self.grid, self._nothing, self._empty):
            self._stack.addWidget(page)
        self._splitter = QSplitter()
        self._splitter.setChildrenCollapsible(False)
        self._splitter.setHandleWidth(8)
        for place, part in enumerate((self.groups, self._stack, self.details)):
            self._splitter.addWidget(part)
            self._splitter.setStretchFactor(place, int(place == 1))
        content = QWidget()
        self.message = MessageBar(self._stack, content)
        middle = QVBoxLayout(content)
        middle.setContentsMargins(0, 0, 0, 0)
        middle.addWidget(self._splitter)
        bottom = QHBoxLayout()
        bottom.addWidget(self._status, 3)
        bottom.addWidget(self.notice, 2)
        self._progress.setMaximumWidth(self.fontMetrics().height() * 12)
        self._progress.setTextVisible(False)
        for widget in (self._progress, self.cancel):
            widget.hide()
            bottom.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(content, 1)
        column.addLayout(bottom)

    def _empty_page(self) -> QWidget:
        page = QWidget()
        words = QLabel(EMPTY, wordWrap=True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        button = QPushButton("Import…")
        button.clicked.connect(self.commands.import_folder.trigger)
        column = QVBoxLayout(page)
        column.addStretch(1)
        column.addWidget(words)
        column.addSpacing(8)
        column.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        return page

    def _connect(self) -> None:
        self.groups.chosen.connect(self._on_group)
        self.filters.changed.connect(self._filter)
        self.filters.left.connect(lambda: self.grid.setFocus())
        self.grid.selectionModel().selectionChanged.connect(self._on_selection)
        self.grid.label_typed.connect(self._on_typed)
        self.grid.confirmed.connect(lambda: self.details.edit())
        self.grid.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.grid.customContextMenuRequested.connect(self._on_menu)
        self.details.label_given.connect(self._on_label)
        self.model.modelReset.connect(self._on_reset)
        browser, changes, commands, sharing = self.browser, self.changes, self.commands, self.sharing
        browser.loaded.connect(self._on_loaded)
        browser.counts_changed.connect(self._on_counts)
        browser.suspicions_changed.connect(self._show_details)
        browser.checking.connect(self._on_checking)
        browser.failed.connect(self.message.show_message)
        changes.changed.connect(self._on_changed)
        changes.confirmed.connect(lambda keys, undone: browser.confirm(keys, undone=undone))
        changes.notice.connect(lambda words, undo: self.notice.show_words(words, undo=undo))
        changes.failed.connect(self.message.show_message)
        self.notice.linkActivated.connect(lambda _: changes.stack.undo())
        changes.stack.canUndoChanged.connect(commands.undo.setEnabled)
        changes.stack.canRedoChanged.connect(commands.redo.setEnabled)
        for action, do in (
            (commands.undo, changes.stack.undo),
            (commands.redo, changes.stack.redo),
            (commands.delete, lambda: changes.remove(self.grid.chosen, browser.items)),
            (commands.right, lambda: changes.confirm(self.grid.chosen)),
            (commands.others, self._on_others),
            (commands.edit, lambda: self.details.edit()),
            (commands.search, self.filters.begin),
            (commands.folder, self._on_folder),
            (commands.learn, self.learn_wanted.emit),
            (commands.export, self._on_export),
            (commands.import_folder, self._on_import_folder),
            (commands.import_file, self._on_import_file),
        ):
            action.triggered.connect(lambda _=False, do=do: do())
        self.cancel.clicked.connect(sharing.cancel)
        sharing.started.connect(self._on_sharing)
        sharing.progressed.connect(self._on_progress)
        sharing.ended.connect(self._on_shared)
        sharing.imported.connect(self._on_imported)

    def _restore(self) -> None:
        em = self.fontMetrics().height()
        self.resize(em * 72, em * 42)
        kept = QByteArray.fromBase64(self._settings.text(_GEOMETRY).encode("ascii", "ignore"))
        if not kept.isEmpty():
            self.restoreGeometry(kept)
        ScreenFit(self)
        side = min(self.details.sizeHint().width(), self.width() * 36 // 100)
        self._splitter.setSizes([self.groups.sizeHint().width(), 10_000, side])

    # What is shown

    def _on_group(self, group: Group | int) -> None:
        if group is Group.MISTAKES:
            self.filters.set_order(Order.MISTAKES)
        elif self.filters.chosen_order is Order.MISTAKES:
            self.filters.set_order(Order.LABEL)
        self._filter()

    def _filter(self) -> None:
        filters = self.filters
        self.browser.show(Filter(self.groups.part, filters.words, filters.chosen_kind, filters.chosen_order))

    def _on_loaded(self) -> None:
        damaged = self.browser.damaged
        if damaged:
            several = len(damaged) > 1
            words = f"{damaged[0]} {wording.count(len(damaged) - 1)} more." if several else damaged[0]
            self.message.show_message(f"Left out: {words}", details="\n".join(damaged) if several else "")

    def _on_reset(self) -> None:
        self._choose_page()
        # What was chosen stays chosen where it is still shown.
        rows = [row for key in self._chosen if (row := self.model.row_of(key)) >= 0]
        self._chosen = []
        if rows:
            self.grid.choose_all(rows)
        self._show_details()
        self._show_status()

    def _choose_page(self) -> None:
        if self.model.items:
            page: QWidget = self.grid
        else:
            page = self._nothing if self.browser.items or not self.browser.has_loaded else self._empty
        self.details.setVisible(page is not self._empty)
        had_keyboard = self.grid.hasFocus()
        self._stack.setCurrentWidget(page)
        if had_keyboard and page is not self.grid:
            self.groups.setFocus()

    def _on_counts(self) -> None:
        self.groups.set_counts(self.browser.counts)
        self.commands.set_sharing(is_busy=self.sharing.is_busy, has_some=bool(self.browser.items))
        self._choose_page()
        self._show_status()

    def _on_checking(self, done: int, of: int) -> None:
        self._checked = (done, of)
        self._show_status()

    def _show_status(self) -> None:
        if not self.browser.has_loaded:
            return
        shown, total = len(self.model.items), len(self.browser.items)
        words = wording.counted(total, "image")
        parts = [words if shown == total else f"{wording.count(shown)} of {words}"]
        done, of = self._checked
        if done < of:
            parts.append(f"looking for mistakes, {wording.count(done)} of {wording.count(of)}")
        elif total:
            parts.append(KEYS)
        self._status.setText(" · ".join(parts))

    # What is chosen

    def _on_selection(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        self._chosen = [key_of(item) for item in self.grid.chosen]
        self._show_details()

    def _show_details(self) -> None:
        chosen = self.grid.chosen
        suspicion = self.browser.suspicion(chosen[0]) if len(chosen) == 1 else None
        self.details.show_items(chosen, suspicion)
        self.commands.set_chosen(
            len(chosen),
            is_suspected=any(self.browser.suspicion(item) for item in chosen),
            has_others=suspicion is not None and bool(suspicion.others),
        )

    def _on_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(self.commands.of_item())
        menu.popup(self.grid.viewport().mapToGlobal(at))

    def _on_typed(self, label: str) -> None:
        """A key in the grid: digits take it as their label, a number's label begins with it."""
        chosen = self.grid.chosen
        if not chosen:
            return
        if all(item.what == "digit" for item in chosen):
            self._relabel(chosen, label)
        else:
            self.details.edit(label)

    def _on_label(self, text: str) -> None:
        if self._relabel(self.grid.chosen, text):
            self.grid.setFocus()

    def _relabel(self, chosen: Sequence[Item], text: str) -> bool:
        try:
            self.changes.relabel(chosen, text, self.browser.items)
        except InputError as error:
            self.message.show_message(str(error))
            return False
        self.message.clear()
        # Keys that label go on to the next one.
        if len(chosen) == 1:
            row = self.model.row_of(key_of(chosen[0]))
            if row + 1 < len(self.model.items):
                self.grid.choose(row + 1)
        return True

    def _on_others(self) -> None:
        """Choose what is nearly the same, too; all of the collection is shown where they are not."""
        item = self.grid.chosen[0]
        suspicion = self.browser.suspicion(item)
        keys = [key_of(item), *(suspicion.others if suspicion is not None else ())]
        if any(self.model.row_of(key) < 0 for key in keys):
            self.filters.reset()
            self.groups.choose(Group.ALL)
            self._filter()
        self.grid.choose_all([row for key in keys if (row := self.model.row_of(key)) >= 0])

    def _on_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.grid.chosen[0].picture.parent)))

    def _on_changed(self, changes: list[Change], undone: bool) -> None:
        rows = [index.row() for index in self.grid.selectionModel().selectedIndexes()]
        self.browser.apply(changes, undone=undone)
        if rows and not self.grid.selectionModel().hasSelection():
            self.grid.choose(min(rows))
        self._show_details()
        self.changed.emit()

    # Sharing

    def _on_export(self) -> None:
        dialog = ExportDialog(self)
        dialog.accepted.connect(lambda: self.sharing.export(dialog.form, Path(dialog.path.text())))
        dialog.open()

    def _on_import_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Import a folder of labels")
        if chosen:
            self.take_in(Path(chosen))

    def _on_import_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Import a file of labels", "", FILES)
        if chosen:
            self.take_in(Path(chosen))

    def _on_sharing(self, words: str) -> None:
        self._progress.setRange(0, 0)
        self._progress.setAccessibleName(words)
        self._progress.show()
        self.cancel.show()
        self._on_counts()
        self.notice.show_words(words)

    def _on_progress(self, done: int, of: int) -> None:
        if self.sharing.is_busy:
            self._progress.setRange(0, of)
            self._progress.setValue(done)

    def _on_shared(self, sentence: str, details: str, folder: Path | None) -> None:
        self._progress.hide()
        self.cancel.hide()
        self._on_counts()
        self.notice.show_words("")

        def show() -> None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

        self.message.show_message(sentence, details=details, action="Show" if folder else "", act=show)

    def _on_imported(self) -> None:
        self.browser.load()
        self.changed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        urls = event.mimeData().urls()
        if len(urls) == 1 and urls[0].isLocalFile() and not self.sharing.is_busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.take_in(Path(event.mimeData().urls()[0].toLocalFile()))

    # The window itself

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.browser.load()
        self.grid.setFocus()

    def hideEvent(self, event: QHideEvent) -> None:
        self.browser.stop_checking()
        super().hideEvent(event)
