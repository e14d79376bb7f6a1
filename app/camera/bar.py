"""The camera page's part of the bottom bar: which source, how large, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from app.camera.actions import MORE, CameraAction
from app.camera.source.sources import RESOLUTIONS, CameraDevice, Source
from app.ui.actions import MenuButton, PageActions, tool_button
from app.ui.icons import icon


class CameraBar(QWidget):
    """Buttons with menus for source and resolution, then a button an action, then all the rest."""

    source_chosen = Signal(object)
    """A camera was picked: `CameraDevice`."""
    resolution_chosen = Signal(object)
    """(width, height), or None for the camera's own choice."""

    def __init__(self, actions: PageActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._source_menu = QMenu(self)
        self._source = self._menu_button(self._source_menu, "camera", "Source")
        self._resolution_menu = QMenu(self)
        self._resolution = self._menu_button(self._resolution_menu, "", "Resolution")
        more_menu = QMenu(self)
        for action in MORE:
            if action is None:
                more_menu.addSeparator()
            else:
                more_menu.addAction(actions[action])
        more = self._menu_button(more_menu, "more", "More")
        more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        more.setToolTip("More: save, zoom, turn, exposure, sound")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._source)
        row.addWidget(self._resolution)
        row.addSpacing(6)
        for wanted in (CameraAction.FREEZE, CameraAction.MIRROR, CameraAction.GUIDE):
            row.addWidget(tool_button(actions[wanted]))
        row.addWidget(more)
        row.addStretch(1)
        self.set_sources([], None)
        self.set_resolution(None, None, enabled=False)

    def set_sources(self, cameras: Sequence[CameraDevice], current: Source | None) -> None:
        """Offer these cameras; show which source is on."""
        self._source_menu.clear()
        group = QActionGroup(self._source_menu)
        for camera in cameras:
            action = QAction(icon("camera"), camera.name, group, checkable=True)
            action.setChecked(isinstance(current, CameraDevice) and camera.is_same(current))
            action.triggered.connect(lambda _=False, c=camera: self.source_chosen.emit(c))
            self._source_menu.addAction(action)
        if not cameras:
            none = self._source_menu.addAction(icon("nocamera"), "No camera found")
            none.setEnabled(False)
        self._source_menu.addSeparator()
        for wanted in (CameraAction.STREAM, CameraAction.VIDEO, CameraAction.SAMPLE):
            self._source_menu.addAction(self._actions[wanted])
        self._source_menu.addSeparator()
        self._source_menu.addAction(self._actions[CameraAction.LOOK_AGAIN])
        name = current.name if current is not None else "Choose a source"
        metrics = self.fontMetrics()
        self._source.set_words(metrics.elidedText(name, Qt.TextElideMode.ElideMiddle, metrics.height() * 11))
        self._source.setToolTip(f"Source: {name}")
        shown = "camera" if current is None or isinstance(current, CameraDevice) else "film"
        self._source.setIcon(icon(shown))

    def set_resolution(
        self, size: tuple[int, int] | None, wanted: tuple[int, int] | None, *, enabled: bool
    ) -> None:
        """Show the size of the pictures and which one was asked for; only cameras have a choice."""
        self._resolution_menu.clear()
        group = QActionGroup(self._resolution_menu)
        for choice in (None, *RESOLUTIONS):
            text = "Camera's own choice" if choice is None else f"{choice[0]} × {choice[1]}"
            action = QAction(text, group, checkable=True, checked=choice == wanted)
            action.triggered.connect(lambda _=False, c=choice: self.resolution_chosen.emit(c))
            self._resolution_menu.addAction(action)
        self._resolution.set_words(f"{size[0]} × {size[1]}" if size else "—")
        self._resolution.setEnabled(enabled)
        tip = "Resolution" if enabled else "The size of the image; only cameras can be asked for another"
        self._resolution.setToolTip(tip)

    @property
    def source_text(self) -> str:
        return self._source.words

    @property
    def resolution_text(self) -> str:
        return self._resolution.words

    def _menu_button(self, menu: QMenu, icon_name: str, name: str) -> MenuButton:
        button = MenuButton(menu)
        button.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if icon_name
            else Qt.ToolButtonStyle.ToolButtonTextOnly
        )
        if icon_name:
            button.setIcon(icon(icon_name))
        button.setAccessibleName(name)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        return button
