"""Boxes and numbers over a picture: the same on the screen and in a picture that is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.ui.reading_text import Sureness, number_text, percent
from app.ui.shown_reading import DigitRef, ShownNumber, ShownReading
from app.ui.theme import scaled_font
from core.reading.types import Box

_DASHES: dict[Sureness, list[float]] = {
    Sureness.FAIRLY_SURE: [5.0, 2.5], Sureness.UNSURE: [1.2, 2.4], Sureness.MAYBE: [1.2, 2.4],
}  # fmt: skip
# Okabe and Ito's (2008) blueish green, orange and a grey, lightened: they lie on dark and on photos.
_GREEN, _ORANGE, _GREY = QColor("#3ed6a3"), QColor("#ffb347"), QColor("#d6d6d6")
_PENDING = QColor(255, 255, 255, 170)
_HALO = QColor(0, 0, 0, 150)
_CHIP = QColor(12, 14, 17, 215)


@dataclass(frozen=True)
class OverlayMark:
    """A number to show.

    place: of the number in what is shown; None for one that was seen and is not yet steady: it gets no words.
    digit: the place in it of the selected digit; None where the number is not selected.
    """

    shown: ShownNumber
    place: int | None = None
    digit: int | None = None

    @property
    def is_pending(self) -> bool:
        return self.place is None

    @property
    def is_selected(self) -> bool:
        return self.digit is not None

    @property
    def box(self) -> Box:
        return self.shown.read.box


def marks_of(shown: ShownReading, selected: DigitRef | None = None) -> list[OverlayMark]:
    """A mark for each number of a reading whose place is known."""
    chosen = selected.number if selected is not None else None
    return [
        OverlayMark(number, place, selected.place if selected is not None and place == chosen else None)
        for place, number in enumerate(shown.numbers)
        if number.has_place
    ]


def mark_colour(sureness: Sureness) -> QColor:
    """The same three as `app.ui.theme.sureness_colour` gives, light enough to lie on photos."""
    if sureness in (Sureness.SURE, Sureness.CORRECTED):
        return _GREEN
    return _ORANGE if sureness is Sureness.FAIRLY_SURE else _GREY


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
    for mark in sorted(marks, key=lambda m: (m.is_selected, not m.is_pending)):
        _paint_mark(painter, mark, place, font, area, unit)
    painter.restore()


def _paint_mark(
    painter: QPainter, mark: OverlayMark, place: Callable[[Box], Box], font: QFont, area: QRectF, unit: float
) -> None:
    margin = 3 * unit
    rect = _rect(place(mark.box)).adjusted(-margin, -margin, margin, margin)
    sureness = number_text(mark.shown).sureness
    colour = _PENDING if mark.is_pending else _GREY if mark.shown.is_false else mark_colour(sureness)
    width = (1.2 if mark.is_pending else 3.0 if mark.is_selected else 2.0) * unit
    if mark.is_selected:
        for i, digit in enumerate(() if mark.shown.is_added else mark.shown.read.digits):
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
    if mark.is_pending:
        line_pen.setDashPattern([3.0, 3.0])
    elif mark.shown.is_false:
        line_pen.setDashPattern(_DASHES[Sureness.MAYBE])
    elif sureness in _DASHES:
        line_pen.setDashPattern(_DASHES[sureness])
    painter.setPen(line_pen)
    painter.drawRoundedRect(rect, 4 * unit, 4 * unit)
    if not mark.is_pending:
        _paint_chip(painter, mark, rect, colour, font, area, unit)


def _paint_chip(
    painter: QPainter, mark: OverlayMark, rect: QRectF, colour: QColor, font: QFont, area: QRectF, unit: float
) -> None:
    """The number and how sure it is, above the box or, where there is no room, below or inside it."""
    bold = scaled_font(font, 1.2)
    bold.setBold(True)
    said = number_text(mark.shown)
    number, note = said.text or "–", percent(mark.shown.confidence)
    if said.sureness in (Sureness.CORRECTED, Sureness.MAYBE):
        note = said.detail if said.sureness is Sureness.CORRECTED else f"maybe {note}"
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
    painter.setPen(_GREY if said.sureness is Sureness.MAYBE else QColor("white"))
    painter.drawText(QPointF(chip.left() + pad, base), number)
    painter.setFont(font)
    painter.setPen(colour)
    painter.drawText(QPointF(chip.left() + 2 * pad + big.horizontalAdvance(number), base), note)


def _rect(box: Box) -> QRectF:
    return QRectF(box.x, box.y, box.w, box.h)
