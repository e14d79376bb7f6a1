"""What is chosen, large: its picture with the number's place, its label to put right, where it comes from."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from app.collection.grid import KINDS
from app.collection.thumbnails import fitted_rect, load_part
from app.services.workers import LatestOnlyWorker
from app.ui.actions import tool_button
from app.ui.icons import icon_pixmap
from app.ui.labels import QuietLine
from core.collection.items import Item, key_of
from core.collection.mistakes import Suspicion
from core.collection.numbers import LabelledNumber
from training.ui import wording
from training.ui.theme import Colors

_LONGEST = QSize(900, 900)


def origin_lines(item: Item) -> list[str]:
    """Where an item comes from, in a few lines."""
    lines = []
    if item.was_read:
        by = f" by {item.model}" if item.model else ""
        lines.append(f"Was read as {item.was_read}{by}.")
    when = time.strftime("%d %b %Y, %H:%M", time.localtime(item.time)).lstrip("0")
    lines.append(f"{KINDS.get(item.kind, item.kind).capitalize()}, {when}")
    if item.source_file:
        lines.append(Path(item.source_file).name or item.source_file)
    return lines


class PictureLoader(QObject):
    """Loads the picture of the newest item asked for, off the GUI thread."""

    loaded = Signal(str, QImage)
    """The key of the item; the image, null where it can't be read."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker: LatestOnlyWorker[Item, QImage] = LatestOnlyWorker(
            lambda item: load_part(item, _LONGEST, whole=True),
            done=lambda item, image: self.loaded.emit(key_of(item), image),
            failed=lambda item, error: self.loaded.emit(key_of(item), QImage()),
            name="collection image",
        )

    def load(self, item: Item) -> None:
        self._worker.submit(item)

    def shut_down(self) -> None:
        self._worker.stop(5)


class PictureView(QWidget):
    """A picture as large as it fits, with a box around its number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image = QImage()
        self._box: QRectF | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_picture(self, image: QImage, box: QRectF | None = None) -> None:
        """box: as shares of the picture's width and height."""
        self._image, self._box = image, box
        self.update()

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(14 * em, 12 * em)

    def minimumSizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(9 * em, 6 * em)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._image.isNull():
            return
        painter = QPainter(self)
        place = fitted_rect(self._image.size(), self.rect().adjusted(1, 1, -1, -1))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._image.width() > place.width())
        painter.drawImage(place, self._image)
        colors = Colors.of(self.palette())
        painter.setPen(colors.edge)
        painter.drawRect(place.adjusted(0, 0, -1, -1))
        if self._box is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colors.accent, 2))
            painter.drawRect(_placed(self._box, place))
        painter.end()


def _placed(box: QRectF, place: QRect) -> QRectF:
    return QRectF(
        place.x() + box.x() * place.width(), place.y() + box.y() * place.height(),
        box.width() * place.width(), box.height() * place.height(),
    )  # fmt: skip


class Details(QWidget):
    """The panel at the right."""

    label_given = Signal(str)
    """What was typed; "" for no number."""

    def __init__(
        self, *, right: QAction, others: QAction, delete: QAction, parent: QWidget | None = None
    ) -> None:
        """right: the label is right, whatever is suspected. others: show what is nearly the same."""
        super().__init__(parent)
        self._items: Sequence[Item] = ()
        self._loader = PictureLoader(self)
        self._loader.loaded.connect(self._on_loaded)
        self.picture = PictureView(self)
        self.picture.setAccessibleName("The chosen image")
        self.field = QLineEdit(self)
        self.field.setAccessibleName("What it is")
        self.field.setToolTip(
            "Type what it is and press Enter; leave it empty if there is no digit or number"
        )
        self.field.returnPressed.connect(lambda: self.label_given.emit(self.field.text()))
        self._head = QLabel("It is", self)
        self._head.setBuddy(self.field)
        form = QFormLayout()
        form.addRow(self._head, self.field)
        self._mark = QLabel(self)
        self._doubt = QLabel(self)
        self._doubt.setWordWrap(True)
        self._doubt.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding)
        self._warning = QWidget(self)
        row = QHBoxLayout(self._warning)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._doubt, 1)
        self._lines = [QuietLine(parent=self) for _ in range(3)]
        buttons = QHBoxLayout()
        buttons.setContentsMargins(0, 0, 0, 0)
        for action in (right, others, delete):
            buttons.addWidget(tool_button(action))
        buttons.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.picture, 1)
        column.addLayout(form)
        column.addWidget(self._warning)
        for line in self._lines:
            column.addWidget(line)
        column.addLayout(buttons)
        self.show_items([], None)

    @property
    def doubt(self) -> str:
        """What is suspected, as it is shown; "" for nothing."""
        return self._doubt.text() if not self._warning.isHidden() else ""

    def show_items(self, items: Sequence[Item], suspicion: Suspicion | None) -> None:
        """What is chosen. suspicion: of a single item."""
        before, self._items = self._items, tuple(items)
        single = items[0] if len(items) == 1 else None
        self.field.setEnabled(bool(items))
        if [key_of(i) for i in before] != [key_of(i) for i in items]:
            texts = {item.text for item in items}
            self.field.setText(texts.pop() if len(texts) == 1 else "")
            self.field.setPlaceholderText(
                "" if not items else "none" if single or not texts else "several labels"
            )
        self._warning.setVisible(suspicion is not None)
        self._doubt.setText(suspicion.reason if suspicion is not None else "")
        words = (
            origin_lines(single)
            if single
            else [wording.counted(len(items), "image") + " chosen"]
            if items
            else []
        )
        for place, line in enumerate(self._lines):
            line.setText(words[place] if place < len(words) else "")
            line.setToolTip(single.source_file if single and place == 2 else "")
        if single is None:
            self.picture.show_picture(QImage())
        else:
            self._loader.load(single)
        self._draw_mark()

    def edit(self, text: str | None = None) -> None:
        """Let the label be typed; text: what was typed already."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        if text is None:
            self.field.selectAll()
        else:
            self.field.setText(text)

    def shut_down(self) -> None:
        self._loader.shut_down()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_mark"):
            self._draw_mark()

    def _draw_mark(self) -> None:
        side = self.fontMetrics().height()
        colour = Colors.of(self.palette()).warning
        self._mark.setPixmap(icon_pixmap("warning", side, self.devicePixelRatioF(), colour))

    def _on_loaded(self, key: str, image: QImage) -> None:
        if len(self._items) != 1 or key_of(self._items[0]) != key:
            return
        entry = self._items[0].entry
        box = None
        if isinstance(entry, LabelledNumber) and entry.box is not None:
            width, height = entry.size
            box = QRectF(entry.box.x / width, entry.box.y / height, entry.box.w / width, entry.box.h / height)
        self.picture.show_picture(image, box)
