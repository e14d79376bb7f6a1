import pytest
from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette
from PySide6.QtWidgets import QApplication

from app.services.settings import Theme
from app.ui.icons import APP_ICON, draw_icon, icon
from app.ui.theme import CanvasColours, apply_theme, contrast, fusion_palette
from assets import ICONS
from training.ui.theme import Colors as Style

ROLE = QPalette.ColorRole


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_on_every_ground(dark: bool) -> None:
    palette = fusion_palette(dark=dark)
    for text, ground in (
        (ROLE.WindowText, ROLE.Window), (ROLE.Text, ROLE.Base), (ROLE.Text, ROLE.AlternateBase),
        (ROLE.ButtonText, ROLE.Button), (ROLE.ToolTipText, ROLE.ToolTipBase), (ROLE.Link, ROLE.Window),
        (ROLE.PlaceholderText, ROLE.Base),
    ):  # fmt: skip
        assert contrast(palette.color(text), palette.color(ground)) >= 4.5, (text, ground)
    # Words in a selection are large or bold in the interface: 3 is what they need.
    assert contrast(palette.color(ROLE.HighlightedText), palette.color(ROLE.Highlight)) >= 3


@pytest.mark.parametrize("dark", [False, True])
def test_colours_made_of_the_palette_stand_out_too(dark: bool) -> None:
    palette = fusion_palette(dark=dark)
    style, canvas = Style.of(palette), CanvasColours.of(palette)
    window = palette.color(ROLE.Window)
    for colour in (style.muted, style.good, style.warning, style.bad):
        assert contrast(colour, window) >= 4.5
    assert contrast(style.accent, window) >= 3
    assert contrast(canvas.ink, canvas.paper) >= 12
    assert contrast(canvas.hint, canvas.paper) >= 3


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast(QColor("white"), QColor("black")) == pytest.approx(21)
    assert contrast(QColor("black"), QColor("black")) == 1


def test_the_switch_goes_dark_and_back(qapp: QApplication) -> None:
    before = QPalette(qapp.palette())
    try:
        apply_theme(qapp, Theme.DARK)
        assert qapp.palette().color(ROLE.Window).lightness() < 100
        apply_theme(qapp, Theme.LIGHT)
        assert qapp.palette().color(ROLE.Window).lightness() > 150
        apply_theme(qapp, Theme.SYSTEM)
        assert qapp.palette().color(ROLE.Window).lightness() > 150
    finally:
        qapp.setPalette(before)


def opaque(image: QImage) -> list[QColor]:
    """The colours of the pixels that cover what is behind them."""
    colours = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return [colour for colour in colours if colour.alpha() > 250]


@pytest.mark.parametrize("name", sorted(p.stem for p in ICONS.glob("*.svg")))
def test_every_icon_draws_something(qapp: QApplication, name: str) -> None:
    image = QImage(24, 24, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    draw_icon(painter, name, QRectF(0, 0, 24, 24), QColor("#102030"))
    painter.end()
    drawn = {colour.name() for colour in opaque(image)}
    assert drawn
    if name != APP_ICON:
        assert "#102030" in drawn


def test_icons_follow_the_palette(qapp: QApplication) -> None:
    before = QPalette(qapp.palette())
    made = icon("undo")
    try:
        colours = []
        for dark in (False, True):
            qapp.setPalette(fusion_palette(dark=dark))
            colours.append(opaque(made.pixmap(QSize(48, 48)).toImage())[0].lightness())
        assert colours[0] < 100 < colours[1]
        disabled = made.pixmap(QSize(48, 48), QIcon.Mode.Disabled)
        assert not disabled.isNull()
    finally:
        qapp.setPalette(before)
