"""Each ending as a sentence and the next thing to do."""

from __future__ import annotations

import errno
import math

import pytest

from core.runs import events
from training.runs.outcome import Ending, ExitContext, StopStage, explain, last_line, signal_name
from training.runs.run_action import RunAction

SAVED = ExitContext(epoch=3, saved=True)
KEPT = "what it learned in 3 epochs is kept and it can be resumed"


def test_finished_names_the_best_epoch() -> None:
    word = events.Finished(epoch=40, best_epoch=37, best_dev_cost=0.0412, seconds=100.0)
    outcome = explain(word, SAVED)
    assert outcome.sentence == "Finished after 40 epochs; the best was epoch 37 with a dev cost of 0.0412."
    assert outcome.good


def test_finished_without_a_best_epoch() -> None:
    word = events.Finished(epoch=1, best_epoch=0, best_dev_cost=math.nan, seconds=1.0)
    assert explain(word, SAVED).sentence == "Finished after 1 epoch."


@pytest.mark.parametrize(
    ("saved", "end"), [(True, KEPT), (False, "no epoch was done yet, so it begins again when resumed")]
)
def test_stopped_says_what_is_kept(saved: bool, end: str) -> None:
    outcome = explain(events.Stopped(epoch=3, why="Asked."), ExitContext(saved=saved))
    assert outcome.sentence == f"Stopped; {end}."
    assert outcome.details == "Asked."


def test_failure_speaks_for_itself() -> None:
    word = events.Failed(kind="out_of_memory", message="The memory is used up.", details="Traceback")
    outcome = explain(word, SAVED)
    assert (outcome.ending, outcome.sentence) == (Ending.OUT_OF_MEMORY, "The memory is used up.")
    assert outcome.actions[0] is RunAction.HALF_BATCH


def test_failure_of_a_later_version_still_is_one() -> None:
    outcome = explain(events.Failed(kind="comet", message=" ", details=""), SAVED)
    assert (outcome.ending, outcome.sentence) == (Ending.ERROR, "The training broke off without saying why.")


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOENT, "the Python that should run it was not found"),
        (errno.EACCES, "the system refused permission"),
        (errno.EROFS, "the system refused permission"),
        (errno.EAGAIN, "too little memory"),
        (errno.ENOSPC, "The disk is full"),
        (0, "a reason of its own"),
    ],
)
def test_process_that_never_began(number: int, words: str) -> None:
    outcome = explain(None, ExitContext(error="a reason of its own", errno=number, began=False))
    assert words in outcome.sentence
    assert RunAction.RESUME in outcome.actions


@pytest.mark.parametrize(
    ("stage", "ending", "words"),
    [
        (StopStage.URGENT, Ending.STOPPED_AT_ONCE, f"Stopped at once; {KEPT}."),
        (StopStage.REQUESTED, Ending.STOPPED, f"Stopped; {KEPT}."),
        (StopStage.TERMINATED, Ending.STOP_IGNORED, f"within 10 s of being asked, so it was ended; {KEPT}."),
        (StopStage.KILLED, Ending.STOP_IGNORED, f"within 10 s of being asked, so it was killed; {KEPT}."),
    ],
)
def test_end_of_our_own_making_is_not_blamed_on_memory(stage: StopStage, ending: Ending, words: str) -> None:
    code = 0 if stage is StopStage.REQUESTED else -9
    outcome = explain(None, ExitContext(epoch=3, saved=True, returncode=code, stop=stage))
    assert outcome.ending is ending
    assert outcome.sentence.endswith(words)


def test_killed_by_the_system_though_a_stop_was_asked_for() -> None:
    outcome = explain(None, ExitContext(saved=True, returncode=-9, stop=StopStage.REQUESTED))
    assert outcome.ending is Ending.KILLED


