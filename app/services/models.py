"""The models that read: opened once, in a thread of their own, for all pages; one signal reports every change."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from app.services.model_files import SHIPPED, SHIPPED_DETECTOR, SHIPPED_LINE
from app.services.settings import Settings
from core.base.errors import FailureError, InputError, ModelError
from core.reading.types import Reading
from training.runs.model_cards import Kind, kind_of

if TYPE_CHECKING:
    from core.reading.strokes import Stroke

Image = NDArray[np.uint8]
ReadPhoto = Callable[[Image], Reading]

_SHIPPED: dict[Kind, Path] = {Kind.CLASSIFIER: SHIPPED, Kind.DETECTOR: SHIPPED_DETECTOR}
if SHIPPED_LINE.is_file():
    _SHIPPED[Kind.LINE] = SHIPPED_LINE
_INSTEAD = {
    Kind.CLASSIFIER: "The shipped model reads instead.",
    Kind.DETECTOR: "The shipped model finds digits in photos instead.",
    Kind.LINE: "The shipped model reads rows in photos instead.",
}
_NO_MODEL = "There is no model to read with: choose one in the model menu."


class PictureReader(Protocol):
    """Reads the numbers in a picture, from any thread; `core.reading.photo_reader.PhotoReader` is the real one."""

    def read(self, image: Image, *, any_direction: bool = False) -> Reading:
        """image: uint8, (H, W) or (H, W, 3) RGB. any_direction: it may stand on its side or head."""


class StrokesReader(Protocol):
    """Reads what is drawn; `core.reading.drawing_reader.DrawingReader` is the real one."""

    def read(self, strokes: Sequence[Stroke]) -> Reading: ...

    def read_image(self, image: Image) -> Reading: ...


class ModelLoader(Protocol):
    """Opens model files and makes readers of them; called in the service's thread."""

    def open(self, kind: Kind, path: Path) -> Any:
        """A network, which has `info`. Raises ModelError, naming the file and the reason."""

    def drawing_reader(self, classifier: Any, read_photo: ReadPhoto) -> StrokesReader: ...

    def photo_reader(self, networks: Mapping[Kind, Any]) -> PictureReader: ...


class OnnxLoader:
    """The real loader. What it imports brings ONNX Runtime and OpenCV along: not for the GUI thread."""

    def open(self, kind: Kind, path: Path) -> Any:
        if kind is Kind.DETECTOR:
            from core.reading.detector import Detector

            return Detector.load(path)
        if kind is Kind.LINE:
            from core.reading.line_reader import LineReader

            return LineReader.load(path)
        from core.reading.classifier import Classifier

        return Classifier.load(path)

    def drawing_reader(self, classifier: Any, read_photo: ReadPhoto) -> StrokesReader:
        from core.reading.drawing_reader import DrawingReader

        return DrawingReader(classifier, read_photo)

    def photo_reader(self, networks: Mapping[Kind, Any]) -> PictureReader:
        from core.reading.photo_reader import PhotoReader

        return PhotoReader(networks[Kind.DETECTOR], networks[Kind.CLASSIFIER], line=networks.get(Kind.LINE))


@dataclass(frozen=True)
class ModelInUse:
    """A model file that reads now.

    path: of the file.
    info: what the file says about itself; None for one that is opened only when it is needed.
    version: counts up with every model that is put to use, so that a file written anew is another one.
    """

    path: Path
    info: Any = None
    version: int = 0


@dataclass(frozen=True)
class ModelProblem:
    """A model file that can't be used; the one before it reads on.

    sentence: what is wrong, for people.
    details: for a report; "" where the sentence says it all.
    """

    path: Path
    kind: Kind
    sentence: str
    details: str = ""


@dataclass(frozen=True)
class ModelState:
    """What reads now.

    in_use: by kind; without a classifier nothing is read.
    is_loading: another model is being opened.
    problem: what has just gone wrong; None again with the next change.
    """

    in_use: Mapping[Kind, ModelInUse]
    is_loading: bool = False
    problem: ModelProblem | None = None

    @property
    def classifier(self) -> ModelInUse | None:
        return self.in_use.get(Kind.CLASSIFIER)

    @property
    def detector(self) -> ModelInUse | None:
        return self.in_use.get(Kind.DETECTOR)


