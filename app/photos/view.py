"""The photo with its numbers; while there is none, the place to drop one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.image_view.marked_view import MarkedView
from app.ui.actions import way_button
from app.ui.icons import icon_pixmap
from app.ui.theme import scaled_font
from training.ui.flow_layout import FlowLayout
from training.ui.theme import Colors


def paths_of(mime: QMimeData) -> list[Path]:
    """The files and folders in what is dropped or pasted."""
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def image_of(mime: QMimeData) -> QImage | None:
    """The picture in what is dropped or pasted; None without one."""
    image = mime.imageData() if mime.hasImage() else None
    return image if isinstance(image, QImage) and not image.isNull() else None


class DropCard(QWidget):
    """What to do with an empty page."""

    def __init__(self, ways: Sequence[QAction]) -> None:
        super().__init__()
        self._over = False
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel("Drop a photo or a folder here")
        self._title.setFont(scaled_font(self.font(), 1.3))
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title.setWordWrap(True)
        self._text = QLabel("House numbers, meters, signs: every number in it is read.")
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setWordWrap(True)
        buttons = FlowLayout(spacing=6, centred=True)
        for action in ways:
            buttons.addWidget(way_button(action))
        column = QVBoxLayout(self)
        em = self.fontMetrics().height()
        column.setContentsMargins(3 * em, 2 * em, 3 * em, 2 * em)
        column.setSpacing(em // 2)
        for widget in (self._icon, self._title, self._text):
            column.addWidget(widget)
        column.addSpacing(em // 2)
        column.addLayout(buttons)

    def set_over(self, over: bool) -> None:
        """Something is held over the page."""
        self._over = over
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = Colors.of(self.palette())
        side = round(self.fontMetrics().height() * 2.8)
        self._icon.setPixmap(icon_pixmap("photos", side, self.devicePixelRatioF(), theme.muted))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme.accent if self._over else theme.muted, 2.5 if self._over else 1.5)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(self.palette().color(QPalette.ColorRole.Window))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(2, 2, -2, -2), 12, 12)
        painter.end()


class PhotoView(MarkedView):
    """Shows a photo; takes what is dropped."""

    paths_dropped = Signal(object)
    """Files and folders: list of Path."""
    image_dropped = Signal(object)
    """A `QImage`, from a program that offers no file."""
    nothing_dropped = Signal()
    """What was dropped is neither a file nor a picture."""

    def __init__(self, ways: Sequence[QAction]) -> None:
        """ways: actions that bring a photo."""
        super().__init__()
        self.setAccessibleName("Photo")
        self.setAcceptDrops(True)
        self._over = False
        self._card = DropCard(ways)
        place = QVBoxLayout(self)
        place.addWidget(self._card, 0, Qt.AlignmentFlag.AlignCenter)
        self.set_empty(True)

    def set_empty(self, empty: bool) -> None:
        """Offer to bring a photo, or don't."""
        self._card.setVisible(empty)

    @property
    def offers(self) -> bool:
        """Whether it offers to bring a photo."""
        return not self._card.isHidden()

    def paint_over(self, painter: QPainter) -> None:
        super().paint_over(painter)
        if self._over and not self.offers:
            painter.setPen(QPen(QColor(255, 255, 255, 220), 3, Qt.PenStyle.DashLine))
            painter.setBrush(QColor(0, 0, 0, 90))
            painter.drawRect(self.rect().adjusted(6, 6, -7, -7))

    def _set_over(self, over: bool) -> None:
        self._over = over
        self._card.set_over(over)
        self.update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if mime.hasUrls() or mime.hasImage():
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()
            self._set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self._set_over(False)
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.take(event.mimeData())

    def take(self, mime: QMimeData) -> None:
        """Say what is in something that was dropped or pasted: files before pictures."""
        paths, image = paths_of(mime), image_of(mime)
        if paths:
            self.paths_dropped.emit(paths)
        elif image is not None:
            self.image_dropped.emit(image)
        else:
            self.nothing_dropped.emit()
