"""The starter set that ships."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from assets import STARTER
from core.base.paths import Places
from core.datasets.catalog import CATALOGUE
from core.loaders import fonts, mnist, starter
from core.loaders.font_filter import looks_like_digits
from core.synthesis.glyphs import font_glyphs
from core.tools.make_starter_set import balanced


def test_the_part_of_mnist_is_balanced_and_its_parts_are_apart() -> None:
    seen: set[bytes] = set()
    for split, count in (("train", 6000), ("dev", 1000), ("test", 1000)):
        images, labels = mnist.read_split(starter.MNIST_PART, split)
        assert np.bincount(labels).tolist() == [count // 10] * 10
        own = {image.tobytes() for image in images}
        assert not own & seen
        seen |= own


def test_every_font_has_ten_digits_and_a_free_licence() -> None:
    shipped = starter.read_fonts()
    assert len(shipped) >= 100
    with (STARTER / "fonts.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["family"], row["style"]) for row in rows] == list(
        zip(shipped.families, shipped.styles, strict=True)
    )
    assert all(row["licence"] for row in rows)
    for i in range(len(shipped)):
        sheets = starter.framed_digits(shipped, i)
        assert len(sheets) == 2, shipped.families[i]
        assert looks_like_digits(sheets[0]), shipped.families[i]


def test_letters_and_signs_stand_where_a_line_needs_them() -> None:
    shipped = starter.read_fonts()
    lacking = {c: sum(shipped.ink(i, c) is None for i in range(len(shipped))) for c in "AZaz-/.,:%$()"}
    assert max(lacking.values()) < len(shipped) // 4, lacking
    font = shipped.families.index("DejaVu Serif")
    dash, one = (shipped.facts[font, shipped.characters.index(c)] for c in "-1")
    assert one[4] == -one[1]  # a 1 stands on the base line
    assert dash[4] + dash[1] < -5  # a dash floats above it


def test_installed_families_are_not_taken_twice(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = starter.read_fonts()
    kept = shipped.beside(["dejavu serif"])
    assert "DejaVu Serif" not in {shipped.families[i] for i in kept}
    assert len(kept) == len(shipped) - 1


def test_a_bare_machine_learns_many_fonts(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.loaders.font_files.font_folders", list)
    train, dev = (fonts.build(places.cache, None, split) for split in ("train", "dev"))
    assert len(set(train["families"])) >= 100
    assert len(set(dev["families"])) >= 8
    assert not set(train["families"]) & set(dev["families"])
    glyphs = font_glyphs(places.cache, "dev", limit=500)
    assert glyphs.has(0, "0123456789")


def test_the_full_set_takes_over_from_the_part(places: Places, write_mnist: object) -> None:
    entry = CATALOGUE["mnist"]
    there = entry.available(places)
    assert there.here
    assert there.partial
    assert "gnc data fetch mnist" in there.note
    assert len(entry.load_arrays("test", places)["labels"]) == 1000
    assert callable(write_mnist)
    write_mnist(places.data / "mnist")
    there = entry.available(places)
    assert there.here
    assert not there.partial
    assert len(entry.load_arrays("test", places)["labels"]) == 12


def test_balanced_takes_as_many_of_each() -> None:
    labels = np.arange(500) % 10
    chosen = balanced(labels, 7, seed=1)
    assert np.bincount(labels[chosen]).tolist() == [7] * 10
    assert len(set(chosen.tolist())) == 70
    assert balanced(labels, 7, seed=1).tolist() == chosen.tolist()
