"""The one door to the user for what goes wrong: a sentence in place, details on demand, a report to copy."""

from __future__ import annotations

import logging
import platform
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app.ui.icons import icon_button, icon_pixmap
from app.ui.labels import close_box
from core.base.causes import system_error
from core.base.errors import FailureError, InputError
from core.base.logs import tail
from training.ui.focus_ring import FocusRing
from training.ui.geometry import ScreenFit
from training.ui.theme import Colors

_logger = logging.getLogger(__name__)
_PACKAGES = ("gnc", "numpy", "onnxruntime", "opencv-python", "PySide6-Essentials", "torch")
_LONGEST_REPORT = 100_000
UNEXPECTED = "Something went wrong that should not have. What you drew is still there; please report this."


def sentence_of(error: BaseException) -> str:
    """What the user is shown about an error, in one sentence."""
    if isinstance(error, InputError | FailureError):
        return str(error)
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.strerror):
        return system_error(error)
    return UNEXPECTED


def details_of(error: BaseException) -> str:
    """The traceback of an error, for a report."""
    return "".join(traceback.format_exception(error))


def report_of(error: BaseException, log: str = "") -> str:
    """A report someone else can work with: versions, system, traceback, and the end of the log."""
    # Reads the installed packages' files: not worth a start's time.
    from importlib.metadata import PackageNotFoundError, version

    found = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"{name} is not installed")
    lines = [
        f"{type(error).__name__}: {error}",
        "",
        details_of(error).rstrip(),
        "",
        ", ".join(found),
        f"Python {platform.python_version()}, Qt {qVersion()} ({QGuiApplication.platformName() or 'none'})",
        f"{platform.platform()}, {platform.machine()}",
    ]
    if log:
        lines += ["", "The log's last lines:", log]
    return "\n".join(lines)


_MARGIN = 6
"""Pixels between a message and the edges of what it lies over."""


class MessageBar(QFrame):
    """A sentence in place, the obvious next thing as a button, details on demand, and a way to close it.

    It lies over the top of a widget: nothing moves under the mouse when it comes and goes. It stays until it is
    closed, or until there is another one, or until its reason is gone.
    """

    def __init__(self, over: QWidget, parent: QWidget | None = None) -> None:
        """over: what it lies over. parent: an ancestor of `over`, where that takes its children for its own."""
        super().__init__(parent or over)
        self._over = over
        over.installEventFilter(self)
        self._act: Callable[[], None] | None = None
        self._icon = QLabel()
        self._text = QLabel(wordWrap=True)
        # Not by the keyboard: a label does not show that the keyboard is there.
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._action = QPushButton()
        self._action.clicked.connect(self._on_action)
        self._more = QPushButton("Details")
        self._more.setCheckable(True)
        self._more.toggled.connect(self._on_more)
        close = icon_button("close", "Close this message")
        close.clicked.connect(self.clear)
        row = QHBoxLayout()
        for widget in (self._icon, self._text, self._action, self._more, close):
            row.addWidget(widget)
        self._details = QPlainTextEdit(readOnly=True)
        self._details.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._details.setAccessibleName("Details")
        FocusRing(self._details)
        self._details.setMaximumHeight(self.fontMetrics().height() * 12)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 6, 8, 6)
        column.addLayout(row)
        column.addWidget(self._details)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.AlternateBase)
        self.setAccessibleName("Message")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.hide()

    @property
    def text(self) -> str:
        """The sentence shown; "" while there is none."""
        return self._text.text() if not self.isHidden() else ""

    def show_message(
        self, sentence: str, *, details: str = "", action: str = "", act: Callable[[], None] | None = None
    ) -> None:
        """Show a sentence in place of any before it. action, act: the button's words and what it does."""
        self._text.setText(sentence)
        self._act = act
        self._action.setText(action)
        self._action.setVisible(bool(action))
        self._more.setChecked(False)
        self._more.setVisible(bool(details))
        self._details.setPlainText(details)
        self._details.hide()
        self._draw_icon()
        self.show()
        self._place()
        self.raise_()

    def clear(self) -> None:
        """Take the message away."""
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        moved = event.type() in (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show)
        if watched is self._over and moved and not self.isHidden():
            self._place()
        return False

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw_icon()
        super().changeEvent(event)

    def _place(self) -> None:
        """At the top of what it lies over, as high as its words need."""
        parent, layout = self.parentWidget(), self.layout()
        assert parent is not None, "a message lies over something"
        assert layout is not None, "built with its layout"
        corner = self._over.mapTo(parent, QPoint(_MARGIN, _MARGIN)) if parent is not self._over else None
        x, y = (corner.x(), corner.y()) if corner is not None else (_MARGIN, _MARGIN)
        width = max(self._over.width() - 2 * _MARGIN, self.minimumSizeHint().width())
        layout.activate()
        height = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else self.sizeHint().height()
        self.setGeometry(x, y, width, height)

    def _draw_icon(self) -> None:
        side = round(self.fontMetrics().height() * 1.3)
        colour = Colors.of(self.palette()).warning
        self._icon.setPixmap(icon_pixmap("warning", side, self.devicePixelRatioF(), colour))

    def _on_action(self) -> None:
        act = self._act
        self.clear()
        if act is not None:
            act()

    def _on_more(self, shown: bool) -> None:
        self._details.setVisible(shown)
        self._place()


