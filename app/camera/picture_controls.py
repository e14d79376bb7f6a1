"""How the picture comes and is shown: turned, mirrored, zoomed, with a guide, brighter or darker."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject

from app.camera.actions import EXPOSURE, CameraAction
from app.camera.frame_view import FrameView
from app.camera.region import ReadingRegion
from app.camera.session import CameraSession
from app.camera.settings import CameraMemory
from app.camera.source.capture import Turn
from app.camera.source.controls import Offered
from app.ui.actions import PageAction, PageActions


class PictureControls(QObject):
    """Does what the actions for the picture say, and remembers what lasts."""

    def __init__(
        self,
        session: CameraSession,
        view: FrameView,
        memory: CameraMemory,
        actions: PageActions,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._session, self._view, self._memory, self._actions = session, view, memory, actions
        self._turn = Turn()
        self._guide = memory.guide
        view.guide_changed.connect(self._on_guide_moved)
        actions.wanted.connect(self._on_action)

    def restore(self) -> None:
        """What was set at the last start."""
        a = self._actions
        a[CameraAction.MIRROR].setChecked(self._memory.flag("mirror"))
        a[CameraAction.SOUND].setChecked(self._memory.flag("sound"))
        a[CameraAction.GUIDE].setChecked(self._memory.flag("guide_on"))
        a[CameraAction.LOOP].setChecked(True)

    def show_offered(self, offered: Offered) -> None:
        """Offer what the camera's driver lets be set."""
        pairs = (*((action, offered.exposure) for action in EXPOSURE), (CameraAction.TORCH, offered.torch))
        for action, on in pairs:
            self._actions[action].setVisible(on)
            self._actions[action].setEnabled(on)

    def _on_action(self, action: PageAction, checked: bool) -> None:
        session = self._session
        match action:
            case CameraAction.MIRROR:
                self._view.set_mirrored(checked)
                self._memory.put_flag("mirror", checked)
            case CameraAction.GUIDE:
                self._on_guide(checked)
            case CameraAction.ZOOM_IN:
                self._view.zoom_in()
            case CameraAction.ZOOM_OUT:
                self._view.zoom_out()
            case CameraAction.FIT:
                self._view.fit()
            case CameraAction.TURN:
                self._set_turn(replace(self._turn, quarters=(self._turn.quarters + 1) % 4))
            case CameraAction.FLIP:
                self._set_turn(replace(self._turn, flipped=checked))
            case CameraAction.DARKER | CameraAction.BRIGHTER:
                step = 1 if action is CameraAction.BRIGHTER else -1
                session.control(lambda c: c.step_exposure(step))
            case CameraAction.AUTOMATIC:
                session.control(lambda c: c.automatic_exposure())
            case CameraAction.TORCH:
                session.control(lambda c: c.switch_torch(checked))
            case CameraAction.SOUND:
                self._memory.put_flag("sound", checked)
            case CameraAction.LOOP:
                session.set_loop(checked)

    def _on_guide(self, on: bool) -> None:
        guide = self._guide if on else None
        self._view.set_guide(guide)
        self._session.set_guide(guide)
        self._memory.put_flag("guide_on", on)

    def _on_guide_moved(self, guide: ReadingRegion) -> None:
        self._guide = guide
        self._session.set_guide(guide)
        self._memory.guide = guide

    def _set_turn(self, turn: Turn) -> None:
        self._turn = turn
        self._session.set_turn(turn)
