"""Choosing a folder of one's own digits: what was found in it, or what is wrong with it and what there is instead."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from training.recipe_form.editors import PathEditor
from training.services.data_sources import SourceFacts
from training.ui import wording
from training.ui.flow_layout import FlowLayout
from training.ui.theme import Colors, small_text

_MOST_CHOICES = 4
_FILES = "Digits (*.npz *.csv *.tsv *.json *.yaml *.yml);;All files (*)"


class OwnFolder(QWidget):
    """The path, typed or chosen, and below it what it holds."""

    edited = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = PathEditor(folder=True)
        self.path.name_it(
            "Your own folder",
            "One subfolder per digit, a labels.csv, or boxes of YOLO or COCO; also an .npz file or a table of pixels.",
        )
        self.path.edited.connect(lambda value: self.edited.emit(str(value)))
        label = QLabel("Your own &folder:", self)
        label.setBuddy(self.path)
        row = QHBoxLayout()
        row.addWidget(label)
        row.addWidget(self.path, 1)
        self.file = QPushButton("File…", self)
        self.file.setToolTip("Choose a file that holds digits: .npz, .csv, .json of COCO, data.yaml of YOLO")
        self.file.clicked.connect(self._choose_file)
        row.addWidget(self.file)
        self.words = QLabel(self)
        self.words.setWordWrap(True)
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self._choices = QWidget(self)
        self._flow = FlowLayout(self._choices)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.words)
        layout.addWidget(self._choices)
        self._offered: tuple[str, ...] = ()
        self._is_bad = False
        self.set_facts(SourceFacts("folder", "folder"), "")

    def set_folder(self, folder: str) -> None:
        self.path.set_value(folder)

    def set_facts(self, facts: SourceFacts, folder: str) -> None:
        """facts: of the source “folder”, as found for `folder`; empty if none is chosen."""
        self._is_bad = bool(folder) and not facts.here
        if not folder:
            self.words.setText("One subfolder per digit (0 to 9), a labels.csv, YOLO or COCO boxes.")
        elif self._is_bad:
            self.words.setText(f"⚠ {facts.note}")
        else:
            counts = " · ".join(f"{wording.count(n)} {split}" for split, n in facts.counts.items() if n)
            self.words.setText(" ".join([f"✓ {counts}.", *facts.remarks]))
        self.path.set_wrong(self._is_bad)
        if facts.choices != self._offered:
            self._offer(facts.choices)
        self._choices.setVisible(bool(self._offered))
        self._apply_theme()

    def choices(self) -> list[QPushButton]:
        """The buttons that take a folder that was found instead."""
        return self._choices.findChildren(QPushButton)

    def _offer(self, folders: tuple[str, ...]) -> None:
        for button in self.choices():
            self._flow.removeWidget(button)
            button.setParent(None)
            button.deleteLater()
        self._offered = folders
        for folder in folders[:_MOST_CHOICES]:
            button = QPushButton(
                f"Use “…{folder[-28:]}”" if len(folder) > 30 else f"Use “{folder}”", self._choices
            )
            button.setToolTip(folder)
            button.setAccessibleName(f"Use the folder {folder}")
            button.clicked.connect(lambda _=False, chosen=folder: self._take(chosen))
            self._flow.addWidget(button)
            button.show()

    def _choose_file(self) -> None:
        chosen, _ = QFileDialog.getOpenFileName(self, "Choose a file of digits", "", _FILES)
        if chosen:
            self._take(chosen)

    def _take(self, folder: str) -> None:
        self.path.set_value(folder)
        self.edited.emit(folder)

    def _apply_theme(self) -> None:
        theme = Colors.of(self.palette())
        self.words.setStyleSheet(small_text(theme, theme.bad if self._is_bad else None))

    def apply_theme(self) -> None:
        self._apply_theme()
