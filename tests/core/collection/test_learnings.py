"""What each learning was made of, and what came of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.collection.learnings import LearningLog, Result
from core.collection.numbers import NumberStore
from core.collection.split import held_in
from core.loaders.user_digits import UserDigitStore


def test_a_learning_says_what_it_was_made_of(tmp_path: Path) -> None:
    digits, numbers = UserDigitStore(tmp_path), NumberStore.within(tmp_path)
    for i in range(12):
        digits.add([], np.full((20, 20), 90, np.uint8), i % 10)
        numbers.add(np.full((20, 40), i, np.uint8), f"{i}")
    log = LearningLog.within(tmp_path)
    learning = log.begin({"finetune-1": Result(before="old.onnx")})
    held = held_in(tmp_path)
    assert len(learning.digits) + len(learning.numbers) + len(learning.held) == 24
    assert {e.id for e in digits.entries() if e.origin.group in held} <= set(learning.held)
    assert not set(learning.digits) & set(learning.held)
    assert log.entries() == [learning]
    assert log.last_time() == learning.time
    assert digits.count() == 12, "its folder is none of a label"
    assert numbers.count() == 12


def test_results_are_added_when_they_come(tmp_path: Path) -> None:
    log = LearningLog.within(tmp_path)
    first = log.begin({"a": Result(before="old.onnx"), "b": Result()})
    log.note("a", model="new.onnx", sentence="Better.", lines=("MNIST: …",))
    log.note("a", used=True)
    log.note("nobody", used=True)
    (read,) = log.entries()
    assert read.id == first.id
    assert read.runs["a"] == Result("old.onnx", "new.onnx", "Better.", ("MNIST: …",), True)
    assert read.runs["b"] == Result()


def test_a_damaged_file_leaves_the_others(tmp_path: Path) -> None:
    log = LearningLog.within(tmp_path)
    assert log.entries() == []
    assert log.last_time() == 0
    learning = log.begin({})
    (log.folder / "x.json").write_text('{"v": 1, "time": "soon"}')
    (log.folder / "y.json").write_text("{")
    (log.folder / "z.json").write_text("[1]")
    assert [entry.id for entry in log.entries()] == [learning.id]
