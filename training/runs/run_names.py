"""The titles of runs: a name that a person gave, or what differs from the recipe."""

from __future__ import annotations

from pathlib import Path

from core.base.files import write_text
from core.recipes.recipe import RECIPES, Recipe
from training.runs.recipe_values import differing, label_of, value_text

NAME = "name.txt"
LONGEST = 60
_MOST_DIFFERENCES = 2


def read_name(run: Path) -> str:
    """The name that a person gave a run; "" if it has none."""
    try:
        text = (run / NAME).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return cleaned(text)


def write_name(run: Path, name: str) -> None:
    """Keep the name of a run, beside its recipe; an empty one takes it away. Raises OSError."""
    name = cleaned(name)
    if not name:
        (run / NAME).unlink(missing_ok=True)
        return
    write_text(run / NAME, name)


def cleaned(name: str) -> str:
    """On one line, and not longer than a list can show."""
    return " ".join(name.split())[:LONGEST].strip()


def run_title(path: Path, recipe: Recipe | None, name: str = "") -> str:
    """“my own”, “quick”, “quick, dropout 0.5”, “quick, dropout 0.5, +2 more”."""
    if name:
        return name
    if recipe is None:
        return path.name.split("-")[0]
    return ", ".join([recipe.name, *_differences(recipe)])


def _differences(recipe: Recipe) -> list[str]:
    base = RECIPES.get(recipe.name)
    if base is None:
        return []
    # Another seed is another throw of the dice, not another recipe: it is named where nothing else differs.
    names = differing(base, recipe)
    names = [name for name in names if name != "seed"] or names
    # A narrow list cuts the end off; how long a run trains tells least, and stands beside it anyway.
    names.sort(key=lambda name: name == "epochs")
    differences = [
        f"{_lowered(label_of(name))} {value_text(recipe, name)}" for name in names[:_MOST_DIFFERENCES]
    ]
    rest = len(names) - len(differences)
    return [*differences, f"+{rest} more"] if rest else differences


def _lowered(label: str) -> str:
    """“Dropout” inside of a sentence; “EMA” and “L2” stay."""
    return label if label[:2].isupper() or label[1:2].isdigit() else label[:1].lower() + label[1:]
