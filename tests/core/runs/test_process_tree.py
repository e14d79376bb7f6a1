"""Processes known by pid and birth."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from core.runs import process_tree
from core.runs.process_tree import ProcessId, end, find, identify, is_alive, with_descendants

# A child in a session of its own, as torchrun's ranks are; both say when they are there.
PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "print('child', flush=True); input()"],
                         stdin=subprocess.PIPE, start_new_session=True)
print(child.pid, flush=True)
child.wait()
"""


@pytest.fixture
def parent() -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process and the pid of its child."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        lines = {process.stdout.readline().strip() for _ in range(2)}
        child = int((lines - {"child"}).pop())
        yield process, child
        for pid in (process.pid, child):
            if psutil.pid_exists(pid):
                psutil.Process(pid).kill()


def test_this_process_is_known() -> None:
    own = identify(psutil.Process().pid)
    assert own is not None
    assert is_alive(own)
    assert not is_alive(ProcessId(own.pid, own.created - 100))


def test_a_process_is_known_though_the_clock_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    own = identify(psutil.Process().pid)
    assert own is not None
    shifted = psutil.Process.create_time
    monkeypatch.setattr(psutil.Process, "create_time", lambda self: shifted(self) + 3600)
    assert is_alive(own)


def test_unknown_pid() -> None:
    assert identify(2**22 + 12345) is None
    assert not is_alive(ProcessId(2**22 + 12345, 0.0))


def test_recycled_pid_is_somebody_else(parent: tuple[subprocess.Popen[str], int]) -> None:
    process, _ = parent
    assert find(process.pid, seen_at=time.time()) is not None
    assert find(process.pid, seen_at=time.time() - 1000) is None


def test_marks_tell_whose_process_it_is(parent: tuple[subprocess.Popen[str], int]) -> None:
    process, _ = parent
    assert find(process.pid, seen_at=time.time(), marks=("subprocess",)) is not None
    assert find(process.pid, seen_at=time.time(), marks=("core.train",)) is None


@pytest.mark.parametrize("force", [False, True])
def test_whole_tree_ends(parent: tuple[subprocess.Popen[str], int], force: bool) -> None:
    process, child = parent
    root = identify(process.pid)
    assert root is not None
    tree = with_descendants([root])
    assert [p.pid for p in tree] == [process.pid, child]
    handle = psutil.Process(child)
    end(tree, force=force)
    process.wait(10)
    psutil.wait_procs([handle], timeout=10)
    assert with_descendants([root]) == []
    end(tree, force=True)  # nobody is left to be ended


@pytest.mark.skipif(sys.platform == "win32", reason="there are no zombies")
def test_zombie_is_dead() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"]) as process:
        known = identify(process.pid)
        handle = psutil.Process(process.pid)
        deadline = time.monotonic() + 20
        while handle.status() != psutil.STATUS_ZOMBIE:
            assert time.monotonic() < deadline
        assert known is None or not is_alive(known)
        assert identify(process.pid) is None


def test_foreign_process_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: psutil.Process) -> None:
        raise psutil.AccessDenied(self.pid)

    monkeypatch.setattr(psutil.Process, "terminate", refuse)
    own = process_tree.identify(psutil.Process().pid)
    assert own is not None
    end([own], force=False)
