"""A complete training configuration, which checks itself.

Every field carries what a form needs: a label, a unit, its range, a sentence of help.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from core.recipes.augmentation import Augmentation
from core.recipes.fields import RecipeError, Setting, check_ranges, setting, setting_of
from core.recipes.scenes import Scenes
from core.recipes.source_names import source_name

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

_Config = TypeVar("_Config", bound="DataclassInstance")

SHIPPED = "shipped"
"""Where to start from: the weights in `assets/models` of the same kind."""
CALM = 0.6
"""Strength of augmentation at a calm end. Strong augmentation teaches what digits can look like; the end fits what
they mostly look like, as YOLOX does without its strongest kinds (Ge et al., 2021)."""
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
        networks=(*_CLASSIFIERS, "line"),
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
    start_share: float = setting(
        0.0,
        "Kept of the start",
        "Share of the weights it starts from in the averaged ones that are measured and shipped: less is forgotten.",
        low=0,
        high=0.9,
    )
    frozen_stages: int = setting(
        0,
        "Frozen stages",
        "The first so many stages keep the weights they start from: less is forgotten, and training is quicker.",
        low=0,
        high=2,
        networks=("general",),
    )
    keep_settings: bool = setting(
        False,
        "Keep how it is read",
        "What the three networks say is weighed as in the model it starts from, instead of being measured anew.",
        networks=("detector", "line"),
    )
    test_images: int = setting(
        0,
        "Images in the test",
        "At most so many of each set are read in the test phase, evenly from all of it; 0: all.",
        low=0,
        high=1_000_000,
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
        "Labelled digits of your own (a folder with one subfolder per digit, …), for the source “folder”.",
        networks=_CLASSIFIERS,
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

    def augmentation_at(self, epoch: int) -> Augmentation:
        """How an epoch (from 0) augments: weaker in the last ones, where there is a calm end."""
        strength = self.strength_at(epoch)
        return self.augmentation if strength == 1 else self.augmentation.calmer(strength)

    def strength_at(self, epoch: int) -> float:
        """How strongly an epoch (from 0) augments, 0 to 1."""
        return CALM if epoch >= round(self.epochs * (1 - self.calm_end)) else 1.0

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
        # An old name and the new one may both be there: the later value is the one that was set last.
        shares = {source_name(str(k)): _number(v, f"sources.{k}") for k, v in sources.items()}
        return _typed(cls, values | {"augmentation": augmentation, "scenes": scenes, "sources": shares}, "")

    def flat(self) -> dict[str, Any]:
        """Every value by its dotted name: `epochs`, `sources.mnist`, `augmentation.rotate`."""
        found: dict[str, Any] = {}
        for name, value in self.to_dict().items():
            if name in _GROUPS:
                found |= {f"{name}.{inner}": v for inner, v in value.items()}
            else:
                found[name] = value
        return found

    @classmethod
    def from_flat(cls, values: Mapping[str, Any]) -> Recipe:
        """The recipe of `flat`; values may be strings. Raises RecipeError as `from_dict` does."""
        nested: dict[str, Any] = {}
        for name, value in values.items():
            group, _, last = name.rpartition(".")
            if group and group not in _GROUPS:
                raise RecipeError(name, "there is no such field.")
            if name in _GROUPS:
                raise RecipeError(name, f"is a table of values; set one of them, such as {_GROUPS[name]}.")
            (nested.setdefault(group, {}) if group else nested)[last] = value
        return cls.from_dict(nested)

    def value(self, name: str) -> Any:
        """One value by its dotted name; the share of a source that is not in the mixture is 0."""
        group, _, last = name.rpartition(".")
        if group == "sources":
            return self.sources.get(source_name(last), 0.0)
        return getattr(getattr(self, group) if group else self, last)

    def with_values(self, changes: Mapping[str, Any]) -> Recipe:
        """A copy with dotted names changed, as `--set augmentation.rotate=20` and the form do.

        Values may be strings. Raises RecipeError for names that do not exist and for bad values.
        """
        return Recipe.from_flat(self.flat() | dict(changes))

    def changes_from(self, base: Recipe) -> dict[str, Any]:
        """Dotted name → this recipe's value, where it differs from the base's; `base.with_values` of it is this one.

        Values that mean nothing to the network are left out.
        """
        sources = dict.fromkeys(f"sources.{name}" for name in (*self.sources, *base.sources))
        names = [*sources, *(name for name, _, _ in recipe_settings())]
        return {
            name: self.value(name)
            for name in names
            if self.value(name) != base.value(name) and fits_network(name, self.network)
        }


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
    for name in ("data_folder", "start_from", "teacher"):
        value = getattr(recipe, name)
        if value and value != SHIPPED:
            values[name] = str(Path(value).expanduser().absolute())
    return recipe.with_values(values) if values else recipe


_GROUPS = {"sources": "sources.mnist", "augmentation": "augmentation.rotate", "scenes": "scenes.tilt"}
"""The tables in a recipe, with the name of a value of each."""


def recipe_settings() -> Iterator[tuple[str, Setting, Any]]:
    """Every field a form shows, but for the sources: its dotted name, its description and its default."""
    for prefix, config in (("", Recipe), ("augmentation.", Augmentation), ("scenes.", Scenes)):
        for f in dataclasses.fields(config):
            found = setting_of(f)
            if found is not None:
                yield prefix + f.name, found, f.default


def fits_network(name: str, network: str) -> bool:
    """Whether the value of this dotted name means something to the network."""
    group = name.partition(".")[0]
    if group in _NETWORKS_OF_GROUPS:
        return network in _NETWORKS_OF_GROUPS[group]
    known = {field_name: found for field_name, found, _ in recipe_settings()}.get(name)
    return known is None or not known.networks or network in known.networks


_NETWORKS_OF_GROUPS = {"augmentation": _CLASSIFIERS, "scenes": ("detector",)}


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


def _typed(cls: type[_Config], values: Any, prefix: str) -> _Config:
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
