import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.startup.warm_up import import_in_background


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
