"""A source without digits for measuring gives some of its own; a test phase says what it could not measure."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch

from core.reading.types import NOT_A_DIGIT
from core.runs.folder import RunFolder
from core.train.classifier.report import run_test_phase
from core.train.samples import SOURCE_SIZE, Samples, concatenate, hold_back


def samples(name: str, labels: list[int]) -> Samples:
    count = len(labels)
    images = torch.arange(count, dtype=torch.uint8)[:, None, None].expand(count, SOURCE_SIZE, SOURCE_SIZE)
    return Samples(images.clone(), torch.tensor(labels), torch.zeros(count, dtype=torch.bool), name)


def test_digits_are_held_back_where_dev_would_know_none() -> None:
    digits, nothing = [d % 10 for d in range(100)], [NOT_A_DIGIT] * 50
    train = {"fonts": samples("fonts", digits), "nothing": samples("nothing", nothing)}
    dev = {"fonts": concatenate([], "fonts"), "nothing": samples("nothing", nothing[:5])}
    kept, measured, without = hold_back(train, dev)
    assert without == ["fonts"]
    assert len(kept["fonts"]) == 90
    assert len(measured["fonts"]) == 10
    assert len(measured["nothing"]) == 5
    held = {int(image[0, 0]) for image in measured["fonts"].images}
    assert not held & {int(image[0, 0]) for image in kept["fonts"].images}
    again = hold_back(train, dev)[1]
    assert torch.equal(again["fonts"].images, measured["fonts"].images)


def test_a_source_with_digits_of_its_own_for_measuring_keeps_all() -> None:
    train, dev = {"mnist": samples("mnist", [1, 2, 3])}, {"mnist": samples("mnist", [4])}
    kept, measured, without = hold_back(train, dev)
    assert without == []
    assert len(kept["mnist"]) == 3
    assert len(measured["mnist"]) == 1


def test_no_digit_alone_is_no_measure_of_digits() -> None:
    train = {"folder": samples("folder", [1, 2, 3, 4])}
    dev = {"folder": samples("folder", [NOT_A_DIGIT])}
    measured = hold_back(train, dev)[1]["folder"]
    assert sorted(measured.labels.tolist())[-1] == NOT_A_DIGIT
    assert len(measured) == 2


def test_a_test_phase_of_nothing_is_one_all_the_same(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    evaluated, figures = run_test_phase(
        {}, lambda s: torch.zeros((len(s), 11)), run, not_measured={"svhn": "it was not here."}
    )
    assert evaluated == []
    assert figures == {}
    body = json.loads(run.test.read_text("utf-8"))
    assert body["sources"] == {}
    assert body["not_measured"] == {"svhn": "it was not here."}
    assert np.isfinite(body["mistakes_columns"])
