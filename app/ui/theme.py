"""Light and dark: the platform's own where it has them, ours where it has not."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette, QPen
from PySide6.QtWidgets import QApplication

from app.services.settings import Theme
from app.ui.reading_text import Sureness
from training.ui.theme import Colors, faint, mixed

_LIGHT = {
    "window": "#f6f7f8", "base": "#ffffff", "alternate": "#fafbfc", "button": "#f6f7f8", "text": "#14171a",
    "disabled": "#8b939c", "highlight": "#1f6fb2", "highlighted": "#ffffff", "link": "#1a5f9e",
    "tooltip": "#22272d", "tooltip_text": "#f4f6f8", "placeholder": "#6a737d", "light": "#ffffff",
    "midlight": "#e9ebee", "mid": "#c5cad1", "dark": "#a3aab3", "shadow": "#767c84",
}  # fmt: skip
_DARK = {
    "window": "#1f2328", "base": "#15181c", "alternate": "#1a1e22", "button": "#2a2f36", "text": "#e8ebee",
    "disabled": "#737b84", "highlight": "#3d8bd0", "highlighted": "#ffffff", "link": "#7ab8ee",
    "tooltip": "#e8ebee", "tooltip_text": "#15181c", "placeholder": "#949ca5", "light": "#3a4149",
    "midlight": "#31373e", "mid": "#3c434b", "dark": "#101316", "shadow": "#000000",
}  # fmt: skip


@dataclass(frozen=True)
class CanvasColours:
    """paper and ink of the drawing; hint: faint words on the paper; mark: around a digit that was read."""

    paper: QColor
    ink: QColor
    hint: QColor
    mark: QColor
    edge: QColor

    @classmethod
    def of(cls, palette: QPalette) -> CanvasColours:
        """The colours that go with a palette."""
        paper, ink = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
        accent = palette.color(QPalette.ColorRole.Highlight)
        return cls(paper, ink, mixed(ink, paper, 0.5), faint(accent, 0.8), mixed(ink, paper, 0.8))


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dark or light as asked; for SYSTEM as the system is set, light if that is unknown."""
    wanted = {
        Theme.SYSTEM: Qt.ColorScheme.Unknown,
        Theme.LIGHT: Qt.ColorScheme.Light,
        Theme.DARK: Qt.ColorScheme.Dark,
    }[theme]
    hints = app.styleHints()
    hints.setColorScheme(wanted)
    # Desktops without a theme of their own (plain X11) know no schemes: the request has no effect there.
    if hints.colorScheme() == Qt.ColorScheme.Unknown:
        app.setPalette(fusion_palette(dark=theme is Theme.DARK))


def fusion_palette(*, dark: bool) -> QPalette:
    """Our own colours for Qt's Fusion style; text on every ground has a contrast of at least 4.5."""
    colours = {name: QColor(value) for name, value in (_DARK if dark else _LIGHT).items()}
    role = QPalette.ColorRole
    palette = QPalette(colours["button"], colours["window"])
    for target, name in (
        (role.Window, "window"), (role.WindowText, "text"), (role.Base, "base"),
        (role.AlternateBase, "alternate"), (role.Text, "text"), (role.Button, "button"),
        (role.ButtonText, "text"), (role.BrightText, "highlighted"),
        (role.Highlight, "highlight"), (role.HighlightedText, "highlighted"), (role.Accent, "highlight"),
        (role.Link, "link"), (role.LinkVisited, "link"), (role.ToolTipBase, "tooltip"),
        (role.ToolTipText, "tooltip_text"), (role.PlaceholderText, "placeholder"), (role.Light, "light"),
        (role.Midlight, "midlight"), (role.Mid, "mid"), (role.Dark, "dark"), (role.Shadow, "shadow"),
    ):  # fmt: skip
        palette.setColor(target, colours[name])
    for target in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, target, colours["disabled"])
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, colours["mid"])
    return palette


def round_pen(colour: QColor, width: float) -> QPen:
    """A pen with round ends and joints."""
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def scaled_font(font: QFont, factor: float) -> QFont:
    """A font `factor` times as large, whether its size was given in points or in pixels."""
    larger = QFont(font)
    if font.pointSizeF() > 0:
        larger.setPointSizeF(font.pointSizeF() * factor)
    else:
        larger.setPixelSize(max(round(font.pixelSize() * factor), 1))
    return larger


def contrast(first: QColor, second: QColor) -> float:
    """The contrast of two colours, 1–21 (WCAG 2.2, relative luminance)."""
    low, high = sorted((_luminance(first), _luminance(second)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: QColor) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF())


def sureness_colour(sureness: Sureness, colors: Colors) -> QColor:
    """The colour of an icon or of words that say how sure a number is: the same wherever it stands."""
    if sureness in (Sureness.SURE, Sureness.CORRECTED):
        return colors.good
    return colors.warning if sureness is Sureness.FAIRLY_SURE else colors.muted
