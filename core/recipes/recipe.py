"""The named recipes: complete training configurations. No torch, no Qt.

Every field carries what a form needs: a label, a unit, its range, a sentence of help.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, get_type_hints

from core.recipes.augmentation import Augmentation
from core.recipes.fields import RecipeError, Setting, check_ranges, setting, setting_of
from core.recipes.scenes import Scenes

__all__ = [
    "OWN_FOLDER", "RECIPES", "Augmentation", "Recipe", "RecipeError", "Scenes", "Setting", "parse_recipe",
    "ready_to_run", "recipe_named", "setting_of", "share_of_own", "with_absolute_paths",
]  # fmt: skip


SHIPPED = "shipped"
"""Where to start from: the weights in `assets/models` of the same kind."""
_CLASSIFIERS = ("seed", "general")


@dataclass(frozen=True)
class Recipe:
    """One complete training configuration; enough, with the data and the code's revision, to repeat a run."""

    name: str
    summary: str
    network: str = setting(
        "general", "Network", "Which network is trained.", choices=("seed", "general", "detector", "line")
    )
    sources: Mapping[str, float] = field(default_factory=dict)
    """Share of each source in the mixture, relative to the others. An absent source is left out."""
    augmentation: Augmentation = field(default_factory=Augmentation)
    """Of single digits; the detector has scenes instead."""
    scenes: Scenes = field(default_factory=Scenes)
    """Made number photos, for the network “detector” alone."""
    epochs: int = setting(
        10, "Epochs", "How many times the dev cost is measured and the state is saved.", low=1, high=10_000
    )
    images_per_epoch: int = setting(
        0,
        "Images per epoch",
        "How many images are drawn from the mixture each epoch; 0: as many as there are.",
        low=0,
        high=100_000_000,
    )
    batch_size: int = setting(
        256, "Batch size", "Images per step, over all processes.", unit="images", low=2, high=65_536
    )
    optimizer: str = setting(
        "adamw",
        "Optimiser",
        "Adam adds L2 to the cost, as the seed did; AdamW decays weights; Muon turns each kernel's step "
        "orthogonal and needs fewer images.",
        choices=("adam", "adamw", "muon"),
    )
    learning_rate: float = setting(
        2e-3, "Learning rate", "The largest step size of the optimiser.", low=1e-7, high=1
    )
    schedule: str = setting(
        "cosine",
        "Schedule",
        "Constant, or a short rise and then a cosine down to nothing.",
        choices=("constant", "cosine"),
    )
    warmup: float = setting(
        0.05, "Warm-up", "Share of all steps in which the learning rate rises.", low=0, high=0.5
    )
    l2: float = setting(0.01, "L2", "Weight decay (AdamW) or L2 penalty (Adam).", low=0, high=1)
    dropout: float = setting(
        0.0, "Dropout", "Share of features dropped before each vote.", low=0, high=0.9, networks=_CLASSIFIERS
    )
    label_smoothing: float = setting(
        0.0,
        "Label smoothing",
        "Share of certainty taken from the right digit.",
        low=0,
        high=0.5,
        networks=_CLASSIFIERS,
    )
    vote_cost: float = setting(
        0.0,
        "Cost of votes",
        "Weight of each stage's own cost beside the combined one.",
        low=0,
        high=1,
        networks=_CLASSIFIERS,
    )
    ema: float = setting(
        0.0,
        "Averaging",
        "Decay of the moving average of weights that is measured and shipped; 0: off.",
        low=0,
        high=0.99999,
    )
    calm_end: float = setting(
        0.0,
        "Calm end",
        "Share of the epochs, the last ones, in which augmentation is weaker: digits closer to real ones.",
        low=0,
        high=1,
        networks=_CLASSIFIERS,
    )
    random_splits: bool = setting(
        False,
        "Random splits",
        "20% test, 20% of the rest dev, instead of the sources' own splits.",
        networks=_CLASSIFIERS,
    )
    start_from: str = setting(
        "", "Start from", "A model (.pt) whose weights are the start; empty: random weights."
    )
    teacher: str = setting(
        "",
        "Teacher",
        "A model (.pt) of the same kind of network, whose answers are learned beside the labels; empty: none.",
        networks=_CLASSIFIERS,
    )
    teacher_weight: float = setting(
        0.7,
        "Weight of the teacher",
        "How much its answers count; the labels count for the rest.",
        low=0,
        high=1,
        networks=_CLASSIFIERS,
    )
    data_folder: str = setting(
        "",
        "Folder",
        "Labelled digits of your own (a folder with a sub-folder a digit, …), for the source “folder”.",
    )
    precision: str = setting(
        "auto",
        "Number format",
        "auto chooses what pays on the device.",
        choices=("auto", "float32", "bfloat16", "float16"),
    )
    seed: int = setting(
        1, "Seed", "Start of the random numbers: the same seed gives the same run.", low=0, high=2**31 - 1
    )

    def __post_init__(self) -> None:
        if not self.name:
            raise RecipeError("name", "is empty.")
        check_ranges(self)
        if not self.sources:
            raise RecipeError("sources", "is empty: name at least one source and its share.")
        for source, share in self.sources.items():
            if not 0 <= share <= 1000:
                raise RecipeError(f"sources.{source}", f"{share:g} is not a share between 0 and 1000.")
        if sum(self.sources.values()) <= 0:
            raise RecipeError("sources", "every share is 0: give at least one source a share.")

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dataclasses.asdict(self) | {"sources": dict(self.sources)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Recipe:
        """The recipe of `to_dict`. Raises RecipeError for unknown fields, wrong types and bad values."""
        values = dict(values)
        augmentation = _typed(Augmentation, values.pop("augmentation", {}), "augmentation.")
        scenes = _typed(Scenes, values.pop("scenes", {}), "scenes.")
        sources = values.pop("sources", {})
        if not isinstance(sources, Mapping):
            raise RecipeError("sources", "is not a table of shares.")
        shares = {str(k): _number(v, f"sources.{k}") for k, v in sources.items()}
        return _typed(cls, values | {"augmentation": augmentation, "scenes": scenes, "sources": shares}, "")

    def with_values(self, changes: Mapping[str, Any]) -> Recipe:
        """A copy with dotted names changed, as `--set augmentation.rotate=20` and the form do.

        Values may be strings. Raises RecipeError for names that do not exist and for bad values.
        """
        values = self.to_dict()
        for name, value in changes.items():
            place = values
            *groups, last = name.split(".")
            for group in groups:
                if not isinstance(place.get(group), dict):
                    raise RecipeError(name, "there is no such field.")
                place = place[group]
            if last not in place and groups != ["sources"]:
                raise RecipeError(name, "there is no such field.")
            place[last] = value
        return Recipe.from_dict(values)


OWN_FOLDER = "folder"
"""The source of one's own digits, which `Recipe.data_folder` names."""


def share_of_own(shares: Mapping[str, float]) -> float:
    """What a folder of one's own counts as soon as it is named: as much as the largest of the other sources."""
    return max((share for name, share in shares.items() if name != OWN_FOLDER), default=1.0) or 1.0


def ready_to_run(recipe: Recipe) -> Recipe:
    """The recipe of a new run: its paths absolute; a named folder of one's own that has no share gets one."""
    recipe = with_absolute_paths(recipe)
    if recipe.data_folder and OWN_FOLDER not in recipe.sources and recipe.network in _CLASSIFIERS:
        return recipe.with_values({f"sources.{OWN_FOLDER}": share_of_own(recipe.sources)})
    return recipe


def with_absolute_paths(recipe: Recipe) -> Recipe:
    """The recipe with its paths absolute, so that a run goes on from wherever it is resumed."""
    values: dict[str, Any] = {}
    for name in ("data_folder", "start_from"):
        value = getattr(recipe, name)
        if value and value != SHIPPED:
            values[name] = str(Path(value).expanduser().absolute())
    return recipe.with_values(values) if values else recipe


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool):
        raise RecipeError(name, f"“{value}” is not a number.")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise RecipeError(name, f"“{value}” is not a number.") from None