@pytest.mark.parametrize(
    ("code", "ending", "words"),
    [
        (-9, Ending.KILLED, "killed by the system (SIGKILL), probably because memory ran out"),
        (137, Ending.KILLED, "killed by the system (SIGKILL)"),
        (-15, Ending.KILLED, "another program (SIGTERM)"),
        (-11, Ending.CRASHED, "crashed in native code (SIGSEGV)"),
        (0xC0000005, Ending.CRASHED, "crashed in native code (SIGSEGV)"),
        (0xC000013A, Ending.KILLED, "(SIGINT)"),
        (3, Ending.NO_EVENT, "broke off with exit code 3 and gave no reason."),
    ],
)
def test_exit_codes(code: int, ending: Ending, words: str) -> None:
    outcome = explain(None, ExitContext(epoch=3, saved=True, returncode=code))
    assert outcome.ending is ending
    assert words in outcome.sentence


RANKS = """
[E1122] torch/distributed/elastic/multiprocessing/api.py: failed (exitcode: -9) local_rank: 1
fake_trainer.py FAILED
------------------------------------------------------------
Failures:
  <NO_OTHER_FAILURES>
------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  time      : 2026-11-22_09:07:00
  host      : here
  rank      : 1 (local_rank: 1)
  exitcode  : -9 (pid: 4242)
  error_file: <N/A>
  traceback : Signal 9 (SIGKILL) received by PID 4242
============================================================
"""


def test_rank_that_torchrun_reports() -> None:
    outcome = explain(None, ExitContext(epoch=3, saved=True, returncode=1, log=RANKS))
    assert outcome.ending is Ending.KILLED
    assert outcome.sentence.startswith("Process 2 of the training was killed by the system (SIGKILL)")


def test_memory_and_disk_by_the_log() -> None:
    memory = explain(None, ExitContext(returncode=1, log="RuntimeError: CUDA out of memory. Tried to …"))
    assert memory.ending is Ending.OUT_OF_MEMORY
    disk = explain(None, ExitContext(returncode=1, log="OSError: [Errno 28] No space left on device"))
    assert disk.ending is Ending.DISK_FULL
    assert explain(None, ExitContext(returncode=1, disk_free=100)).ending is Ending.DISK_FULL
    assert explain(None, ExitContext(disk_free=100)).ending is Ending.DISK_FULL


def test_vanished_and_rebooted() -> None:
    assert explain(None, SAVED).sentence == f"Interrupted: its process ended without giving a reason; {KEPT}."
    rebooted = explain(None, ExitContext(epoch=3, saved=True, rebooted=True))
    assert rebooted.sentence == f"Interrupted: the computer was started anew; {KEPT}."


def test_refused_input_is_told_as_it_is() -> None:
    word = events.Failed(kind="data", message="There is no data here.", details="")
    outcome = explain(word, ExitContext(returncode=2, log="core.train: something else\n"))
    assert (outcome.ending, outcome.sentence) == (Ending.DATA, "There is no data here.")


def test_last_line_prefers_the_error() -> None:
    log = "Traceback\n  File x\n[rank1]: torch.OutOfMemoryError: no\nbye now\n-----\n\n"
    assert last_line(log) == "torch.OutOfMemoryError: no"
    assert last_line("first\nsecond line\n======\n") == "second line"
    assert last_line("") == ""
    assert len(last_line("long " * 100)) == 160


def test_signal_names() -> None:
    assert signal_name(-9) == "SIGKILL"
    assert signal_name(1) == ""
    assert signal_name(-63).startswith("signal") or signal_name(-63)
    assert signal_name(255) == ""


def test_every_action_has_its_words() -> None:
    assert all(action.label and action.tip for action in RunAction)
    marks = [action.label.partition("&")[2][:1].lower() for action in RunAction if "&" in action.label]
    of_menu = marks[marks.index("d") :]
    assert RunAction.KEEP_TRAINING.text == "Keep training"
    assert len(of_menu) == len(set(of_menu))
