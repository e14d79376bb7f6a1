"""Which sources a network can learn from, and what may be done with what learned from them."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.errors import DataError
from core.base.paths import Places
from core.datasets.catalog import CATALOGUE, entry_named
from core.datasets.feeds import Use, allowed_use, networks_of, sources_of, strictest_use
from core.recipes.recipe import RECIPES
from core.train.samples import SOURCES, source_named


@pytest.mark.parametrize("name", RECIPES)
def test_every_source_of_every_recipe_is_in_the_catalogue_and_fits(name: str) -> None:
    recipe = RECIPES[name]
    for source in recipe.sources:
        assert source in CATALOGUE
        assert recipe.network in networks_of(source)


def test_every_source_says_what_it_is() -> None:
    for network in ("general", "detector", "line"):
        for name in sources_of(network):
            entry = CATALOGUE[name]
            assert entry.title
            assert entry.terms
            assert entry.absent or entry.made_of


def test_rows_and_scenes_are_no_single_digits() -> None:
    assert "cheques" not in SOURCES
    assert list(SOURCES) == list(sources_of("general"))
    with pytest.raises(DataError, match="whole rows or scenes"):
        source_named("cheques")
    with pytest.raises(DataError, match="whole rows or scenes"):
        entry_named("scenes").load_arrays("train", Places.find())


def test_old_names_find_their_entries() -> None:
    assert entry_named("nothing").name == "non-digits"
    assert entry_named("mine").name == "corrections"


def test_a_set_of_photos_is_here_where_its_folder_is(tmp_path: Path) -> None:
    places = Places.find(home=tmp_path / "home", data_dir=tmp_path)
    cheques = entry_named("cheques")
    found = cheques.available(places)
    assert not found.here
    assert "orand_car" in found.note
    (tmp_path / "orand_car").mkdir()
    found = cheques.available(places)
    assert found.here
    assert found.counts == {"train": 965, "dev": 115}
    assert not found.exact


def test_the_strictest_terms_decide() -> None:
    assert strictest_use(["mnist", "line-dots"]) is Use.ANY
    assert strictest_use(["mnist", "lcd-meters"]) is Use.UNSTATED
    assert strictest_use(["mnist", "lcd-meters", "svhn"]) is Use.RESEARCH
    assert strictest_use(["mnist", "mine"]) is Use.ANY
    assert allowed_use("corrections") is None
    assert allowed_use("somebody's") is Use.UNSTATED
