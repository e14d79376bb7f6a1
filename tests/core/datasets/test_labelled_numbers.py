"""Numbers that people labelled become rows, scenes with boxes, and photos to measure on."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from assets import SAMPLES
from core.base.opencv import cv2
from core.base.paths import Places
from core.collection.numbers import NumberStore
from core.collection.split import held_in
from core.datasets.detector_scenes import load_scene_data
from core.datasets.labelled_numbers import DigitPlaces, find_rows, labelled, photos_to_measure, placed
from core.datasets.line_rows import LineRows, load_rows
from core.datasets.recombined_rows import VARIANTS
from core.evaluation.number_scoring import PhotoScore
from core.reading.api import shipped_reader
from core.reading.images import load_image, to_gray
from core.reading.line_format import decode
from core.reading.types import Box, Digit, Number
from core.recipes.scenes import Scenes
from core.recipes.source_names import LABELLED_EMPTY, LABELLED_NUMBERS

Gray = NDArray[np.uint8]
ROW = Box(97, 68, 111, 91)
"""Of the number in the sample, a third as large."""


@pytest.fixture(scope="module")
def house() -> Gray:
    gray = to_gray(load_image(SAMPLES / "house_2.jpg"))
    return np.asarray(cv2.resize(gray, (320, 240), interpolation=cv2.INTER_AREA), np.uint8)


def empty(seed: int) -> Gray:
    return np.full((60, 80), 100 + seed, np.uint8)


def texts(rows: LineRows) -> list[str]:
    starts = np.r_[0, rows.ends[:-1]]
    return sorted(decode(rows.classes[a:b]) for a, b in zip(starts, rows.ends, strict=True))


def test_boxes_become_rows_and_false_readings_become_empty_ones(places: Places, house: Gray) -> None:
    store = NumberStore.within(places.corrections)
    store.add(house, "57", box=ROW, whole=True)
    store.add(house, "", box=Box(10, 10, 40, 30), whole=True)
    store.add(house[68:159, 97:208], "5 7 m³")
    store.add(house[68:159, 97:209], "٥٧")
    rows = load_rows(places, LABELLED_NUMBERS, "train")
    assert texts(rows.first(4)) == ["", "5 7 m", "57", "57"]
    recombined = texts(rows)
    assert len(recombined) == 4 + 3 * VARIANTS[LABELLED_NUMBERS]
    assert {"75", "7 5 m"} <= set(recombined)
    assert not rows.is_ink.any()
    assert len(load_rows(places, LABELLED_NUMBERS, "dev")) == 0


def test_the_split_is_that_of_the_groups(places: Places) -> None:
    store = NumberStore.within(places.corrections)
    for i in range(30):
        store.add(empty(i), "", box=Box(5, 5, 20, 12), group=f"photo {i // 2}")
    held = held_in(places.corrections)
    dev = labelled(places, "dev")
    assert {entry.group for entry in dev} == held
    assert len(load_rows(places, LABELLED_NUMBERS, "dev")) == len(dev) == len(photos_to_measure(places))
    assert len(labelled(places, "train")) + len(dev) == 30


def test_a_number_without_a_box_is_where_the_nearest_reading_is(house: Gray) -> None:
    reader = shipped_reader(threads=1)
    for said in ("57", "51"):
        (row,) = find_rows(reader, house, said)
        assert row.iou(ROW) > 0.7, said
    assert find_rows(reader, house, "80463") == []
    assert find_rows(reader, empty(0), "57") == []
    (false,) = find_rows(reader, house, "")
    assert false.iou(ROW) > 0.7


def test_a_damaged_picture_does_not_stop_the_rest(places: Places, house: Gray) -> None:
    store = NumberStore.within(places.corrections)
    damaged = store.add(empty(1), "1", box=Box(5, 5, 20, 12))
    store.add(house, "57", box=ROW)
    empty_photo = store.add(empty(2), "", whole=True)
    for entry in (damaged, empty_photo):
        entry.picture.write_bytes(b"no picture")
    assert [one.written for one in placed(places, labelled(places, "train"))] == ["57"]
    data = load_scene_data({LABELLED_NUMBERS: 1.0, LABELLED_EMPTY: 1.0}, Scenes(size=96), places, "train")
    assert data.counts == {LABELLED_NUMBERS: 1}


def test_digits_are_placed_by_the_detector_or_along_the_row(house: Gray) -> None:
    find = DigitPlaces()
    five, seven = find.boxes(house, ROW, "57")
    assert (five[0], seven[0]) == (5, 7)
    assert five[1].iou(Box(97, 68, 51, 91)) > 0.6
    assert seven[1].iou(Box(155, 73, 52, 86)) > 0.6
    spread = find.boxes(house, ROW, "570")
    assert [digit for digit, _ in spread] == [5, 7, 0]
    middles = [box.center[0] for _, box in spread]
    assert middles == sorted(middles)
    assert all(ROW.contains(x, ROW.center[1]) for x in middles)


def test_the_detector_gets_numbers_with_boxes_and_photos_without(places: Places, house: Gray) -> None:
    store = NumberStore.within(places.corrections)
    store.add(house, "57", box=ROW, whole=True)
    store.add(empty(3), "", whole=True)
    shares = {LABELLED_NUMBERS: 1.0, LABELLED_EMPTY: 1.0}
    data = load_scene_data(shares, Scenes(size=96), places, "train")
    assert data.counts == {LABELLED_NUMBERS: 1, LABELLED_EMPTY: 1}
    taught = {int(label) for i in range(12) for label in data.scene(1, i, LABELLED_NUMBERS).labels}
    assert {5, 7} <= taught <= {5, 7, 11}
    assert not len(data.scene(1, 0, LABELLED_EMPTY).labels)


def test_a_false_reading_counts_at_its_place_alone(places: Places, house: Gray) -> None:
    store = NumberStore.within(places.corrections)
    for i in range(5):
        store.add(house, "", box=Box(10, 10, 40, 30), whole=True, group=f"photo {i}")
    photo = photos_to_measure(places)[0]
    digit = Digit(5, 0.9, Box(120, 80, 30, 60))
    elsewhere = Number((digit,), 0.9, digit.box)
    there = Number((Digit(1, 0.9, Box(15, 12, 20, 25)),), 0.9, Box(15, 12, 20, 25))
    assert PhotoScore(photo, (elsewhere,), 1.0, has_others=True).right
    assert not PhotoScore(photo, (there,), 1.0, has_others=True).right