_HINTS: dict[type[Any], dict[str, Any]] = {}


def _hints(cls: type[Any]) -> dict[str, Any]:
    """The types of a config's fields; finding them out takes milliseconds, and forms ask with every key."""
    if cls not in _HINTS:
        _HINTS[cls] = get_type_hints(cls)
    return _HINTS[cls]


def _typed(cls: type[Any], values: Any, prefix: str) -> Any:
    """An instance of the dataclass `cls`, strings turned into what the fields want."""
    if not isinstance(values, Mapping):
        if isinstance(values, cls):
            return values
        raise RecipeError(prefix.rstrip("."), "is not a table of values.")
    hints = _hints(cls)
    known = {f.name for f in dataclasses.fields(cls)}
    converted = {}
    for key, value in values.items():
        name = prefix + key
        if key not in known:
            raise RecipeError(name, "there is no such field.")
        wanted = hints[key]
        if wanted is float:
            value = _number(value, name)
        elif wanted is int:
            as_float = _number(value, name)
            if as_float % 1 != 0:  # also true of infinity and NaN, which int() refuses
                raise RecipeError(name, f"“{value}” is not a whole number.")
            value = int(as_float)
        elif wanted is bool and not isinstance(value, bool):
            text = str(value).lower()
            if text not in ("true", "false", "1", "0", "yes", "no", "on", "off"):
                raise RecipeError(name, f"“{value}” is neither true nor false.")
            value = text in ("true", "1", "yes", "on")
        elif wanted is str:
            value = str(value)
        converted[key] = value
    missing = {
        f.name
        for f in dataclasses.fields(cls)
        if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
    } - set(converted)
    if missing:
        raise RecipeError(prefix + sorted(missing)[0], "is missing.")
    return cls(**converted)


