"""The parts of the prediction panel that draw themselves: the number, the crops, the bars."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from app.ui.images import to_qimage
from app.ui.reading_text import NumberText, Sureness, percent
from app.ui.theme import round_pen, scaled_font
from core.reading.types import Digit
from training.ui.theme import Colors, faint

_BETWEEN = " · "


class NumberView(QWidget):
    """The number read, as large as fits; the selected digit is underlined. A click selects a digit."""

    digit_clicked = Signal(int)
    """The place of a digit in the number."""

    _LARGEST, _SMALLEST = 4.6, 1.3
    _LOWEST = 0.55
    """Share of its height that it gives up last, where there is little room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self._places: tuple[int | None, ...] = ()
        self._words = ""
        self._selected: int | None = None
        self._is_faint = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setAccessibleName("Number read")

    def set_number(
        self,
        text: str,
        places: Sequence[int | None] = (),
        selected: int | None = None,
        *,
        words: str = "",
        faint: bool = False,
    ) -> None:
        """Show a number; `words` in its place, smaller and faint, if there is none.

        places: of each sign of `text`, which digit it is. selected: the place of a digit. faint: it is not sure.
        """
        new = (text, tuple(places), selected, words, faint)
        if new != (self._text, self._places, self._selected, self._words, self._is_faint):
            self._text, self._places, self._selected, self._words, self._is_faint = new
            self.setAccessibleDescription(text or words)
            self.setToolTip(text)
            self.update()

    @property
    def text(self) -> str:
        return self._text

    def sizeHint(self) -> QSize:
        height = round(self.fontMetrics().height() * self._LARGEST * 0.86)
        return QSize(self.fontMetrics().height() * 14, height)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.fontMetrics().height() * 6, round(self.sizeHint().height() * self._LOWEST))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = Colors.of(self.palette())
        if not self._text:
            painter.setFont(scaled_font(self.font(), 1.5))
            painter.setPen(theme.muted)
            painter.drawText(
                self.rect(), Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, self._words
            )
            return
        font = self._fitting_font()
        painter.setFont(font)
        painter.setPen(theme.muted if self._is_faint else theme.text)
        metrics = QFontMetricsF(font)
        baseline = (self.height() + metrics.capHeight()) / 2
        for index, (x, advance, sign) in enumerate(self._signs(metrics)):
            painter.drawText(QPointF(x, baseline), sign)
            if self._place_of(index) == self._selected is not None and len(self._text) > 1:
                thick = max(2.0, metrics.height() / 22)
                pen = round_pen(theme.accent, thick)
                painter.save()
                painter.setPen(pen)
                y = min(baseline + 3 * thick, self.height() - thick)
                painter.drawLine(QPointF(x + thick, y), QPointF(x + advance - thick, y))
                painter.restore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for index, (x, advance, _) in enumerate(self._signs(QFontMetricsF(self._fitting_font()))):
            place = self._place_of(index)
            if x <= event.position().x() < x + advance and place is not None:
                self.digit_clicked.emit(place)
                return

    def _place_of(self, index: int) -> int | None:
        """Which digit a sign of the text is."""
        return self._places[index] if index < len(self._places) else None

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def _fitting_font(self) -> QFont:
        largest = self._LARGEST * min(self.height() / self.sizeHint().height(), 1.0)
        font = scaled_font(self.font(), max(largest, self._SMALLEST))
        font.setWeight(QFont.Weight.DemiBold)
        wide = QFontMetricsF(font).horizontalAdvance(self._text)
        if wide > self.width() > 0:
            font = scaled_font(font, max(self.width() / wide, self._SMALLEST / largest))
        return font

    def _signs(self, metrics: QFontMetricsF) -> list[tuple[float, float, str]]:
        """(x, advance, sign) of each digit; the last is an ellipsis where not all fit."""
        signs, x = [], 0.0
        for index, sign in enumerate(self._text):
            advance = metrics.horizontalAdvance(sign)
            rest = metrics.horizontalAdvance("…") if index < len(self._text) - 1 else 0.0
            if x + advance + rest > self.width() + 1 and index > 0:
                signs.append((x, metrics.horizontalAdvance("…"), "…"))
                break
            signs.append((x, advance, sign))
            x += advance
        return signs


