"""What the program remembers between starts: one INI file in the settings folder."""

from __future__ import annotations

from enum import Enum
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

FILE_NAME = "settings.ini"
PEN_WIDTHS = (2, 60)
"""Thinnest and widest pen, pixels of the canvas."""


class Theme(Enum):
    """The window's colours: the system's choice, or always light or dark."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Settings:
    """Typed values over one file; a value that is missing or makes no sense is its default.

    Pages keep values of their own with `text`, `number`, `flag` and `put`, named `page/what`.
    """

    def __init__(self, folder: Path) -> None:
        """folder: need not exist. Where it can't be written, values last until the program ends."""
        self._store = QSettings(str(folder / FILE_NAME), QSettings.Format.IniFormat)

    def save(self) -> None:
        """Write what has changed now; otherwise Qt does it a little later."""
        self._store.sync()

    def text(self, name: str, default: str = "") -> str:
        value = self._store.value(name)
        return value if isinstance(value, str) else default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        """A whole number in low…high."""
        try:
            value = int(self.text(name))
        except ValueError:
            return default
        return value if low <= value <= high else default

    def flag(self, name: str, default: bool) -> bool:
        return {"true": True, "false": False}.get(self.text(name), default)

    def put(self, name: str, value: str | int | bool) -> None:
        self._store.setValue(name, str(value).lower() if isinstance(value, bool) else str(value))

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the main window, as Qt writes them; empty at the first start."""
        return QByteArray.fromBase64(self.text("window/geometry").encode("ascii", "ignore"))

    @geometry.setter
    def geometry(self, value: QByteArray) -> None:
        self.put("window/geometry", bytes(value.toBase64().data()).decode())

    @property
    def page(self) -> str:
        return self.text("window/page", "draw")

    @page.setter
    def page(self, value: str) -> None:
        self.put("window/page", value)

    @property
    def theme(self) -> Theme:
        try:
            return Theme(self.text("window/theme"))
        except ValueError:
            return Theme.SYSTEM

    @theme.setter
    def theme(self, value: Theme) -> None:
        self.put("window/theme", value.value)

    @property
    def panel_width(self) -> int:
        """Of the right-hand panel, pixels; 0 for its natural width."""
        return self.number("window/panel_width", 0, 0, 10_000)

    @panel_width.setter
    def panel_width(self, value: int) -> None:
        self.put("window/panel_width", value)

    @property
    def pen_width(self) -> int:
        return self.number("draw/pen_width", 16, *PEN_WIDTHS)

    @pen_width.setter
    def pen_width(self, value: int) -> None:
        self.put("draw/pen_width", value)

    @property
    def hints(self) -> bool:
        """Whether the hint line is shown."""
        return self.flag("window/hints", True)

    @hints.setter
    def hints(self, value: bool) -> None:
        self.put("window/hints", value)

    @property
    def hints_done(self) -> frozenset[str]:
        """Names of the hints that have taught what they teach."""
        return frozenset(filter(None, self.text("window/hints_done").split(" ")))

    @hints_done.setter
    def hints_done(self, value: frozenset[str]) -> None:
        self.put("window/hints_done", " ".join(sorted(value)))

    @property
    def keeps_photos(self) -> bool:
        """Whether whole photos may be kept with what is said of them; crops of numbers are in any case."""
        return self.flag("corrections/whole_photos", False)

    @keeps_photos.setter
    def keeps_photos(self, value: bool) -> None:
        self.put("corrections/whole_photos", value)

    @property
    def model(self) -> Path | None:
        """The model file in use; None for the shipped one."""
        text = self.text("reading/model")
        return Path(text) if text else None

    @model.setter
    def model(self, value: Path | None) -> None:
        self.put("reading/model", str(value) if value else "")

    @property
    def detector(self) -> Path | None:
        """The model file that finds digits in photos; None for the shipped one."""
        text = self.text("reading/detector")
        return Path(text) if text else None

    @detector.setter
    def detector(self, value: Path | None) -> None:
        self.put("reading/detector", str(value) if value else "")

    @property
    def line(self) -> Path | None:
        """The model file that reads rows in photos; None for the shipped one."""
        text = self.text("reading/line")
        return Path(text) if text else None

    @line.setter
    def line(self, value: Path | None) -> None:
        self.put("reading/line", str(value) if value else "")

    @property
    def opened_models(self) -> list[Path]:
        """Model files opened before, the latest first."""
        return [Path(line) for line in self.text("reading/opened").split("|") if line]

    @opened_models.setter
    def opened_models(self, value: list[Path]) -> None:
        self.put("reading/opened", "|".join(str(path) for path in value))
