"""Reading events as they come: half lines, garbage, replaced files, long histories."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.runs import events
from training.runs import event_tail
from training.runs.event_tail import EventTail, read_outline


def step(number: int) -> events.Step:
    return events.Step(
        step=number, epoch=1, train_cost=0.5, learning_rate=1e-3, images_per_second=100.0, memory_mib=10.0,
        time=float(number),
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "events.jsonl"


def append(path: Path, text: str | bytes) -> None:
    with path.open("ab") as file:
        file.write(text if isinstance(text, bytes) else text.encode())


def test_missing_file_is_no_news(path: Path) -> None:
    assert EventTail(path).read() == event_tail.News()


def test_only_what_is_new_is_read(path: Path) -> None:
    tail = EventTail(path)
    append(path, events.to_line(step(1)))
    assert tail.read().events == (step(1),)
    assert tail.read().events == ()
    append(path, events.to_line(step(2)) + events.to_line(step(3)))
    assert tail.read().events == (step(2), step(3))


def test_half_a_line_waits_for_its_end(path: Path) -> None:
    tail = EventTail(path)
    line = events.to_line(step(1)).encode()
    for at in range(0, len(line), 7):
        assert tail.read().events == ()
        append(path, line[at : at + 7])
    assert tail.read().events == (step(1),)


@pytest.mark.parametrize(
    "garbage",
    [
        b"\xff\xfe\x00\n", b"{}\n", b"[]\n", b"null\n", b"7\n", b'{"type": "step"\n', b"[" * 20_000 + b"\n",
        json.dumps({"v": 1, "type": "step", "time": 1.0}).encode() + b"\n",
        events.to_line(step(1)).replace('"step": 1', '"step": "one"').encode(),
        events.to_line(step(1)).replace('"step": 1', '"step": null').encode(),
        json.dumps({"v": 1, "type": ["step"], "time": 1.0}).encode() + b"\n",
    ],
)  # fmt: skip
def test_garbage_is_counted_and_passed_over(path: Path, garbage: bytes) -> None:
    append(path, garbage + events.to_line(step(2)).encode())
    news = EventTail(path).read()
    assert news.events == (step(2),)
    assert news.damaged == 1


def test_later_types_and_empty_lines_are_no_damage(path: Path) -> None:
    append(path, '{"v": 2, "type": "comet", "time": 1}\n\n' + events.to_line(step(2)))
    assert EventTail(path).read() == event_tail.News(events=(step(2),))


def test_line_without_an_end_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_tail, "_LONGEST_LINE", 100)
    tail = EventTail(path)
    append(path, b"x" * 200)
    assert tail.read().damaged == 1
    append(path, b"\n" + events.to_line(step(1)).encode())
    assert tail.read().events == (step(1),)


def test_replaced_or_cut_file_begins_afresh(path: Path) -> None:
    tail = EventTail(path)
    append(path, events.to_line(step(1)) + events.to_line(step(2)))
    tail.read()
    path.write_text(events.to_line(step(7)))
    news = tail.read()
    assert news.fresh
    assert news.events == (step(7),)
    path.unlink()
    assert tail.read() == event_tail.News()


def test_long_history_comes_in_pieces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_tail, "READ_AT_ONCE", 1000)
    append(path, "".join(events.to_line(step(n)) for n in range(50)))
    tail = EventTail(path)
    found: list[events.Event] = []
    pieces = 0
    while True:
        news = tail.read()
        found += news.events
        pieces += 1
        if not news.more:
            break
    assert found == [step(n) for n in range(50)]
    assert pieces > 5


def test_outline_keeps_all_but_the_steps(path: Path) -> None:
    stopped = events.Stopped(epoch=1, why="Asked.", time=1000.0)
    append(path, "".join(events.to_line(step(n)) for n in range(100)) + events.to_line(stopped))
    append(path, b"half a li")
    assert read_outline(path) == [step(99), stopped]
    assert read_outline(path.with_name("nothing")) == []
