"""The sections of a model's card, each from data."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.datasets.catalog import CATALOGUE
from core.datasets.feeds import Use, allowed_use, strictest_use
from core.evaluation.all_sets import SetResult
from core.evaluation.test_file import RowsFound, TestReport
from core.recipes.recipe import RECIPES, SHIPPED, Recipe
from core.recipes.source_names import source_name
from core.tools.card_kinds import (
    FIGURES_TABLES,
    HUB_NAMES,
    MEASURED_OF,
    USES,
    CardKind,
    interval_of,
    percent,
    right_of,
)
from core.tools.front_matter import front_matter
from core.train.about import About

FONTS_FILE = "fonts.txt"
"""Beside the cards: the families of fonts that the shipped models learned from."""


@dataclass(frozen=True)
class Section:
    """A heading, and the paragraphs, tables and indented commands below it."""

    heading: str
    blocks: tuple[str, ...]

    def text(self) -> str:
        return "\n\n".join((f"## {self.heading}", *self.blocks))


@dataclass(frozen=True)
class Training:
    """What is known of a run from its events. device: with its number format."""

    parameters: int
    device: str
    best_epoch: int
    epochs: int
    best_dev_cost: float
    seconds: float


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def card_text(matter: str, title: str, lead: Sequence[str], sections: Sequence[Section]) -> str:
    """A whole card. matter: the front matter."""
    return matter + "\n\n".join((f"# {title}", *lead, *(s.text() for s in sections))) + "\n"


def lead(kind: CardKind, about: About, training: Training, size: int) -> list[str]:
    """The first paragraphs: the kind of model, and how it was made. size: of the file, bytes."""
    return [
        kind.what,
        f"Network `{about.network}`, {training.parameters:,} parameters, {size:,} bytes as float32 ONNX. Trained on "
        f"{about.date} from revision `{about.revision or 'unknown'}` (`+`: with changes that were not committed yet), "
        f"seed {about.seed}, on {training.device}: {about.images:,} {kind.images} up to epoch {training.best_epoch} of "
        f"{training.epochs}, {training.seconds / 60:,.0f} minutes. The lowest dev cost ({training.best_dev_cost:.4f}) "
        f"chose the weights. Confidences are calibrated (temperature {about.temperature:.2f}).",
    ]


def figures_section(
    kind: CardKind, results: Sequence[SetResult], sources: Iterable[str], *, model: str, measured: str
) -> Section:
    """Tables of what was measured. sources: it was trained on. measured: when, and at which revision."""
    known = {source_name(name) for name in sources}
    blocks = []
    for spec in FIGURES_TABLES:
        rows = [
            [*(column.cell(result) for column in spec.columns), _seen(result.name, known)]
            for result in results
            if result.kind in spec.kinds
        ]
        if rows:
            heads = [*(column.head for column in spec.columns), "of this set it learned from"]
            blocks += [f"**{spec.title}.** {spec.note}", table(heads, rows)]
    commands = [*kind.commands, "python -m core.tools.card {model}        (all of them, into this card)"]
    blocks += [
        f"n is the number of images; intervals are Wilson's. Measured {measured}. The same figures come from",
        "\n".join("    " + command.format(model=model) for command in commands),
    ]
    return Section("Figures", tuple(blocks))


def _seen(name: str, sources: set[str]) -> str:
    return "its training part" if sources.intersection(MEASURED_OF.get(name, (name,))) else "nothing"


def rows_section(report: TestReport) -> Section:
    """A line reader's own test phase: rows cut out as live reading cuts them, read by it alone."""
    rows = []
    for source in report.sources:
        found = source.found
        assert isinstance(found, RowsFound)
        low, high = found.interval95
        written = "–" if found.written is None else percent(found.written / found.n)
        rows.append([
            source.name, percent(found.accuracy), f"{percent(low)} to {percent(high)}", f"{found.n:,}", written,
            f"{found.ece:.3f}",
        ])  # fmt: skip
    heads = ("rows of", "all digits right", "95% interval", "n", "every character right", "calibration error")
    note = "By the line reader alone, on rows cut at their labelled boxes; the middle of the image where it has none."
    return Section("Rows alone", (note, table(heads, rows)))


def data_section(kind: CardKind, about: About, recipe: Recipe) -> Section:
    """What it learned from, and on what terms each set is given."""
    total = sum(recipe.value(f"sources.{name}") for name in about.sources) or 1.0
    rows = []
    for name, count in about.sources.items():
        today = source_name(name)
        entry = CATALOGUE.get(today)
        title = (
            f"[{entry.title}]({entry.address})" if entry and entry.address else entry.title if entry else ""
        )
        terms = entry.terms if entry else "not known"
        share = recipe.value(f"sources.{name}") / total
        rows.append([f"`{today}`", title, f"{count:,}", f"{share:.0%}", terms])
    return Section("Data", (table(("source", "", kind.each, "share", "terms"), rows),))


