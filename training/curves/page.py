"""The curves page: the plot, what it shows, the legend, the note on reading it, and export."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QHideEvent,
    QIcon,
    QImage,
    QPaintDevice,
    QPainter,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QMenu,
    QMessageBox,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.base.errors import FailureError
from core.base.files import write_text
from training.curves.curves import Curve, Quantity, curves_of_run, curves_of_runs
from training.curves.plot import CurvePlot
from training.runs.series import RunSeries
from training.ui import wording
from training.ui.flow_layout import FlowLayout
from training.ui.focus_ring import FocusRing
from training.ui.labels import QuietLabel
from training.ui.theme import DASHES, Colors, ThemeWatch, pen

REDRAW_MS = 100
_SMOOTHING = (("not at all", 1), ("a little", 10), ("some", 30), ("much", 100), ("very much", 500))
_ROOM_FOR_NOTE = 23
"""Lines of text that the page has to be high to show a note, too."""
_COST_NOTE = (
    "Dropout and augmentation make training harder on purpose, so “train (as trained)” lies above the dev "
    "cost. “Train (measured)” leaves both out, as the dev cost does: compare those two. Where the dev cost "
    "rises while “train (measured)” falls, the model learns its training images by heart."
)


class CurvesPage(QWidget):
    """Curves of one run, or of several that are compared. Redraws on a clock while it can be seen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._runs: list[RunSeries] = []
        self._names: list[str] = []
        self._kinds: dict[Quantity, QToolButton] = {}
        self.plot = CurvePlot(self)
        self.plot.setAccessibleName("Training curves")
        self.plot.setAccessibleDescription("Plus and minus zoom, arrows move, Home shows everything.")
        FocusRing(self.plot)
        self._legend = FlowLayout(spacing=14)
        self._note = QuietLabel(_COST_NOTE, self)
        self._note.setWordWrap(True)
        self._clock = QTimer(self)
        self._clock.setInterval(REDRAW_MS)
        self._clock.timeout.connect(self._on_clock)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(6)
        self._controls = self._make_controls()
        layout.addLayout(self._controls)
        layout.addWidget(self.plot, 1)
        layout.addLayout(self._legend)
        layout.addWidget(self._note)
        ThemeWatch(self, self._apply_theme)

    def _make_controls(self) -> FlowLayout:
        # On a narrow window they take two rows, and no word is cut.
        row = FlowLayout(spacing=6)
        group = QButtonGroup(self)
        for quantity in Quantity:
            button = QToolButton(self)
            button.setText(quantity.value)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(self._on_quantity)
            group.addButton(button)
            row.addWidget(button)
            self._kinds[quantity] = button
        self._kinds[Quantity.COST].setChecked(True)
        self._log = QCheckBox("Logar&ithmic", self)
        self._log.setChecked(True)
        self._log.setToolTip("A logarithmic axis shows small differences between small costs.")
        self._log.toggled.connect(self.plot.set_logarithmic)
        row.addWidget(self._log)
        self._smooth_label = QLabel("Smoot&h steps:", self)
        self._smooth = QComboBox(self)
        for name, window in _SMOOTHING:
            self._smooth.addItem(name, window)
        self._smooth.setCurrentIndex(2)
        self._smooth.setToolTip("The mean of the last steps; the faint line behind it is what was measured.")
        self._smooth.currentIndexChanged.connect(self._on_smoothing)
        self._smooth_label.setBuddy(self._smooth)
        # One item of the row: the label must not be left alone at its end.
        self._smoothing = QWidget(self)
        pair = QHBoxLayout(self._smoothing)
        pair.setContentsMargins(0, 0, 0, 0)
        pair.addWidget(self._smooth_label)
        pair.addWidget(self._smooth)
        row.addWidget(self._smoothing)
        self._fit = QPushButton("Show &all", self)
        self._fit.setToolTip("Show the whole curves again, and follow them as they grow (Home).")
        self._fit.clicked.connect(self.plot.follow)
        self._fit.hide()
        self.plot.following_changed.connect(self._on_following)
        row.addWidget(self._fit)
        export = QPushButton("E&xport", self)
        menu = QMenu(export)
        menu.addAction("Image (PNG)…", lambda: self._ask_and_export("png"))
        menu.addAction("Drawing (SVG)…", lambda: self._ask_and_export("svg"))
        menu.addAction("Values (CSV)…", lambda: self._ask_and_export("csv"))
        export.setMenu(menu)
        row.addWidget(export)
        return row

    # what is shown

    def show_run(self, series: RunSeries) -> None:
        """One run's curves. A newer snapshot of the same run leaves the view where it is."""
        same = [run.name for run in self._runs] == [series.name] and not self._names
        self._runs, self._names = [series], []
        self._set_curves(keep_view=same)

    def show_runs(self, runs: Sequence[RunSeries], names: Sequence[str]) -> None:
        """The dev curves of several runs in one plot, called by these names."""
        same = [run.name for run in self._runs] == [run.name for run in runs] and self._names == list(names)
        self._runs, self._names = list(runs), list(names)
        self._set_curves(keep_view=same)

    def clear(self) -> None:
        self._runs, self._names = [], []
        self._set_curves(keep_view=False)

    @property
    def quantity(self) -> Quantity:
        return next(kind for kind, button in self._kinds.items() if button.isChecked())

    def set_quantity(self, quantity: Quantity) -> None:
        self._kinds[quantity].setChecked(True)
        self._set_curves(keep_view=False)

    def _set_curves(self, *, keep_view: bool) -> None:
        if self._names:
            curves = curves_of_runs(self._runs, self.quantity, self._names)
        else:
            curves = [c for run in self._runs for c in curves_of_run(run, self.quantity)]
        self._write_note()
        if keep_view:
            self.plot.update_curves(curves)
            return
        self.plot.set_curves(curves, self.quantity)
        self._make_legend(curves)
        steps = self.quantity is Quantity.COST and not self._names
        self._smoothing.setVisible(steps)

    def _write_note(self) -> None:
        """What one has to know to read the curves that are shown; of several runs they speak for themselves."""
        text = ""
        if self._runs and not self._names:
            text = {Quantity.COST: _COST_NOTE, Quantity.ACCURACY: accuracy_note(self._runs[0])}.get(
                self.quantity, ""
            )
        if text != self._note.text():
            self._note.setText(text)
        self._show_note()
        for box in self._boxes():
            box.setToolTip(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """On a small screen the curves need the room more than the note, which is the legend's tooltip then."""
        super().resizeEvent(event)
        self._show_note()

    def _show_note(self) -> None:
        room = self.height() >= _ROOM_FOR_NOTE * self.fontMetrics().height()
        self._note.setVisible(bool(self._note.text()) and room)

    def _make_legend(self, curves: Sequence[Curve]) -> None:
        hidden = set()
        while (item := self._legend.takeAt(0)) is not None:
            old = item.widget()
            if isinstance(old, QCheckBox):
                if not old.isChecked():
                    hidden.add(old.property("key"))
                old.hide()
                old.deleteLater()
        for curve in curves:
            box = QCheckBox(curve.label, self)
            box.setProperty("key", curve.key)
            box.setChecked(curve.key not in hidden)
            box.setIcon(_line_icon(curve, self.plot.theme))
            box.setIconSize(QSize(28, 12))
            box.setAccessibleName(f"Show the curve {curve.label}")
            box.setToolTip(self._note.text())
            box.toggled.connect(self._on_legend)
            self._legend.addWidget(box)
        self._on_legend()

    def _boxes(self) -> list[QCheckBox]:
        widgets = (self._legend.itemAt(i) for i in range(self._legend.count()))
        return [w for item in widgets if item is not None and isinstance(w := item.widget(), QCheckBox)]

    # news

    def _on_quantity(self) -> None:
        self._set_curves(keep_view=False)

    def _on_smoothing(self) -> None:
        self.plot.set_smoothing(int(self._smooth.currentData()))

    def _on_following(self, following: bool) -> None:
        self._fit.setVisible(not following)

    def _on_legend(self) -> None:
        self.plot.set_hidden(frozenset(box.property("key") for box in self._boxes() if not box.isChecked()))

    def _on_clock(self) -> None:
        self.plot.redraw()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()

    def _apply_theme(self) -> None:
        theme = Colors.of(self.palette())
        for box, curve in zip(self._boxes(), self.plot.curves, strict=True):
            box.setIcon(_line_icon(curve, theme))

    # export

    def _ask_and_export(self, kind: str) -> None:
        of = self._runs[0].name if len(self._runs) == 1 else "runs"
        name = f"{of} {self.quantity.value.lower()}.{kind}"
        chosen, _ = QFileDialog.getSaveFileName(self, "Export curves", name, f"*.{kind}")
        if not chosen:
            return
        path = Path(chosen if chosen.lower().endswith(f".{kind}") else f"{chosen}.{kind}")
        try:
            self.export(path)
        except FailureError as error:
            QMessageBox.warning(self, "Export curves", str(error))

    def export(self, path: Path) -> None:
        """Write the plot as PNG or SVG, or its values as CSV, by the name's ending. Raises FailureError."""
        self.plot.redraw()
        try:
            if path.suffix == ".csv":
                tables = [run.to_csv() for run in self._runs]
                rows = [tables[0], *(table.partition("\n")[2] for table in tables[1:])] if tables else []
                write_text(path, "".join(rows))
            elif path.suffix == ".svg":
                self._write_svg(path)
            else:
                self._write_png(path)
        except OSError as error:
            raise FailureError(f"{path} can't be written ({error.strerror or error}).") from error

    def _write_png(self, path: Path) -> None:
        size = self.plot.size()
        image = QImage(size * 2, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(2)
        with _painting(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.plot.paint_chart(painter, QRectF(QPointF(), size.toSizeF()))
        if not image.save(str(path), "PNG"):  # type: ignore[call-overload]
            raise OSError(f"no image could be written to {path.parent}")

    def _write_svg(self, path: Path) -> None:
        size = self.plot.size()
        generator = QSvgGenerator()
        generator.setFileName(str(path))
        generator.setSize(size)
        generator.setViewBox(QRectF(QPointF(), size.toSizeF()))
        generator.setResolution(self.plot.logicalDpiX())
        generator.setTitle("Training curves")
        with _painting(generator) as painter:
            self.plot.paint_chart(painter, QRectF(QPointF(), size.toSizeF()))
        if not path.exists():
            raise OSError(f"no drawing could be written to {path.parent}")


def accuracy_note(series: RunSeries) -> str:
    """Which epoch's model is kept, and which one read most digits right, where that is another one."""
    words = [
        "“Train (as trained)” is measured on digits distorted on purpose, with dropout; “train (measured)” and “dev” "
        "on digits as they are."
    ]
    if len(series.train_accuracy_measured) and not np.isfinite(series.train_accuracy_measured.values).any():
        words.append(
            "This run is of a version that did not measure the accuracy on training digits as they are."
        )
    kept, most = series.best, series.most_right
    if kept is not None and most is not None:
        words.append(f"The kept model is that of the lowest dev cost, epoch {kept.epoch}.")
        if most.epoch != kept.epoch and most.accuracy > kept.accuracy:
            right = f"{wording.accuracy(most.accuracy)} against {wording.accuracy(kept.accuracy)}"
            words.append(f"Most digits were read right in epoch {most.epoch}: {right}.")
    return " ".join(words)


@contextlib.contextmanager
def _painting(device: QPaintDevice) -> Iterator[QPainter]:
    """A painter that is ended whatever happens: one left open crashes when its device goes."""
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()


def _line_icon(curve: Curve, theme: Colors) -> QIcon:
    """A piece of the curve's line, as a legend shows it."""
    image = QPixmap(QSize(56, 24))
    image.setDevicePixelRatio(2)
    image.fill(Qt.GlobalColor.transparent)
    with _painting(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(theme.line(curve.colour), width=2.5, dashes=DASHES[curve.dashes]))
        painter.drawLine(QPointF(0, 6), QPointF(28, 6))
    return QIcon(image)