def parse_recipe(text: str) -> Recipe:
    """The recipe of a `recipe.json`. Raises RecipeError."""
    try:
        values = json.loads(text)
    except ValueError:
        raise RecipeError("recipe", "the file is damaged: it is not JSON.") from None
    if not isinstance(values, dict):
        raise RecipeError("recipe", "the file holds no table of values.")
    return Recipe.from_dict(values)


_SEED_AUGMENTATION = Augmentation(
    rotate=30,
    zoom_min=0.7,
    zoom_max=1.2,
    move=0.1,
    background_simple=1,
    background_pretty=1,
    background_noisy=1,
    background_figure=1,
    invert=0.5,
    contrast_min=0.3,
)

_GENERAL_AUGMENTATION = Augmentation(
    rotate=22,
    zoom_min=0.55,
    zoom_max=1.25,
    stretch=0.25,
    move=0.12,
    shear=14,
    perspective=0.15,
    elastic=0.035,
    thickness=0.35,
    outline=0.15,
    shadow=0.15,
    neighbours=0.3,
    background_simple=3,
    background_pretty=1.5,
    background_noisy=1,
    background_figure=1,
    background_photo=3,
    plain=0.25,
    invert=0.5,
    contrast_min=0.12,
    counterchange=0.05,
    lighting=0.4,
    blur=1.2,
    motion_blur=0.08,
    scatter=0.03,
    noise=0.08,
    low_resolution=0.15,
    occlusion=0.12,
)

_LINE_SOURCES = {
    "wagon-numbers": 0.09,
    "cheques": 0.08,
    "iiit5k-numbers": 0.03,
    "iiit5k-words": 0.05,
    "icdar2015-numbers": 0.045,
    "speed-limit-signs": 0.02,
    "jersey-numbers": 0.07,
    "lcd-meters": 0.03,
    "svhn-numbers": 0.1,
    "svhn": 0.03,
    "line-fonts": 0.22,
    "line-pens": 0.09,
    "line-painted": 0.025,
    "line-segments": 0.07,
    "line-dots": 0.02,
    "line-counters": 0.05,
    "line-empty": 0.02,
}