class ReportDialog(QDialog):
    """A sentence and a report that can be copied."""

    def __init__(self, sentence: str, report: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Something went wrong")
        text = QLabel(sentence, wordWrap=True)
        self._report = QPlainTextEdit(report, readOnly=True)
        self._report.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self._report.setAccessibleName("Report")
        FocusRing(self._report)
        self._report.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        buttons = close_box(self)
        copy = buttons.addButton("Copy report", QDialogButtonBox.ButtonRole.ActionRole)
        copy.clicked.connect(self._on_copy)
        column = QVBoxLayout(self)
        column.addWidget(text)
        column.addWidget(self._report)
        column.addWidget(buttons)
        em = self.fontMetrics().height()
        self.resize(em * 46, em * 24)
        ScreenFit(self)

    @property
    def report(self) -> str:
        return self._report.toPlainText()

    def add(self, report: str) -> None:
        """Something else went wrong while this one was being shown; text that is shown already is not repeated."""
        # What goes wrong while painting goes wrong with every frame.
        if report in self.report or len(self.report) > _LONGEST_REPORT:
            return
        self._report.appendPlainText("\n" + "-" * 40 + "\n\n" + report)

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self.report)


class ErrorReports(QObject):
    """Shows unhandled exceptions of all threads in one dialog, and prints them on standard error."""

    _happened = Signal(str, str)

    def __init__(self, parent: QWidget | None = None, *, log: Path | None = None) -> None:
        """log: the file whose end goes into the reports."""
        super().__init__(parent)
        self._window = parent
        self._log = log
        self.dialog: ReportDialog | None = None
        self._happened.connect(self._on_happened)

    def install(self) -> None:
        """Take over `sys.excepthook` and `threading.excepthook`."""
        sys.excepthook = self.take
        threading.excepthook = lambda args: self.take(args.exc_type, args.exc_value, args.exc_traceback)

    @staticmethod
    def uninstall() -> None:
        """Give the hooks back to Python: the window is gone."""
        sys.excepthook = sys.__excepthook__
        threading.excepthook = threading.__excepthook__

    def take(
        self, kind: type[BaseException], error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """An unhandled exception."""
        error = error if error is not None else kind()
        if isinstance(error, KeyboardInterrupt | SystemExit):
            return
        sys.__excepthook__(kind, error, trace)
        text = (
            tail(self._log) if self._log is not None else ""
        )  # before this error, which the report has anyway
        _logger.error("Not handled: %s", error, exc_info=error)
        self._happened.emit(sentence_of(error), report_of(error, text))

    def _on_happened(self, sentence: str, report: str) -> None:
        if self.dialog is not None and self.dialog.isVisible():
            self.dialog.add(report)
            return
        self.dialog = ReportDialog(sentence, report, self._window)
        self.dialog.open()
