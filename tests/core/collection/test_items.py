from pathlib import Path

import numpy as np
import pytest

from core.base.errors import FailureError, InputError
from core.collection.items import (
    Collection,
    Facts,
    Filter,
    Group,
    Item,
    Order,
    digit_label,
    group_counts,
    key_of,
    parts_by_number,
    shown_items,
)
from core.collection.numbers import NumberStore
from core.loaders.user_digits import DigitOrigin, UserDigitStore
from core.reading.types import NOT_A_DIGIT
from tests.core.collection.filled import fill, noise

NOTHING_KNOWN = Facts()


@pytest.fixture
def corrections(tmp_path: Path) -> Path:
    return tmp_path / "corrections"


def number_with_digits(corrections: Path, written: str, labels: list[int]) -> Item:
    """A number and the digits that were kept of it."""
    number = NumberStore.within(corrections).add(noise(1, 20, 40), written)
    for place, label in enumerate(labels):
        UserDigitStore(corrections).add(
            (), noise(10 + place, 32, 32), label, origin=DigitOrigin(number=number.id)
        )
    return Item.of(number)


def texts(corrections: Path) -> dict[str, list[str]]:
    items, damaged = Collection(corrections).load()
    assert damaged == []
    return {what: sorted(i.text for i in items if i.what == what) for what in ("digit", "number")}


def test_digits_and_numbers_stand_side_by_side(corrections: Path, tmp_path: Path) -> None:
    fill(corrections, tmp_path / "photos")
    items, damaged = Collection(corrections).load()
    assert (len(items), damaged, Collection(corrections).count()) == (13, [], 13)
    assert [i.time for i in items] == sorted(i.time for i in items)
    assert all(i.picture.is_file() for i in items)
    assert {i.words for i in items} >= {"7", "no digit", "no number", "12B"}


def test_damaged_entries_are_told_of_both(corrections: Path, tmp_path: Path) -> None:
    fill(corrections, tmp_path / "photos")
    UserDigitStore(corrections).entries()[0].json_path.write_text("{")
    number = NumberStore.within(corrections).entries()[0][0]
    (corrections / "numbers" / f"{number.id}.json").write_text("{")
    items, damaged = Collection(corrections).load()
    assert (len(items), len(damaged)) == (11, 2)


def test_a_digit_gets_another_label_and_back(corrections: Path) -> None:
    UserDigitStore(corrections).add((), noise(1, 32, 32), 4)
    collection = Collection(corrections)
    (item,), _ = collection.load()
    change = collection.relabel(item, "7")
    assert texts(corrections)["digit"] == ["7"]
    collection.undo(change)
    assert collection.load()[0] == [item]
    collection.redo(change)
    assert texts(corrections)["digit"] == ["7"]
    for wrong in ("47", "x", "½"):
        with pytest.raises(InputError, match="no digit"):
            collection.relabel(item, wrong)


def test_the_digits_of_a_number_follow_it(corrections: Path) -> None:
    item = number_with_digits(corrections, "4-7", [4, 7])
    collection = Collection(corrections)
    before = collection.load()[0]
    change = collection.relabel(item, "1-7", parts_by_number(before)[item.id])
    assert texts(corrections) == {"digit": ["1", "7"], "number": ["1-7"]}
    after = collection.load()[0]
    (number,) = (i for i in after if i.what == "number")
    assert [d.label for d in parts_by_number(after)[number.id]] == [1, 7]
    collection.undo(change)
    assert collection.load()[0] == before


@pytest.mark.parametrize(("labels", "text"), [([4, 7], "147"), ([4], "48"), ([7, 4], "48"), ([4, 7], "")])
def test_digits_that_cannot_be_matched_go(corrections: Path, labels: list[int], text: str) -> None:
    item = number_with_digits(corrections, "47", labels)
    collection = Collection(corrections)
    before = collection.load()[0]
    change = collection.relabel(item, text, parts_by_number(before)[item.id])
    assert texts(corrections) == {"digit": [], "number": [text]}
    collection.undo(change)
    assert collection.load()[0] == before


def test_a_number_goes_with_its_digits(corrections: Path) -> None:
    item = number_with_digits(corrections, "47", [4, 7])
    collection = Collection(corrections)
    before = collection.load()[0]
    change = collection.remove(item, parts_by_number(before)[item.id])
    assert collection.count() == 0
    collection.undo(change)
    assert collection.load()[0] == before


def test_what_fails_half_way_is_as_before(corrections: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    item = number_with_digits(corrections, "47", [4, 7])
    collection = Collection(corrections)
    before = collection.load()[0]
    parts = parts_by_number(before)[item.id]
    parts[1].json_path.rename(parts[1].json_path.with_suffix(".gone"))
    with pytest.raises(FailureError):
        collection.remove(item, parts)
    parts[1].json_path.with_suffix(".gone").rename(parts[1].json_path)
    assert collection.load()[0] == before


def test_what_is_shown(corrections: Path, tmp_path: Path) -> None:
    fill(corrections, tmp_path / "photos")
    items, _ = Collection(corrections).load()

    def shown(*, facts: Facts = NOTHING_KNOWN, **wanted: object) -> list[str]:
        return [i.words for i in shown_items(items, Filter(**wanted), facts)]  # type: ignore[arg-type]

    assert shown() == [
        "0", "7", "7", "no digit", "007", "12B", "12b", "47", "8/9", "1824", "00217.61", "no number", "no number",
    ]  # fmt: skip
    assert shown(group=7) == ["7", "7"]
    assert shown(group=NOT_A_DIGIT) == ["no digit"]
    assert shown(group=Group.NO_NUMBER) == ["no number", "no number"]
    assert shown(group=Group.DIGITS, kind="drawing") == ["7", "no digit"]
    assert shown(words="12b") == ["12B", "12b"]
    assert shown(words="METER 12b") == ["12B", "12b"]
    assert shown(words="m2") == ["7"]
    newest = max(items, key=lambda i: i.added)
    assert shown(order=Order.NEWEST)[0] == newest.words
    assert shown(group=Group.NEW, facts=Facts(newest.added)) == []
    assert len(shown(group=Group.NEW)) == len(items)
    suspicion = {key_of(items[2]): 0.95, key_of(items[4]): 1.0}
    facts = Facts(suspicion=suspicion)
    assert shown(group=Group.MISTAKES, order=Order.MISTAKES, facts=facts) == [items[4].words, items[2].words]
    counts = group_counts(items, facts)
    assert (counts[Group.ALL], counts[Group.DIGITS], counts[7], counts[NOT_A_DIGIT]) == (13, 4, 2, 1)
    assert (counts[Group.NUMBERS], counts[Group.NO_NUMBER], counts[Group.MISTAKES]) == (7, 2, 2)


def test_labels_of_digits() -> None:
    assert [digit_label(t) for t in ("0", " 9 ", "")] == [0, 9, NOT_A_DIGIT]
    assert np.arange(10).tolist() == [digit_label(str(d)) for d in range(10)]