RECIPES: dict[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe(
            name="general",
            summary="The shipped classifier: every kind of digit, strong augmentation.",
            network="general",
            sources={
                "mnist": 0.18,
                "strokes": 0.12,
                "crohme": 0.1,
                "cvl": 0.06,
                "dida": 0.06,
                "fonts": 0.18,
                "svhn": 0.03,
                "svhn-numbers": 0.12,
                "made-photos": 0.08,
                "meter": 0.02,
                "meter-tenths": 0.04,
                "nothing": 0.1,
            },
            augmentation=_GENERAL_AUGMENTATION,
            epochs=35,
            images_per_epoch=100_000,
            batch_size=128,
            optimizer="muon",
            learning_rate=4e-3,
            l2=0.1,
            dropout=0.1,
            label_smoothing=0.02,
            vote_cost=0.2,
            ema=0.999,
            calm_end=0.25,
        ),
        Recipe(
            name="quick",
            summary="A usable model in a few minutes, to see how training goes.",
            network="general",
            sources={"mnist": 0.35, "strokes": 0.2, "fonts": 0.3, "svhn": 0.05, "nothing": 0.1},
            augmentation=dataclasses.replace(
                _GENERAL_AUGMENTATION,
                rotate=12,
                zoom_min=0.7,
                perspective=0.0,
                contrast_min=0.3,
                counterchange=0.0,
                occlusion=0.0,
                motion_blur=0.0,
                scatter=0.0,
                plain=0.4,
            ),
            epochs=12,
            images_per_epoch=4_000,
            batch_size=128,
            optimizer="muon",
            learning_rate=4e-3,
            l2=0.1,
            vote_cost=0.2,
            ema=0.99,
        ),
        Recipe(
            name="seed",
            summary="The student's network this program grew from, trained its way.",
            network="seed",
            sources={
                "mnist": 0.24,
                "strokes": 0.16,
                "fonts": 0.28,
                "svhn": 0.04,
                "svhn-numbers": 0.14,
                "meter": 0.04,
            },
            augmentation=_SEED_AUGMENTATION,
            epochs=100,
            batch_size=32,
            optimizer="adam",
            learning_rate=9e-4,
            schedule="constant",
            l2=5e-5,
            dropout=0.5,
            random_splits=True,
        ),
        Recipe(
            name="finetune",
            summary="Learns your own corrections on top of a model, and rehearses what that model knew.",
            network="general",
            sources={"mine": 0.3, "mnist": 0.2, "strokes": 0.15, "fonts": 0.2, "svhn": 0.05, "nothing": 0.1},
            augmentation=_GENERAL_AUGMENTATION,
            epochs=4,
            images_per_epoch=10_000,
            batch_size=128,
            optimizer="adamw",
            learning_rate=1e-4,
            l2=0.01,
            vote_cost=0.2,
            ema=0.99,
            calm_end=0.5,
            start_from=SHIPPED,
        ),
        Recipe(
            name="detector",
            summary="The shipped detector: finds digits in whole photos and says which they are.",
            network="detector",
            sources={
                "scenes": 0.42,
                "svhn": 0.08,
                "svhn-numbers": 0.2,
                "meter": 0.03,
                "wagon-numbers": 0.06,
                "cheques": 0.06,
                "iiit5k-numbers": 0.02,
                "lcd-meters": 0.05,
                "words": 0.04,
                "no-numbers": 0.04,
            },
            epochs=30,
            images_per_epoch=10_000,
            batch_size=32,
            optimizer="muon",
            learning_rate=4e-3,
            l2=0.1,
            warmup=0.03,
            ema=0.999,
        ),
        Recipe(
            name="line",
            summary="The shipped line reader: reads a row of characters as a sequence.",
            network="line",
            sources=_LINE_SOURCES,
            epochs=26,
            images_per_epoch=80_000,
            batch_size=128,
            optimizer="muon",
            learning_rate=4e-3,
            l2=0.05,
            warmup=0.03,
            ema=0.999,
        ),
        Recipe(
            name="finetune-line",
            summary="Goes on with a line reader at a low learning rate.",
            network="line",
            sources=_LINE_SOURCES,
            epochs=5,
            images_per_epoch=40_000,
            batch_size=128,
            optimizer="adamw",
            learning_rate=4e-4,
            l2=0.02,
            ema=0.998,
            start_from=SHIPPED,
        ),
    )
}


def recipe_named(name: str) -> Recipe:
    """Raises RecipeError, naming those there are, where there is none of this name."""
    if name not in RECIPES:
        raise RecipeError("recipe", f"there is no recipe “{name}”; there are {', '.join(RECIPES)}.")
    return RECIPES[name]