def terms_section(sources: Sequence[str], recipe: str) -> Section:
    """What the weights may be used for, as far as the terms of their data say."""
    names = {use: [f"`{source_name(n)}`" for n in sources if allowed_use(n) is use] for use in Use}
    blocks = [
        "The program, its code and this card have the MIT licence. The weights learned from the sets above."
    ]
    if names[Use.RESEARCH]:
        blocks.append(f"For {Use.RESEARCH}: {', '.join(names[Use.RESEARCH])}.")
    if names[Use.UNSTATED]:
        blocks.append(f"Sets without stated terms: {', '.join(names[Use.UNSTATED])}.")
    use = strictest_use(sources)
    if use is Use.ANY:
        blocks.append(
            "The terms of all of these sets allow any use that names them; so may the weights be used."
        )
    else:
        restricted = [n for n in sources if allowed_use(n) not in (Use.ANY, None)]
        options = " ".join(f"--set sources.{source_name(n)}=0" for n in restricted)
        blocks += [
            "So the weights are for research and other non-commercial use. For another use train without these sets:",
            f"    gnc train --recipe {recipe} {options}",
        ]
    return Section("What it may be used for", tuple(blocks))


def again_section(about: About, recipe: Recipe, model: str) -> Section:
    """How to train it again."""
    base = RECIPES.get(recipe.name)
    changes = recipe.changes_from(base) if base is not None else recipe.flat()
    options = [
        f"--set {shlex.quote(f'{name}={value}') if ' ' in str(value) else f'{name}={value}'}"
        for name, value in changes.items()
    ]
    blocks = [
        "\n".join(
            (
                "    "
                + " ".join(["gnc train --recipe", recipe.name, *options, "--data-dir DATA --out RUNS"]),
                "    gnc export RUNS/NAME --out model.onnx",
            )
        ),
        "With the code of that revision: recipes, augmentation and made data change.",
    ]
    if recipe.start_from == SHIPPED:
        revision = about.revision.rstrip("+") or "REVISION"
        blocks.append(
            f"It started from the model that was shipped at that revision; the card of that one: `git show "
            f"{revision}:{model.removesuffix('.onnx')}.md`."
        )
    return Section("Train it again", tuple(blocks))


def remarks_section(kind: CardKind, remarks: Sequence[str], fonts: int) -> Section:
    """What a reader must know besides. fonts: families that made data was written with, 0 where none were."""
    blocks = [*remarks, *kind.notes]
    if fonts:
        blocks.append(
            f"{fonts:,} installed families of fonts gave characters, a tenth was kept out: `{FONTS_FILE}`."
        )
    return Section("Remarks", tuple(blocks))


def matter_of(
    kind: CardKind, name: str, sources: Iterable[str], figures: Sequence[tuple[str, str, Mapping[str, Any]]]
) -> str:
    """The front matter. figures: name, title and values of each measured set."""
    sources = [source_name(source) for source in sources]
    licence, own_name = USES[strictest_use(sources)]
    values: dict[str, Any] = {"license": licence}
    if own_name:
        values["license_name"] = own_name
    values |= {
        "library_name": "onnx",
        "pipeline_tag": kind.task,
        "tags": list(kind.tags),
        "datasets": list(dict.fromkeys(HUB_NAMES[source] for source in sources if source in HUB_NAMES)),
        "metrics": ["accuracy"],
        "model-index": [{"name": f"gnc-{name}", "results": [_hub_result(kind, *one) for one in figures]}],
    }
    return front_matter({key: value for key, value in values.items() if value != []})


def _hub_result(kind: CardKind, name: str, title: str, values: Mapping[str, Any]) -> dict[str, Any]:
    low, high = values["interval95"]
    metric = {
        "type": "accuracy", "value": values["accuracy"], "name": f"accuracy, n = {values['n']:,}",
        "args": {"n": values["n"], "interval95": [low, high]},
    }  # fmt: skip
    return {
        "task": {"type": kind.task},
        "dataset": {"type": HUB_NAMES.get(MEASURED_OF.get(name, (name,))[0], name), "name": title},
        "metrics": [metric],
    }


def figures_of(results: Sequence[SetResult]) -> dict[str, dict[str, Any]]:
    """The figures as the model file and programs get them."""
    found: dict[str, dict[str, Any]] = {}
    for result in results:
        plain = result.found.to_dict()
        found[result.name] = {
            "n": plain["n"],
            "accuracy": round(right_of(result), 5),
            "interval95": [round(value, 5) for value in interval_of(result)],
        }
        for key in ("false_numbers", "detection_f1", "reported_f1"):
            if key in plain:
                found[result.name][key] = plain[key]
    return found
