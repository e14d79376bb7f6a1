"""Colours and lines of the training window, taken from the palette: dark and light both follow the platform.

The curve colours are Okabe and Ito's (2008, “Color Universal Design”), which colour-blind people can tell
apart; every curve differs in its dashes too, so that colour never stands alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPalette, QPen
from PySide6.QtWidgets import QScrollArea, QWidget

_ON_LIGHT = ("#0072b2", "#d55e00", "#00805f", "#a3467c", "#7a6000", "#1f78c8", "#5b5b5b", "#8a3b12")
_ON_DARK = ("#56b4e9", "#f0a030", "#2fc08f", "#e59cc4", "#e8dc5a", "#8ab8ff", "#c0c0c0", "#f08a5d")

DASHES: tuple[tuple[float, ...], ...] = (
    (),
    (6, 3),
    (1.5, 2.5),
    (8, 3, 2, 3),
    (3, 2),
    (10, 4),
    (8, 3, 2, 3, 2, 3),
    (2, 5),
)


@dataclass(frozen=True)
class Colors:
    """The colours in use. lines: of curves, in order. good, warning, bad: of states, readable as text."""

    dark: bool
    ground: QColor
    text: QColor
    muted: QColor
    edge: QColor
    accent: QColor
    good: QColor
    warning: QColor
    bad: QColor
    lines: tuple[QColor, ...]

    @classmethod
    def of(cls, palette: QPalette) -> Colors:
        """The theme that goes with a palette."""
        ground, text = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
        dark = ground.lightness() < text.lightness()
        return cls(
            dark=dark,
            ground=ground,
            text=text,
            muted=mixed(text, ground, 0.38),
            edge=mixed(text, ground, 0.8),
            accent=palette.color(QPalette.ColorRole.Highlight),
            good=QColor("#4cc38a" if dark else "#17784a"),
            warning=QColor("#f0b040" if dark else "#8f5f00"),
            bad=QColor("#ff8f7f" if dark else "#b42318"),
            lines=tuple(QColor(name) for name in (_ON_DARK if dark else _ON_LIGHT)),
        )

    def line(self, index: int) -> QColor:
        return self.lines[index % len(self.lines)]


class ThemeWatch(QObject):
    """Calls `apply` at once, and again whenever the colours or the letters of a widget change."""

    def __init__(self, widget: QWidget, apply: Callable[[], None]) -> None:
        super().__init__(widget)
        self._apply = apply
        widget.installEventFilter(self)
        apply()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.FontChange):
            self._apply()
        return False


def mixed(first: QColor, second: QColor, share: float) -> QColor:
    """`share` of the second colour in the first, opaque."""
    return QColor.fromRgbF(
        first.redF() + (second.redF() - first.redF()) * share,
        first.greenF() + (second.greenF() - first.greenF()) * share,
        first.blueF() + (second.blueF() - first.blueF()) * share,
    )


def faint(colour: QColor, alpha: float) -> QColor:
    """The colour with `alpha` of its opacity."""
    result = QColor(colour)
    result.setAlphaF(alpha)
    return result


def pen(colour: QColor, *, width: float = 2.0, dashes: tuple[float, ...] = ()) -> QPen:
    """A pen whose width stays the same however a plot is zoomed."""
    result = QPen(colour, width)
    result.setCosmetic(True)
    # Measured: lines of hundreds of points take half as long to paint with this as with round joins.
    result.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    result.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashes:
        result.setDashPattern(list(dashes))
    return result


def show_through(area: QScrollArea) -> None:
    """Let a scroll area have the ground of what it lies on, as other pages of a tab have."""
    area.viewport().setAutoFillBackground(False)
    page = area.widget()
    if page is not None:
        page.setAutoFillBackground(False)


def small_text(theme: Colors, colour: QColor | None = None) -> str:
    """A style sheet for a quiet line of text."""
    return f"color: {(colour or theme.muted).name()};"
