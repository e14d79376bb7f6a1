"""Pictures of what the network would be fed: requests, answers, and the process that serves them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.errors import DataError
from core.base.paths import Places
from core.recipes.recipe import RECIPES, Recipe
from core.train.preview_server import PreviewServer, Request, Superseded
from tests.core.digit_folder import make_digit_folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_digit_folder(tmp_path / "mydigits", 6)


@pytest.fixture
def recipe(folder: Path) -> Recipe:
    values = RECIPES["quick"].to_dict() | {"sources": {"folder": 1.0}, "data_folder": str(folder)}
    return Recipe.from_dict(values)


def line(recipe: Recipe, number: int = 1, *, count: int = 20, seed: int = 1, **changes: Any) -> str:
    return json.dumps({"id": number, "recipe": recipe.to_dict(), "count": count, "seed": seed} | changes)


def pictures(answer: dict[str, Any]) -> NDArray[np.uint8]:
    raw = np.frombuffer(base64.b64decode(answer["images"]), np.uint8)
    return raw.reshape(answer["count"], answer["height"], answer["width"])


def test_the_same_seed_shows_the_same_digits(home: Path, recipe: Recipe) -> None:
    gallery = PreviewServer(Places.find(home=home))
    told: list[dict[str, Any]] = []
    first = gallery.answer(Request.from_line(line(recipe)), told.append)
    again = gallery.answer(Request.from_line(line(recipe)), told.append)
    assert told == [{"loading": "folder"}], "each source is loaded once"
    assert (pictures(first) == pictures(again)).all()
    other = recipe.with_values({"augmentation.rotate": 90})
    turned = gallery.answer(Request.from_line(line(other)), told.append)
    assert turned["texts"] == first["texts"]
    assert (pictures(turned) != pictures(first)).any()
    assert set(first["sources"]) == {"folder"}
    assert pictures(first).shape == (20, 32, 32)


def test_the_size_is_the_networks(home: Path, recipe: Recipe) -> None:
    gallery = PreviewServer(Places.find(home=home))
    answer = gallery.answer(Request.from_line(line(recipe.with_values({"network": "seed"}))), lambda _: None)
    assert (answer["height"], answer["width"]) == (28, 28)


def test_sources_that_are_not_here_are_named(home: Path, recipe: Recipe) -> None:
    gallery = PreviewServer(Places.find(home=home))
    more = recipe.with_values({"sources.svhn": 5.0, "sources.mnist": 0.0})
    answer = gallery.answer(Request.from_line(line(more)), lambda _: None)
    assert answer["missing"] == ["svhn"]
    assert answer["count"] == 20
    nothing = recipe.with_values({"sources.svhn": 1.0, "sources.folder": 0.0})
    with pytest.raises(DataError, match="svhn"):
        gallery.answer(Request.from_line(line(nothing)), lambda _: None)


def test_counts_are_limited(recipe: Recipe) -> None:
    assert Request.from_line(line(recipe, count=1_000_000)).count == 400
    assert Request.from_line(line(recipe, count=-3)).count == 1


def test_a_newer_request_ends_the_loading_for_an_older_one(home: Path, recipe: Recipe) -> None:
    def report(_: dict[str, Any]) -> None:
        raise Superseded

    with pytest.raises(Superseded):
        PreviewServer(Places.find(home=home)).answer(Request.from_line(line(recipe)), report)


@pytest.mark.timeout(120)
def test_the_process(home: Path, recipe: Recipe) -> None:
    root = Path(__file__).resolve().parents[3]
    child = subprocess.Popen(
        [sys.executable, "-m", "core.train.preview_server", "--data-dir", str(home / "data")], cwd=root,
        env=os.environ | {"GNC_HOME": str(home)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stdin is not None
    assert child.stdout is not None
    with child:
        answers: list[dict[str, Any]] = []
        for text in (
            line(recipe, 1),
            "not json",
            '{"id": 3, "recipe": {"name": "x"}, "count": 1, "seed": 1}',
        ):
            child.stdin.write(text + "\n")
            child.stdin.flush()
            answers.append(json.loads(child.stdout.readline()))
            while "loading" in answers[-1]:
                answers[-1] = json.loads(child.stdout.readline())
        child.stdin.write("".join(line(recipe, number) + "\n" for number in range(4, 8)))
        child.stdin.flush()
        numbers = [0]
        while numbers[-1] != 7:
            numbers.append(json.loads(child.stdout.readline())["id"])
        assert numbers == sorted(numbers), "the newest is always answered, in the end"
        child.stdin.close()
        assert child.wait(30) == 0
    assert answers[0]["id"] == 1
    assert pictures(answers[0]).shape == (20, 32, 32)
    assert answers[1]["id"] == -1
    assert answers[2]["id"] == 3
    assert answers[2]["error"] == "summary: is missing."
