"""Out to other people and programs, and back in: the dialog that asks how, and the work in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from app.services.workers import Background
from app.ui.errors import details_of, sentence_of
from app.ui.labels import QuietLabel
from core.collection.exchange.entry import FORMATS, Format
from core.collection.exchange.reading import Imported, import_collection
from core.collection.exchange.writing import Exported, export_collection
from training.ui import wording

_WORDS: dict[Format, tuple[str, str]] = {
    "folder": ("Image folder", "A folder a label: digits/7, numbers/1824"),
    "csv": ("Table", "Images and a labels.csv, for spreadsheets"),
    "yolo": ("YOLO", "Images with a text file of boxes each"),
    "coco": ("COCO", "Images and an annotations.json with boxes and texts"),
}
FILES = "Labels (*.csv *.tsv *.json *.yaml *.yml);;All files (*)"


def free_folder(parent: Path, name: str = "gnc corrections") -> Path:
    """A folder's path that is not there yet."""
    path, number = parent / name, 2
    while path.exists():
        path, number = parent / f"{name} {number}", number + 1
    return path


class ExportDialog(QDialog):
    """Asks for the format and the folder."""

    def __init__(self, parent: QWidget | None = None, *, folder: Path | None = None) -> None:
        """folder: to begin with; None for a new one among the documents."""
        super().__init__(parent)
        self.setWindowTitle("Export")
        self._buttons = QButtonGroup(self)
        grid = QGridLayout()
        for row, form in enumerate(FORMATS):
            title, about = _WORDS[form]
            button = QRadioButton(title)
            button.setAccessibleDescription(about)
            self._buttons.addButton(button, row)
            grid.addWidget(button, row, 0)
            grid.addWidget(QuietLabel(about), row, 1)
        grid.setColumnStretch(1, 1)
        self._buttons.button(0).setChecked(True)
        documents = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        self.path = QLineEdit(str(folder or free_folder(Path(documents))))
        self.path.setAccessibleName("Folder")
        self.path.setMinimumWidth(self.fontMetrics().height() * 22)
        browse = QPushButton("Choose…")
        browse.clicked.connect(self._on_browse)
        row_layout = QHBoxLayout()
        row_layout.addWidget(self.path, 1)
        row_layout.addWidget(browse)
        box = QDialogButtonBox()
        self.export = box.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        box.addButton("Cancel", QDialogButtonBox.ButtonRole.RejectRole)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(grid)
        column.addWidget(QuietLabel("Each holds all that is known, and can be imported again without loss."))
        column.addLayout(row_layout)
        column.addWidget(box)
        self.path.textChanged.connect(lambda text: self.export.setEnabled(bool(text.strip())))

    @property
    def form(self) -> Format:
        return FORMATS[self._buttons.checkedId()]

    def button(self, form: Format) -> QRadioButton:
        found = self._buttons.button(FORMATS.index(form))
        assert isinstance(found, QRadioButton)
        return found

    def _on_browse(self) -> None:
        start = Path(self.path.text()).parent
        chosen = QFileDialog.getExistingDirectory(self, "Export into a new folder in", str(start))
        if chosen:
            self.path.setText(str(free_folder(Path(chosen))))


class CancelledError(Exception):
    """The person doesn't want it any more."""


class Sharing(QObject):
    """Exports and imports, one at a time."""

    progressed = Signal(int, int)
    started = Signal(str)
    """What is being done, in a few words."""
    ended = Signal(str, str, object)
    """A sentence, details ("" where it says it all), and the folder that was written (or None)."""
    imported = Signal()
    """Something may have come in."""

    def __init__(self, corrections: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._corrections = corrections
        self._worker = Background(self)
        self._cancel = threading.Event()
        self.is_busy = False

    def export(self, form: Format, folder: Path) -> None:
        def work() -> Exported:
            return export_collection(self._corrections, folder, form, progress=self._progress)

        def done(result: Exported) -> None:
            what = counted(result.digits, result.numbers)
            sentence = f"Exported {what} to {folder}."
            if result.damaged:
                sentence += (
                    f" {wording.counted(len(result.damaged), 'damaged entry', 'damaged entries')} left out."
                )
            self.ended.emit(sentence, "\n".join(result.damaged), folder)

        self._begin("Exporting…", work, done, "The export was stopped; nothing was written.")

    def take_in(self, source: Path, *, deleted_too: bool = False) -> None:
        """Import a folder or file. deleted_too: also what was deleted here since it was exported."""

        def work() -> Imported:
            return import_collection(
                source, self._corrections, deleted_too=deleted_too, progress=self._progress
            )

        def done(result: Imported) -> None:
            self.imported.emit()
            self.ended.emit(summary_of(result), "\n".join(result.left_out), None)

        self._begin("Importing…", work, done, "The import was stopped; what came in until then stays.")

    def cancel(self) -> None:
        self._cancel.set()

    def shut_down(self) -> None:
        self._cancel.set()
        self._worker.shut_down()

    def _begin(
        self,
        words: str,
        work: Callable[[], object],
        done: Callable[[object], None] | Callable[..., None],
        stopped: str,
    ) -> None:
        assert not self.is_busy, "one at a time"
        self.is_busy = True
        self._cancel.clear()
        self.started.emit(words)

        def over(result: object) -> None:
            self.is_busy = False
            done(result)

        def failed(error: Exception) -> None:
            self.is_busy = False
            self.imported.emit()
            if isinstance(error, CancelledError):
                self.ended.emit(stopped, "", None)
            else:
                expected = isinstance(error, ValueError | RuntimeError | OSError)
                self.ended.emit(sentence_of(error), "" if expected else details_of(error), None)

        self._worker.run(work, over, failed)

    def _progress(self, done: int, of: int) -> None:
        if self._cancel.is_set():
            raise CancelledError
        self.progressed.emit(done, of)


def counted(digits: int, numbers: int) -> str:
    """“312 digits and 1 number”, “1 digit”."""
    parts = [wording.counted(n, what) for n, what in ((digits, "digit"), (numbers, "number")) if n]
    return " and ".join(parts) or "nothing"


def summary_of(result: Imported) -> str:
    """What came of an import, in a sentence or two."""
    if not result.digits and not result.numbers and result.there:
        sentence = f"Nothing new: all {wording.count(result.there)} are here already."
    else:
        sentence = f"Imported {counted(result.digits, result.numbers)}."
        if result.there:
            sentence += (
                f" {wording.count(result.there)} {'were' if result.there > 1 else 'was'} here already."
            )
    if result.deleted:
        sentence += f" {wording.count(result.deleted)} stay deleted or relabelled."
    if result.left_out:
        sentence += f" {wording.counted(len(result.left_out), 'thing')} could not be used."
    return sentence
