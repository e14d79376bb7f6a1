"""Getting sources ready: together, without making anything twice."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import DataError
from core.base.paths import Places
from core.datasets import prepare
from core.loaders import cache, fonts
from core.loaders.cache import Arrays, cached


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_starter: None) -> Places:
    monkeypatch.delenv("GNC_DATA", raising=False)
    monkeypatch.setattr(fonts, "font_files", list)
    return Places.find(home=tmp_path)


def made(places: Places) -> set[str]:
    return {path.name.rsplit("-", 1)[0] for path in (places.cache / "data").iterdir()}


def test_fonts_come_in_parts_and_before_what_is_drawn_from_them(places: Places) -> None:
    names = [name for name, _ in prepare.tasks_of(["nothing"], places)]
    assert names == [
        "installed-fonts-0", "installed-fonts-1", "installed-fonts-2", "installed-fonts-3", "non-digits-train",
        "non-digits-dev", "textures-train",
    ]  # fmt: skip


def test_what_another_makes_is_left_to_it(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []

    def task(name: str) -> object:
        def build() -> Arrays:
            order.append(name)
            return {"images": np.zeros((1, 2, 2), np.uint8)}

        return cached(places.cache, name, "key", build)

    tasks = [(name, lambda name=name: task(name)) for name in ("first", "second")]
    monkeypatch.setattr(prepare, "tasks_of", lambda *_: iter(tasks))
    with cache.try_lock(places.cache, "first"):
        prepare.prepare(["mnist"], places)
    assert order == ["second", "first"]


def test_two_at_once_make_everything_once(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    make = cache._make

    def counting(folder: Path, name: str, *rest: object) -> Arrays:
        calls.append(name)
        return make(folder, name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(cache, "_make", counting)
    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(prepare.prepare, ["fonts"], places) for _ in range(2)]:
            done.result(60)
    assert sorted(calls) == sorted(set(calls))
    assert {"fonts-train", "fonts-dev"} <= made(places)


def test_a_source_that_is_not_here_is_told_after_the_others_are_made(places: Places) -> None:
    with pytest.raises(DataError, match="MNIST"):
        prepare.prepare(["mnist", "fonts"], places)
    assert "fonts-dev" in made(places)
