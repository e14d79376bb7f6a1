"""Boxes and numbers over a picture: the same on the screen and in a picture that is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.ui.reading_text import percent
from app.ui.theme import scaled_font
from core.reading.types import Box, Number, Reading, confidence_word

_DASHES: dict[str, list[float]] = {"sure": [], "fairly sure": [5.0, 2.5], "unsure": [1.2, 2.4]}
# Okabe and Ito's (2008) blueish green, orange and a grey, lightened: they lie on dark and on photos.
_COLOURS = {"sure": QColor("#3ed6a3"), "fairly sure": QColor("#ffb347"), "unsure": QColor("#d6d6d6")}
_PENDING = QColor(255, 255, 255, 170)
_HALO = QColor(0, 0, 0, 150)
_CHIP = QColor(12, 14, 17, 215)


@dataclass(frozen=True)
class OverlayMark:
    """A number to show.

    pending: seen, but not yet steady: no words. digit: the place of the selected one, -1 for none. note:
    words in place of the confidence ("corrected"). text: in place of the number that was read.
    """

    number: Number
    pending: bool = False
    selected: bool = False
    digit: int = -1
    note: str = ""
    text: str = ""


def marks_of(reading: Reading, selected: int = -1) -> list[OverlayMark]:
    """A mark for each number of a reading. selected: a digit, counted as `all_digits` does; -1 for none."""
    marks, start = [], 0
    for number in reading.numbers:
        place = selected - start
        inside = 0 <= place < len(number.digits)
        marks.append(OverlayMark(number, selected=inside, digit=place if inside else -1))
        start += len(number.digits)
    return marks


def paint_marks(
    painter: QPainter, marks: Sequence[OverlayMark], place: Callable[[Box], Box], *, font: QFont, area: QRectF
) -> None:
    """Draw marks. place: from the image's pixels to the painter's. area: what words must stay inside of.

    The selected mark is drawn last, so that it lies on top. How sure a number is shows in the line's dashes
    and as a figure, not by colour alone.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    unit = QFontMetricsF(font).height() / 16
    for mark in sorted(marks, key=lambda m: (m.selected, not m.pending)):
        _paint_mark(painter, mark, place, font, area, unit)
    painter.restore()


def _paint_mark(
    painter: QPainter, mark: OverlayMark, place: Callable[[Box], Box], font: QFont, area: QRectF, unit: float
) -> None:
    margin = 3 * unit
    rect = _rect(place(mark.number.box)).adjusted(-margin, -margin, margin, margin)
    word = confidence_word(mark.number.confidence)
    colour = _PENDING if mark.pending else _COLOURS[word]
    width = (1.2 if mark.pending else 3.0 if mark.selected else 2.0) * unit
    if mark.selected and not mark.pending:
        for i, digit in enumerate(mark.number.digits):
            chosen = i == mark.digit
            line = QColor(colour)
            line.setAlpha(255 if chosen else 120)
            painter.setPen(QPen(line, (2.0 if chosen else 1.0) * unit))
            painter.setBrush(QColor(255, 255, 255, 40) if chosen else Qt.BrushStyle.NoBrush)
            painter.drawRect(_rect(place(digit.box)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(_HALO, width + 2 * unit))
    painter.drawRoundedRect(rect, 4 * unit, 4 * unit)
    line_pen = QPen(colour, width)
    if mark.pending:
        line_pen.setDashPattern([3.0, 3.0])
    elif _DASHES[word]:
        line_pen.setDashPattern(_DASHES[word])
    painter.setPen(line_pen)
    painter.drawRoundedRect(rect, 4 * unit, 4 * unit)
    if not mark.pending:
        _paint_chip(painter, mark, rect, colour, font, area, unit)


def _paint_chip(
    painter: QPainter, mark: OverlayMark, rect: QRectF, colour: QColor, font: QFont, area: QRectF, unit: float
) -> None:
    """The number and how sure it is, above the box or, where there is no room, below or inside it."""
    bold = scaled_font(font, 1.2)
    bold.setBold(True)
    number, note = mark.text or mark.number.text, mark.note or percent(mark.number.confidence)
    big, small = QFontMetricsF(bold), QFontMetricsF(font)
    pad = 5 * unit
    width = big.horizontalAdvance(number) + small.horizontalAdvance(note) + 3 * pad
    height = big.height() + 2 * unit
    top = rect.top() - height - 3 * unit
    if top < area.top():
        top = rect.bottom() + 3 * unit
    if top + height > area.bottom():
        top = max(area.top(), min(rect.top(), area.bottom() - height))
    left = max(area.left(), min(rect.left(), area.right() - width))
    chip = QRectF(left, top, width, height)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_CHIP)
    painter.drawRoundedRect(chip, 4 * unit, 4 * unit)
    base = chip.top() + unit + big.ascent()
    painter.setFont(bold)
    painter.setPen(QColor("white"))
    painter.drawText(QPointF(chip.left() + pad, base), number)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(QPointF(chip.left() + 2 * pad + big.horizontalAdvance(number), base), note)


def _rect(box: Box) -> QRectF:
    return QRectF(box.x, box.y, box.w, box.h)
