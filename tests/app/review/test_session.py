"""The order of a review, going back and forth in it, what is kept of it on disk, and its CSV."""

from __future__ import annotations

import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest

from app.review.check_digits import CheckDigit
from app.review.items import ReviewItem, judged, queue_of
from app.review.kept_review import KeptReview, append_answer, begin_review, latest_open, write_review
from app.review.number_format import NumberFormat
from app.review.review_csv import as_csv
from app.review.session import Answer, Outcome, ReviewSession
from core.base.errors import DataError, FailureError
from core.reading.types import Box, Digit, Number


def item(
    place: int, text: str, confidence: float = 0.9, second: tuple[int, int, float] | None = None
) -> ReviewItem:
    """second: place, digit and share of the second likeliest reading."""
    if not text:
        return ReviewItem(place, f"{place}.jpg", f"/photos/{place}.jpg")
    digits = []
    for at, sign in enumerate(text):
        table = [0.0] * 10
        table[int(sign)] = 1.0
        if second is not None and second[0] == at:
            table[second[1]], table[int(sign)] = second[2], 1 - second[2]
        digits.append(Digit(int(sign), 0.9, Box(10.0 * at, 5.0, 10.0, 20.0), True, tuple(table)))
    number = Number(tuple(digits), confidence, Box(0.0, 5.0, 10.0 * len(text), 20.0))
    return ReviewItem(place, f"{place}.jpg", f"/photos/{place}.jpg", number=number)


ITEMS = (item(0, "12", 0.9), item(1, "34", 0.5), item(2, ""), item(3, "56", 0.7))


def walked(session: ReviewSession) -> list[int]:
    """The items in the order in which they are asked."""
    seen = []
    while session.current is not None:
        seen.append(session.current.item.id)
        session.say(session.current.proposed, time=float(len(seen)))
    return seen


def test_the_least_sure_come_first() -> None:
    assert walked(ReviewSession(ITEMS)) == [2, 1, 3, 0]


def test_what_breaks_the_format_comes_before_all_and_what_it_chose_next() -> None:
    items = (item(0, "11", 0.99), item(1, "923", 0.99), item(2, "20", 0.2), item(3, "35", 0.99, (0, 2, 0.3)))
    expected = NumberFormat(2, 2, highest=Decimal(30))
    found = judged(items, expected)
    assert [one.problems for one in found] == [(), ("3 digits, not 2", "above 30"), (), ()]
    assert found[3].proposed == "25"
    assert found[3].is_chosen
    assert queue_of(found) == [1, 3, 2, 0]
    assert walked(ReviewSession(items, expected)) == [1, 3, 2, 0]


def test_numbers_that_only_rise() -> None:
    items = (
        item(0, "100"),
        item(1, "905", second=(0, 1, 0.2)),
        item(2, "107"),
        item(3, "88"),
        item(4, "110"),
    )
    found = judged(items, NumberFormat(only_rises=True))
    assert [one.proposed for one in found] == ["100", "105", "107", "88", "110"]
    assert [bool(one.problems) for one in found] == [False, False, False, True, False]
    assert "rise" in found[3].problems[0]


def test_an_answer_is_a_fixed_point_for_those_that_rise() -> None:
    items = (item(0, "100"), item(1, "900"), item(2, "101"), item(3, "102"))
    found = judged(items, NumberFormat(only_rises=True), {1: "900", 2: "901", 3: "902"})
    assert [bool(one.problems) for one in found] == [False] * 4


def test_one_goes_back_and_corrects_and_goes_on_where_one_was() -> None:
    session = ReviewSession(ITEMS)
    session.say("", time=1)
    session.say("34", time=2)
    assert session.back()
    assert session.current is not None
    assert session.current.item.id == 1
    assert session.answer is not None
    assert session.answer.written == "34"
    assert session.back()
    assert not session.back(), "there is none before it"
    assert session.current.item.id == 2
    session.say("9", time=3)
    assert session.current.item.id == 3
    assert [(a.item, a.written) for a in session.answers] == [(1, "34"), (2, "9")]


