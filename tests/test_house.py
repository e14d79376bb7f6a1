"""The shape of the house: rooms of a size that can be surveyed, each with its purpose in a sentence."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = sorted({file.parent for top in ("app", "core", "training") for file in (ROOT / top).rglob("*.py")})
TEST_FOLDERS = sorted({file.parent for file in (ROOT / "tests").rglob("*.py")})
MOST_MODULES = 24
MOST_LINES = 500


@pytest.mark.parametrize(
    "folder", [*FOLDERS, *TEST_FOLDERS], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_a_room_can_be_surveyed(folder: Path) -> None:
    modules = list(folder.glob("*.py"))
    assert len(modules) <= MOST_MODULES + 1, "besides its __init__"
    long = {file.name: n for file in modules if (n := len(file.read_text("utf-8").splitlines())) > MOST_LINES}
    assert not long, "split along what changes together"


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.relative_to(ROOT).as_posix())
def test_a_room_says_what_it_is_for(folder: Path) -> None:
    said = ast.get_docstring(ast.parse((folder / "__init__.py").read_text("utf-8")))
    assert said, "in its __init__.py"
    assert said.splitlines()[0].endswith(".")


def test_the_top_level_holds_the_five_and_no_more() -> None:
    visible = {
        path.name
        for path in ROOT.iterdir()
        if not path.name.startswith((".", "__")) and path.suffix != ".egg-info"
    }
    assert visible <= {
        "app",
        "core",
        "training",
        "tests",
        "assets",
        "pyproject.toml",
        "README.md",
        "Makefile",
        "LICENSE",
        "runs",
    }
