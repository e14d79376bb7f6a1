import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.services.model_files import SHIPPED
from app.startup.warm_up import QT_MODULES, import_in_background


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, str], None]]:
    """Writes a module of this name and content that can be imported."""
    monkeypatch.syspath_prepend(tmp_path)
    written = []

    def write(name: str, text: str) -> None:
        (tmp_path / f"{name}.py").write_text(text)
        written.append(name)

    yield write
    for name in written:
        sys.modules.pop(name, None)


def test_modules_are_there_afterwards_and_one_that_fails_is_passed_over(
    module: Callable[[str, str], None],
) -> None:
    module("gnc_warm_bad", "1 / 0")
    module("gnc_warm_good", "import threading; thread = threading.current_thread()")
    thread = import_in_background(["gnc_warm_bad", "gnc_warm_not_there", "gnc_warm_good"])
    thread.join(20)
    assert not thread.is_alive()
    assert sys.modules["gnc_warm_good"].thread is thread
    assert "gnc_warm_bad" not in sys.modules


def test_the_end_of_the_program_waits_for_one_module_only(tmp_path: Path) -> None:
    (tmp_path / "gnc_warm_slow.py").write_text("import time; time.sleep(0.5); print('imported', flush=True)")
    (tmp_path / "gnc_warm_late.py").write_text("import time; time.sleep(60)")
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from app.startup.warm_up import import_in_background\n"
        "import_in_background(['gnc_warm_slow', 'gnc_warm_late'])\n"
    )
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "imported\n", "")
    assert time.monotonic() - began < 50


CLASSES_SCRIPT = """
import json, sys, threading
from PySide6.QtCore import QTimer
from app.startup import warm_up, window as startup

seen = {}

def begin(names):
    seen["thread"] = threading.current_thread() is threading.main_thread()
    seen["missing"] = [n for m in warm_up.QT_MODULES for n in warm_up.missing_classes(sys.modules[m])]
    thread = real(names)
    thread.join()
    seen["modules"] = sorted(m for m in sys.modules if m.startswith("PySide6.Qt"))
    opened.leave()
    return thread

real, warm_up.import_in_background = warm_up.import_in_background, begin

def watch(window):
    global opened
    opened = window

code = startup.run_window(watch)
print(json.dumps(seen))
sys.exit(code)
"""


@pytest.mark.skipif(not SHIPPED.is_file(), reason="the shipped model is not there yet")
def test_no_class_of_qt_is_left_for_the_thread_to_make() -> None:
    """Two threads that make the same class end the process."""
    done = subprocess.run(
        [sys.executable, "-c", CLASSES_SCRIPT], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout.splitlines()[-1])
    assert seen["thread"]
    assert seen["missing"] == []
    assert set(seen["modules"]) <= set(QT_MODULES), (
        "a module of Qt that the thread imports is not made ready before"
    )


def test_classes_not_made_yet_are_told() -> None:
    script = (
        "from app.startup.warm_up import *; import PySide6.QtWidgets as w\n"
        "before = missing_classes(w)\n"
        "for step in steps_to_make_qt_classes(): step()\n"
        "print('QWizard' in before, missing_classes(w))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout == "True []\n", done.stderr