def test_what_is_skipped_comes_last() -> None:
    session = ReviewSession(ITEMS)
    session.skip()
    assert [i.id for i in session.upcoming(9)] == [1, 3, 0, 2]
    assert walked(session) == [1, 3, 0, 2]
    alone = ReviewSession(ITEMS[:1])
    alone.skip()
    assert alone.current is not None, "the last one can't be skipped"


def test_an_answer_that_could_not_be_kept_is_asked_again() -> None:
    session = ReviewSession(ITEMS[:1])
    session.say("12", time=1)
    assert session.progress.left == 0
    session.take_back(0)
    assert session.current is not None
    assert session.progress.left == 1


def test_progress_and_outcomes() -> None:
    session = ReviewSession(ITEMS)
    for written in ("7", "34", ""):
        session.say(written, time=1)
    assert [session.outcome(i) for i in range(4)] == [
        Outcome.LEFT, Outcome.CONFIRMED, Outcome.CHANGED, Outcome.NO_NUMBER,
    ]  # fmt: skip
    progress = session.progress
    assert (progress.confirmed, progress.changed, progress.no_number) == (1, 1, 1)
    assert (progress.done, progress.left) == (3, 1)


def test_a_review_goes_on_after_closing(tmp_path: Path) -> None:
    folder = begin_review(tmp_path, "meters", ITEMS)
    first = ReviewSession(ITEMS)
    append_answer(folder, first.say("", time=10))
    append_answer(folder, first.say("33", time=11, box=Box(1.0, 2.0, 3.0, 4.0)))
    expected = NumberFormat(2, 2, check=CheckDigit.LUHN)
    write_review(folder, "meters", ITEMS, expected)
    kept = latest_open(tmp_path)
    assert kept is not None
    assert (kept.title, kept.left, kept.expected) == ("meters", 2, expected)
    assert kept.items == ITEMS
    again = ReviewSession(kept.items, NumberFormat(), kept.answers)
    assert again.answers == first.answers
    assert again.current is not None
    assert again.current.item.id == 3
    assert again.back()
    assert again.current.item.id == 1, "the one that was answered last"


def test_a_line_that_was_cut_off_loses_one_answer(tmp_path: Path) -> None:
    folder = begin_review(tmp_path, "meters", ITEMS)
    for place in range(3):
        append_answer(folder, Answer(place, str(place), float(place)))
    path = folder / "answers.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    append_answer(folder, Answer(3, "56", 9.0))
    assert [a.item for a in KeptReview.open(folder).answers] == [0, 1, 3]


def test_damaged_and_finished_reviews_are_not_offered(tmp_path: Path) -> None:
    assert latest_open(tmp_path) is None
    folder = begin_review(tmp_path, "meters", ITEMS[:1])
    append_answer(folder, Answer(0, "12", 1.0))
    assert latest_open(tmp_path) is None
    (folder / "review.json").write_text("{}")
    assert latest_open(tmp_path) is None
    with pytest.raises(DataError, match=r"review\.json is damaged"):
        KeptReview.open(folder)
    (folder / "answers.jsonl").unlink()
    (folder / "answers.jsonl").mkdir()
    with pytest.raises(FailureError, match="could not be kept"):
        append_answer(folder, Answer(0, "12", 1.0))


def test_the_csv_tells_what_was_confirmed_and_changed() -> None:
    session = ReviewSession(ITEMS, NumberFormat(2, 2))
    session.say("7", time=1, box=Box(1.0, 2.0, 3.0, 4.0))
    session.say("35", time=2)
    session.say("56", time=3)
    rows = list(csv.DictReader(io.StringIO(as_csv(session))))
    assert [(r["number"], r["read_as"], r["outcome"], r["problems"]) for r in rows] == [
        ("12", "12", "left", ""), ("35", "34", "changed", ""), ("7", "", "changed", "1 digit, not 2"),
        ("56", "56", "confirmed", ""),
    ]  # fmt: skip
    assert [rows[2][name] for name in ("x", "y", "width", "height")] == ["1.0", "2.0", "3.0", "4.0"]
    assert rows[0]["file"] == "/photos/0.jpg"
    assert rows[0]["page"] == "1"
