"""The README's pictures, taken from the program itself.

    python -m app.devtools.screenshots --out assets/screenshots --run RUN --learned HOME

The real windows, without a screen and in a home of their own, in light and dark: a number is drawn with mouse
events, the sample photos and the sample video are read by the shipped models, and the training window shows
the run, or what a home (`--learned HOME`) learned from corrections. Without these their pictures are left as they are.
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.base.errors import FailureError, InputError
from core.base.paths import APP_NAME, Places

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget

    from app.window.main_window import MainWindow
    from core.collection.learnings import LearningLog

DRAW_SIZE, PICTURE_SIZE, COLLECTION_SIZE = (1120, 720), (1180, 820), (1120, 640)
LEARNED_SIZE = (980, 460)
_DIGITS, _WRONG = 60, (7, 19, 31)
"""How many digits the picture of what was collected has, and which of them have a wrong label."""
PATIENCE = 120.0
"""Seconds after which what should be in a picture will not come."""

Points = list[tuple[float, float]]


def _arc(x: float, y: float, rx: float, ry: float, start: float, stop: float) -> Points:
    """Degrees, clockwise from the right."""
    turns = [math.radians(start + (stop - start) * k / 40) for k in range(41)]
    return [(x + rx * math.cos(t), y + ry * math.sin(t)) for t in turns]


def handwriting() -> list[Points]:
    """The strokes of “1824”, 100 high and 250 wide, its corner at (0, 0)."""
    return [
        [(0, 20), (14, 9), (26, 0), (25, 50), (22, 100)],
        [(75 + 19 * math.sin(2 * t / 20), 49 - 47 * math.cos(t / 20)) for t in range(6, 133)],
        [*_arc(132, 28, 20, 26, 190, 375), (142, 56), (120, 95), (160, 93)],
        [(204, 4), (186, 58), (234, 55)],
        [(218, 22), (214, 100)],
    ]


class Photographer:
    """Waits, draws and takes pictures of windows that need no screen."""

    def __init__(self, application: QApplication, folder: Path) -> None:
        self._application, self._folder = application, folder
        self.taken: list[Path] = []

    def wait(self, condition: Callable[[], Any], what: str) -> None:
        """Until it is so. what: for people. Raises FailureError."""
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise FailureError(f"{what} did not come within {PATIENCE:.0f} s.")
            self._application.processEvents()
            time.sleep(0.005)

    def settle(self, seconds: float = 0.4) -> None:
        """Let everything that was asked for be painted."""
        until = time.monotonic() + seconds
        self.wait(lambda: time.monotonic() > until, "The end of a short wait")

    def draw(self, canvas: QWidget, strokes: Sequence[Points]) -> None:
        """Draw with the mouse, in the middle of the canvas and as large as looks well."""
        from PySide6.QtCore import QEvent, QPointF, Qt
        from PySide6.QtGui import QMouseEvent

        scale = canvas.width() * 0.72 / 234
        left, top = (canvas.width() - 234 * scale) / 2, (canvas.height() - 100 * scale) / 2

        def send(kind: QEvent.Type, x: float, y: float, held: Qt.MouseButton) -> None:
            at = QPointF(left + x * scale, top + y * scale)
            button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
            self._application.sendEvent(
                canvas, QMouseEvent(kind, at, canvas.mapToGlobal(at), button, held, none)
            )

        for points in strokes:
            send(QEvent.Type.MouseButtonPress, *points[0], Qt.MouseButton.LeftButton)
            for x, y in _between(points):
                send(QEvent.Type.MouseMove, x, y, Qt.MouseButton.LeftButton)
            send(QEvent.Type.MouseButtonRelease, *points[-1], Qt.MouseButton.NoButton)
            self._application.processEvents()

    def take(self, window: QWidget, name: str, *, ready: Callable[[], Any] = lambda: True) -> None:
        """`name-light.png` and `name-dark.png`. ready: what has to be so in the moment of each picture."""
        from app.draw.page import save_png
        from app.services.settings import Theme
        from app.ui.theme import apply_theme

        for theme in (Theme.LIGHT, Theme.DARK):
            apply_theme(self._application, theme)
            self.settle()
            self.wait(ready, f"What {name} is to show")
            path = self._folder / f"{name}-{theme.value}.png"
            self.taken.append(save_png(window.grab().toImage(), path))
        apply_theme(self._application, Theme.LIGHT)


def _between(points: Points) -> Iterator[tuple[float, float]]:
    """The points, and others between them as a mouse sends them."""
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        steps = max(round(math.hypot(x1 - x0, y1 - y0) / 3), 1)
        for k in range(1, steps + 1):
            yield x0 + (x1 - x0) * k / steps, y0 + (y1 - y0) * k / steps


def take_pictures(out: Path, run: Path | None, learned: Path | None = None) -> list[Path]:
    """All pictures, written to `out`; returns their paths.

    Raises:
        InputError: `run` is no run; the home `learned` has no learning.
        FailureError: something did not come, or could not be written.
    """
    from core.collection.learnings import LearningLog
    from core.runs.file_names import RECIPE

    if run is not None and not (run / RECIPE).is_file():
        raise InputError(f"{run} is no run: it has no {RECIPE}.")
    log = LearningLog.within(Places.find(home=learned).corrections) if learned is not None else None
    if log is not None and not log.entries():
        raise InputError(f"Nothing was learned from corrections in {learned}.")
    out.mkdir(parents=True, exist_ok=True)
    from PySide6.QtWidgets import QApplication

    from app.startup.window import build_window

    application = QApplication.instance() or QApplication([APP_NAME])
    assert isinstance(application, QApplication)
    photographer = Photographer(application, out)
    with tempfile.TemporaryDirectory() as home:
        places = Places.find(home=Path(home))
        window = build_window(application, places)
        try:
            window.show()
            show_main_window(photographer, window)
            collect(places.corrections)
            show_collection(photographer, window)
        finally:
            window.leave()
        if run is not None:
            show_training(photographer, places, run)
        if log is not None:
            show_learned(photographer, places, log)
    return photographer.taken


def show_main_window(photographer: Photographer, window: MainWindow) -> None:
    from app.camera.actions import CameraAction
    from app.camera.page import CameraPage
    from app.draw.page import DrawPage
    from app.photos.actions import PhotosAction
    from app.photos.page import PhotosPage

    def shows(text: str) -> Callable[[], bool]:
        return lambda: window.panel.view.text == text

    window.show_page("draw")
    photographer.settle()  # once shown, a window fits itself to the screen, which is small here
    window.resize(*DRAW_SIZE)
    photographer.settle()
    draw = window.page
    assert isinstance(draw, DrawPage)
    photographer.draw(draw.canvas, handwriting())
    photographer.wait(shows("1824"), "The reading of the drawing")
    photographer.take(window, "draw")

    window.show_page("photos")
    window.resize(*PICTURE_SIZE)
    photos = window.page
    assert isinstance(photos, PhotosPage)
    photos.actions_of_page[PhotosAction.SAMPLE].trigger()
    photographer.wait(
        lambda: not photos.queue.is_running and window.panel.view.digits, "The reading of the photos"
    )
    photographer.take(window, "photos")
    photos.actions_of_page[PhotosAction.REVIEW].trigger()
    review = photos.review
    photographer.wait(lambda: review.is_ready, "The first photo of the review")
    photographer.take(window, "review", ready=lambda: review.is_ready)
    review.closed.emit()

    window.show_page("camera")
    camera = window.page
    assert isinstance(camera, CameraPage)
    camera.actions_of_page[CameraAction.SAMPLE].trigger()

    def near() -> bool:
        """The number is read, and the camera has come near to it."""
        slider = camera.strip.slider
        return bool(camera.history.rowCount() and shows("1824")() and slider.value() > 0.6 * slider.maximum())

    photographer.wait(near, "The reading of the video")
    photographer.take(window, "camera", ready=near)


def collect(corrections: Path) -> None:
    """Digits of the starter set and the sample photos, as if a person had labelled them; three under wrong labels."""
    from assets import SAMPLES
    from core.collection.numbers import NumberStore
    from core.loaders.starter import MNIST_PART, mnist_part
    from core.loaders.user_digits import DigitOrigin, UserDigitStore
    from core.reading.api import read_photo
    from core.reading.images import frame_digit, load_image

    digits, numbers = UserDigitStore(corrections), NumberStore.within(corrections)
    images, labels = mnist_part(MNIST_PART, "test")
    for place in range(_DIGITS):
        label = int(labels[place])
        wrong = (label + 3) % 10
        origin = DigitOrigin(was_read=str(wrong), model="shipped")
        digits.add((), frame_digit(images[place]), wrong if place in _WRONG else label, origin=origin)
    for photo in sorted(SAMPLES.glob("*.jpg")):
        image = load_image(photo)
        for number in read_photo(image).numbers[:1]:
            numbers.add(
                image, number.written, box=number.box, whole=True, was_read=number.text, model="shipped",
                source_file=photo.name, photo=photo,
            )  # fmt: skip


def show_collection(photographer: Photographer, window: MainWindow) -> None:
    from app.collection.window import KEYS
    from core.collection.items import Group, Order

    window.collection.open()
    collection = window.collection.window
    assert collection is not None, "just opened"
    photographer.settle()
    collection.resize(*COLLECTION_SIZE)
    photographer.wait(lambda: collection.browser.counts[Group.MISTAKES] >= len(_WRONG), "The likely mistakes")
    photographer.wait(lambda: collection.status.endswith(KEYS), "The end of looking for mistakes")
    collection.filters.set_order(Order.MISTAKES)
    collection.grid.choose(0)
    photographer.settle(1.0)
    photographer.take(collection, "corrections")


def show_training(photographer: Photographer, places: Places, run: Path) -> None:
    from app.startup.window import CLI
    from training.runs.launch import Commands
    from training.window.window import TrainingWindow

    shutil.copytree(run, places.runs / run.name)
    window = TrainingWindow(places, commands=Commands(cli=CLI))
    try:
        window.show()
        photographer.settle()
        window.show_run(run.name)
        photographer.wait(lambda: window.runs.selected(), "The run")
        photographer.settle(2.0)  # curves are drawn on a clock
        photographer.take(window, "training")
    finally:
        window.shutdown()
        window.close()


def show_learned(photographer: Photographer, places: Places, log: LearningLog) -> None:
    """The list of learnings, with what was measured of each."""
    from app.startup.window import CLI
    from training.runs.launch import Commands
    from training.window.learnings_dialog import LearningsDialog
    from training.window.window import TrainingWindow

    shutil.copytree(log.folder, places.corrections / log.folder.name)
    window = TrainingWindow(places, commands=Commands(cli=CLI))
    try:
        window.show()
        for learning in reversed(log.entries()):
            for result in learning.runs.values():
                if result.used and Path(result.model).exists():
                    window.set_present_model(Path(result.model))
        window.show_learnings()
        dialog = window.findChild(LearningsDialog)
        assert dialog is not None, "just opened"
        photographer.settle()
        dialog.resize(*LEARNED_SIZE)  # once shown, it has fitted itself to the screen, which may be small
        photographer.settle()
        photographer.take(dialog, "learned")
    finally:
        window.shutdown()
        window.close()


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="app.devtools.screenshots", description="Take the README's images from the program itself."
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the images")
    parser.add_argument("--run", type=Path, help="the run that the training window is to show")
    parser.add_argument(
        "--learned", type=Path, metavar="HOME", help="the home whose list of learnings is to be shown"
    )
    args = parser.parse_args(argv)
    # A picture of our own window; whatever screen there is stays out of it.
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        for path in take_pictures(args.out, args.run, args.learned):
            sys.stdout.write(f"{path}\n")
    except (InputError, FailureError, OSError) as error:
        sys.stderr.write(f"app.devtools.screenshots: {error}\n")
        return 2 if isinstance(error, InputError) else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