class NumbersLine(QLabel):
    """All numbers of a reading as text, in reading order; the one described stands out. A click describes one."""

    number_clicked = Signal(int)
    """The place of a number."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._numbers: tuple[NumberText, ...] = ()
        self._current: int | None = None
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("All numbers")
        self.linkActivated.connect(lambda link: self.number_clicked.emit(int(link)))
        self._show()

    def set_numbers(self, numbers: Sequence[NumberText], current: int | None) -> None:
        """Show these numbers; current: the place of the one that is described."""
        if (tuple(numbers), current) != (self._numbers, self._current):
            self._numbers, self._current = tuple(numbers), current
            self._show()

    @property
    def plain(self) -> str:
        """The numbers without marks: "2024 · 581"."""
        return _BETWEEN.join(number.text for number in self._numbers)

    def sizeHint(self) -> QSize:
        return QSize(0, round(self.fontMetrics().height() * 1.3))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._show()

    def _show(self) -> None:
        shown, all_fit = self._fitting()
        theme = Colors.of(QGuiApplication.palette())
        parts = [] if not shown or shown[0] == 0 else ["…"]
        for index in shown:
            number = self._numbers[index]
            faint = number.sureness is Sureness.MAYBE
            colour = theme.muted if faint else theme.text
            weight = "bold" if index == self._current else "normal"
            style = f"color: {colour.name()}; font-weight: {weight}; text-decoration: none"
            parts.append(f'<a href="{index}" style="{style}">{escape(number.text)}</a>')
        if shown and shown[-1] < len(self._numbers) - 1:
            parts.append("…")
        self.setText(_BETWEEN.join(parts))
        self.setToolTip("" if all_fit else self.plain)
        self.setAccessibleDescription(self.plain)

    def _fitting(self) -> tuple[list[int], bool]:
        """Which numbers are shown: all, or as many around the current one as there is room for."""
        if not self._numbers:
            return [], True
        bold = QFont(self.font())
        bold.setBold(True)
        metrics = QFontMetricsF(bold)
        widths = [metrics.horizontalAdvance(number.text + _BETWEEN) for number in self._numbers]
        if sum(widths) <= self.width():
            return list(range(len(widths))), True
        room = self.width() - 2 * metrics.horizontalAdvance("…" + _BETWEEN)
        first = last = min(self._current or 0, len(widths) - 1)
        used = widths[first]
        while True:
            if last + 1 < len(widths) and used + widths[last + 1] <= room:
                last += 1
                used += widths[last]
            elif first > 0 and used + widths[first - 1] <= room:
                first -= 1
                used += widths[first]
            else:
                return list(range(first, last + 1)), False


class CropStrip(QWidget):
    """What the network saw of each digit, enlarged. Arrow keys and clicks select one: it has a frame."""

    selected = Signal(int)
    """The place of a crop among those shown."""

    _LARGEST, _SMALLEST = 3.7, 2.5
    """Side of a crop in lines of text, where there is room and where there is little."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._digits: tuple[Digit, ...] = ()
        self._pixmaps: list[QPixmap] = []
        self._current: int | None = None
        self._first = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setAccessibleName("What the network saw")

    def set_digits(self, digits: Sequence[Digit], current: int | None) -> None:
        """Show the crops of these digits; current: the place of the selected one."""
        at = current or 0
        self._digits = digits = tuple(digits)
        self._pixmaps = [_pixmap(digit) for digit in digits]
        self._current = current
        fitting = self._fitting()
        if at < self._first or len(digits) <= fitting:
            self._first = 0 if len(digits) <= fitting else at
        elif at >= self._first + fitting:
            self._first = at - fitting + 1
        self.setAccessibleDescription(f"digit {at + 1} of {len(digits)}" if digits else "nothing")
        self.update()

    def sizeHint(self) -> QSize:
        side = round(self.fontMetrics().height() * self._LARGEST)
        return QSize(4 * side, side + 2)

    def minimumSizeHint(self) -> QSize:
        side = round(self.fontMetrics().height() * self._SMALLEST)
        return QSize(2 * side, side + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = Colors.of(self.palette())
        if not self._digits:
            focused = self.hasFocus()
            edge = QPen(theme.accent if focused else theme.edge, 2 if focused else 1, Qt.PenStyle.DashLine)
            painter.setPen(edge)
            painter.drawRoundedRect(self._tile(0), 4, 4)
        last = min(self._first + self._fitting(), len(self._digits))
        for index in range(self._first, last):
            tile = self._tile(index)
            inner = tile.adjusted(3, 3, -3, -3)
            pixmap = self._pixmaps[index]
            if pixmap.isNull():
                painter.setPen(theme.muted)
                painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, "?")
            else:
                # Unsmoothed: the network's pixels are what one wants to see.
                painter.drawPixmap(inner, pixmap, QRectF(pixmap.rect()))
            chosen = index == self._current
            focused = chosen and self.hasFocus()
            painter.setPen(QPen(theme.accent if chosen else theme.edge, 3 if focused else 2 if chosen else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(tile.adjusted(1, 1, -1, -1), 4, 4)
        self._paint_more(painter, theme, last)

    def _paint_more(self, painter: QPainter, theme: Colors, last: int) -> None:
        """A shadow at an end beyond which there are more."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faint(theme.text, 0.25))
        if self._first > 0:
            painter.drawRect(QRectF(0, 1, 3, self._side()))
        if last < len(self._digits):
            painter.drawRect(QRectF(self._tile(last - 1).right() + 2, 1, 3, self._side()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index is not None:
            self.selected.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        wanted = (self._current or 0) + step
        if step and 0 <= wanted < len(self._digits):
            self.selected.emit(wanted)
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index is None:
            self.setToolTip("")
            return
        digit = self._digits[index]
        said = f"{digit.digit} ({percent(digit.confidence)})" if digit.is_digit else "no digit"
        self.setToolTip(f"What the network saw here: {said}")

    def _side(self) -> int:
        return min(self.height(), self.sizeHint().height()) - 2

    def _fitting(self) -> int:
        return max((self.width() + 6) // (self._side() + 6), 1)

    def _tile(self, index: int) -> QRectF:
        side = self._side()
        return QRectF((index - self._first) * (side + 6), 1, side, side)

    def _index_at(self, at: QPointF) -> int | None:
        for index in range(self._first, min(self._first + self._fitting(), len(self._digits))):
            if self._tile(index).contains(at):
                return index
        return None


def _pixmap(digit: Digit) -> QPixmap:
    return QPixmap() if digit.crop is None else QPixmap.fromImage(to_qimage(digit.crop))


_ROOMY, _TIGHT = 1.9, 0.95
"""Height of a bar's row in lines of text, where there is room and where there is little."""


class ProbabilityBars(QWidget):
    """The probabilities of 0…9 and of “none”, always in this order; the largest stands out."""

    LABELS = (*"0123456789", "none")

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._probabilities: tuple[float, ...] = ()
        # What is short of room takes it from the bars first: all that they lose is air.
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.setAccessibleName("Probabilities")
        self._limit_height()

    def set_probabilities(self, probabilities: Sequence[float]) -> None:
        """Eleven values, or none."""
        probabilities = tuple(probabilities)
        if probabilities != self._probabilities:
            self._probabilities = probabilities
            pairs = zip(self.LABELS, probabilities, strict=False)
            self.setAccessibleDescription(", ".join(f"{label}: {percent(p)}" for label, p in pairs))
            self.update()

    def sizeHint(self) -> QSize:
        em = self.fontMetrics().height()
        return QSize(14 * em, round(len(self.LABELS) * em * _TIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(10 * self.fontMetrics().height(), self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.FontChange:
            self._limit_height()
        super().changeEvent(event)

    def _limit_height(self) -> None:
        self.setMaximumHeight(round(len(self.LABELS) * self.fontMetrics().height() * _ROOMY))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = Colors.of(self.palette())
        metrics = QFontMetricsF(self.font())
        row = min(self.height() / len(self.LABELS), metrics.height() * _ROOMY)
        label_width = metrics.horizontalAdvance("none") + 8
        figure_width = metrics.horizontalAdvance(">99%") + 8
        track = self.width() - label_width - figure_width
        best = max(range(11), key=self._probabilities.__getitem__) if self._probabilities else -1
        for index, label in enumerate(self.LABELS):
            top = index * row
            value = self._probabilities[index] if self._probabilities else 0.0
            font = QFont(self.font())
            font.setBold(index == best)
            painter.setFont(font)
            painter.setPen(theme.text if index == best or not self._probabilities else theme.muted)
            left = QRectF(0, top, label_width - 8, row)
            painter.drawText(left, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, label)
            height = min(row * 0.62, metrics.height() * 0.8)
            bar = QRectF(label_width, top + (row - height) / 2, track, height)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(faint(theme.text, 0.07))
            painter.drawRoundedRect(bar, 2, 2)
            if value >= 0.005:
                painter.setBrush(theme.accent if index == best else faint(theme.muted, 0.75))
                painter.drawRoundedRect(QRectF(bar.x(), bar.y(), max(track * value, 2.0), height), 2, 2)
            if self._probabilities:
                painter.setPen(theme.text if index == best else theme.muted)
                right = QRectF(self.width() - figure_width, top, figure_width, row)
                aligned = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
                painter.drawText(right, aligned, percent(value))