@dataclass(frozen=True)
class _Request:
    """kind: None where the file says it. remembered: from the last start; the shipped one stands in for it."""

    path: Path
    kind: Kind | None = None
    remembered: bool = False


@dataclass(frozen=True)
class _Opened:
    kind: Kind
    path: Path
    network: Any = None
    problem: ModelProblem | None = None


class ModelService(QObject):
    """Owns the models. The GUI thread never waits for it; threads that read wait until there is a model.

    The classifier is opened by `start`; the detector when the first photo is read, unless it is not the shipped
    one: then at once, so that a file that can't be used is reported.
    """

    changed = Signal(object)
    """`ModelState`: another model reads, is being opened, or can't be used."""

    _opened = Signal(object)

    def __init__(
        self,
        settings: Settings,
        *,
        shipped: Mapping[Kind, Path] | None = None,
        loader: ModelLoader | None = None,
        parent: QObject | None = None,
    ) -> None:
        """settings: remembers what was chosen. shipped: the files to begin with; tests give their own."""
        super().__init__(parent)
        self._settings = settings
        self._shipped = {**_SHIPPED, **(shipped or {})}
        self._loader = loader or OnnxLoader()
        self._waiting = 0
        self._versions = 0
        in_use: dict[Kind, ModelInUse] = {}
        for kind, path in self._shipped.items():
            if kind is not Kind.CLASSIFIER:
                in_use[kind] = ModelInUse(path)
        self._state = ModelState(in_use)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="models")
        # What follows is shared between threads. It is never locked for longer than it takes to look it up.
        self._wake = threading.Condition()
        self._networks: dict[Kind, Any] = {}
        self._failed: dict[Kind, str] = {}
        self._wanted: set[Kind] = set()
        self._drawing_reader: StrokesReader | None = None
        self._photo_reader: PictureReader | None = None
        self._has_ended = False
        self._opened.connect(self._on_opened)

    @property
    def state(self) -> ModelState:
        """What reads now; for the GUI thread."""
        return self._state

    def shipped(self, kind: Kind) -> Path:
        """The file of this kind that comes with the program."""
        return self._shipped[kind]

    def start(self) -> None:
        """Open the classifier that was chosen last, and what else is not the shipped one."""
        remembered = {
            Kind.CLASSIFIER: self._settings.model,
            Kind.DETECTOR: self._settings.detector,
            Kind.LINE: self._settings.line,
        }
        for kind, path in remembered.items():
            if path is not None:
                self._submit(_Request(path, kind, remembered=True))
            elif kind is Kind.CLASSIFIER:
                self._submit(_Request(self._shipped[kind], kind))

    def use(self, path: Path | None) -> None:
        """Read with this file from now on (None: the shipped classifier); its kind says what it takes the place of.

        It is opened even if its name is the same as before: it may have been written anew. If it can't be used,
        the one before it reads on.
        """
        request = (
            _Request(path) if path is not None else _Request(self._shipped[Kind.CLASSIFIER], Kind.CLASSIFIER)
        )
        self._submit(request)

    def shut_down(self) -> None:
        """End the thread; whoever waits for a model gets none."""
        with self._wake:
            self._has_ended = True
            self._wake.notify_all()
        self._thread.shutdown(wait=True, cancel_futures=True)

    # --- for the threads that read -----------------------------------------------------------------------

    def drawing_reader(self) -> StrokesReader | None:
        """What reads drawings; waits while the first model is being opened. None where there is no model."""
        try:
            self._network(Kind.CLASSIFIER)
        except ModelError:
            return None
        return self._drawing_reader

    def classifier(self) -> Any:
        """The network that says which digit a crop shows (`core.reading.classifier.Classifier`); waits as
        `drawing_reader` does. Raises ModelError if there is no model.
        """
        return self._network(Kind.CLASSIFIER)

    def read(self, image: Image, *, any_direction: bool = False) -> Reading:
        """Read a picture, uint8 (H, W) or (H, W, 3) RGB; waits for models as `drawing_reader` does.

        any_direction: look whether it stands on its side or head.

        Raises:
            ModelError: there is no model, or it can't be used. What the reader raises.
        """
        networks = {kind: self._network(kind) for kind in {*self._shipped, *self._networks}}
        with self._wake:
            reader = self._photo_reader
        if reader is None:
            reader = self._loader.photo_reader(networks)
            with self._wake:
                if networks == self._networks:
                    self._photo_reader = reader
        return reader.read(image, any_direction=any_direction)

    def _network(self, kind: Kind) -> Any:
        """An open model; it is opened now where that has not begun. Raises ModelError."""
        with self._wake:
            if kind not in self._wanted and not self._has_ended:
                self._wanted.add(kind)
                self._thread.submit(self._open, _Request(self._shipped[kind], kind))
            self._wake.wait_for(lambda: kind in self._networks or kind in self._failed or self._has_ended)
            if kind in self._networks:
                return self._networks[kind]
            raise ModelError(self._failed.get(kind, _NO_MODEL))

    # --- opening -----------------------------------------------------------------------------------------

    def _submit(self, request: _Request) -> None:
        if request.kind is not None:
            with self._wake:
                self._wanted.add(request.kind)
        self._waiting += 1
        self._set_state(replace(self._state, is_loading=True, problem=None))
        self._thread.submit(self._open, request, announced=True)

    def _open(self, request: _Request, *, announced: bool = False) -> None:
        """In the service's thread. announced: `changed` follows."""
        kind = request.kind or kind_of(request.path)
        opened = self._try(kind, request.path)
        stand_in = self._shipped.get(kind, request.path)
        if opened.network is None and request.remembered and request.path != stand_in:
            problem = opened.problem
            opened = self._try(kind, stand_in)
            if opened.network is not None and problem is not None:
                sentence = f"{problem.sentence} {_INSTEAD[kind]}"
                opened = replace(opened, problem=replace(problem, sentence=sentence))
        with self._wake:
            if opened.network is not None:
                self._networks[kind] = opened.network
                self._failed.pop(kind, None)
                self._photo_reader = None
            elif opened.problem is not None:
                self._failed[kind] = opened.problem.sentence
            self._wake.notify_all()
        if announced:
            self._opened.emit(opened)

    def _try(self, kind: Kind, path: Path) -> _Opened:
        try:
            network = self._loader.open(kind, path)
            if kind is Kind.CLASSIFIER:
                self._drawing_reader = self._loader.drawing_reader(network, self.read)
        except (InputError, FailureError) as error:
            return _Opened(kind, path, problem=ModelProblem(path, kind, str(error)))
        except Exception as error:  # noqa: BLE001  (an odd file may break the runtime in any way)
            details = "".join(traceback.format_exception(error))
            sentence = f"{path} can't be used as a model."
            return _Opened(kind, path, problem=ModelProblem(path, kind, sentence, details))
        return _Opened(kind, path, network)

    def _on_opened(self, opened: _Opened) -> None:
        self._waiting -= 1
        in_use = dict(self._state.in_use)
        if opened.network is not None:
            self._versions += 1
            in_use[opened.kind] = ModelInUse(opened.path, opened.network.info, self._versions)
            self._remember(opened.kind, opened.path)
        self._set_state(ModelState(in_use, self._waiting > 0, opened.problem))

    def _remember(self, kind: Kind, path: Path) -> None:
        chosen = None if path == self._shipped.get(kind) else path
        if kind is Kind.CLASSIFIER:
            self._settings.model = chosen
        elif kind is Kind.DETECTOR:
            self._settings.detector = chosen
        else:
            self._settings.line = chosen

    def _set_state(self, state: ModelState) -> None:
        self._state = state
        self.changed.emit(state)
