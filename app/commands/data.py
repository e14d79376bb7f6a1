"""`gnc data list | fetch | prepare | import | preview | bake`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from core.base.errors import InputError

if TYPE_CHECKING:
    from core.base.paths import Places
    from core.recipes.recipe import Recipe


_LOWEST_PRIORITY = 19
"""Of work in the background: a training run that has to share its cores with any other is many times slower."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The sub-commands and their options."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    lister = actions.add_parser("list", help="show which data sets there are, and which are here")
    lister.add_argument("--json", action="store_true", help="one JSON object a line")
    fetcher = actions.add_parser("fetch", help="download data sets from their official addresses")
    fetcher.add_argument("sources", nargs="+", metavar="SOURCE", help="mnist, svhn")
    fetcher.add_argument("--json", action="store_true", help="progress as one JSON object a line")
    preparer = actions.add_parser(
        "prepare", help="get data sets ready for training, so that no run waits for it"
    )
    preparer.add_argument(
        "sources", nargs="+", metavar="SOURCE", help="of the list; several may do this at once"
    )
    preparer.add_argument("--background", action="store_true", help="let other programs go first")
    preview = actions.add_parser("preview", help="write a labelled contact sheet")
    preview.add_argument("source", nargs="?", default="all", metavar="SOURCE", help="one of the list")
    preview.add_argument("--recipe", metavar="R", help="show what this recipe feeds the network")
    preview.add_argument("--out", type=Path, required=True, metavar="SHEET.png")
    preview.add_argument("--count", type=_count(1, 10_000), default=128, metavar="N", help="images (128)")
    preview.add_argument("--split", choices=("train", "dev", "test"), default="train")
    importer = actions.add_parser(
        "import", help="copy labelled digits of your own into the data folder, or say what was found"
    )
    importer.add_argument(
        "source", type=Path, metavar="SRC", help="a folder, .npz, .csv, .json or .yaml file"
    )
    importer.add_argument("--name", metavar="NAME", help="of the set (that of SRC)")
    importer.add_argument("--look", action="store_true", help="only say what is found; copy nothing")
    importer.add_argument("--json", action="store_true", help="one JSON object, nothing else")
    baker = actions.add_parser("bake", help="write what a recipe feeds the network to disk, as .npz files")
    baker.add_argument("--recipe", required=True, metavar="R")
    baker.add_argument(
        "--count", type=_count(1, 100_000_000), default=500_000, metavar="N", help="images (500,000)"
    )
    baker.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    for sub in (preview, baker):
        sub.add_argument("--seed", type=_count(0, 2**31 - 1), default=1, help="of the random numbers (1)")
    for sub in (lister, preview, baker):
        sub.add_argument("--folder", type=Path, metavar="DIR", help="where the source “folder” is")
    for sub in (lister, fetcher, preparer, preview, importer, baker):
        sub.add_argument("--data-dir", type=Path, metavar="DIR", help="where the data sets are")


def _count(low: int, high: int) -> type[int]:
    def convert(text: str) -> int:
        try:
            value = int(text.replace(",", "").replace("_", ""))
        except ValueError:
            raise argparse.ArgumentTypeError(f"“{text}” is not a whole number") from None
        if not low <= value <= high:
            raise argparse.ArgumentTypeError(f"{text} is not between {low:,} and {high:,}")
        return value

    return convert  # type: ignore[return-value]


def run(args: argparse.Namespace) -> int:
    """Carry out one action. Raises InputError and FailureError."""
    from core.base.paths import Places

    places = Places.find(data_dir=args.data_dir)
    actions = {
        "list": _list, "fetch": _fetch, "prepare": _prepare, "import": _import, "preview": _preview, "bake": _bake,
    }  # fmt: skip
    return actions[args.action](args, places)


def _list(args: argparse.Namespace, places: Places) -> int:
    from core.datasets.catalog import CATALOGUE
    from core.datasets.feeds import networks_of

    for entry in CATALOGUE.values():
        found = entry.available(places, args.folder)
        if args.json:
            facts = {
                "name": entry.name, "title": entry.title, "here": found.here, "note": found.note,
                "counts": dict(found.counts), "counted": found.exact, "splits": list(entry.splits),
                "terms": entry.terms, "address": entry.address, "fetchable": entry.fetchable,
                "partial": found.partial, "remarks": list(found.remarks),
                "networks": networks_of(entry.name),
                "choices": list(found.choices),
            }  # fmt: skip
            print(json.dumps(facts, ensure_ascii=False))
            continue
        about = "" if found.exact else "about "
        counts = " · ".join(f"{about}{n:,} {split}" for split, n in found.counts.items() if n)
        mark = "✓" if found.here else "–"
        print(f"{mark} {entry.name:17} {entry.title}")
        print(f"{'':20}{' · '.join(t for t in (counts, f'terms: {entry.terms}') if t)}")
        print(f"{'':20}{found.note if found.here else 'not here: ' + found.note}")
        for remark in found.remarks:
            print(f"{'':20}{remark}")
    return 0


def _prepare(args: argparse.Namespace, places: Places) -> int:
    from core.datasets.prepare import prepare

    if args.background:
        if sys.platform == "win32":
            import psutil

            psutil.Process().nice(psutil.IDLE_PRIORITY_CLASS)
        else:
            os.nice(_LOWEST_PRIORITY)
    prepare(args.sources, places)
    return 0


def _import(args: argparse.Namespace, places: Places) -> int:
    from core.loaders.own.arrange import import_digits
    from core.loaders.own.digits import label_name, warnings_of
    from core.loaders.own.find import own_digits

    found = own_digits(args.source)
    labels = found.labels
    by_label = {label_name(label): labels.count(label) for label in sorted(set(labels))}
    said = [*found.remarks, *warnings_of(labels)]
    target, left_out = None, list[str]()
    if not args.look:
        name = args.name or args.source.expanduser().resolve().stem
        if not name.strip() or name != Path(name).name:
            raise InputError(f"--name {name}: give a name, not a path.")
        target = places.downloads / "own" / name
        left_out = import_digits(found, target)
    if args.json:
        body = {
            "kind": found.kind, "found": str(found.where), "counts": found.counts(), "labels": by_label,
            "remarks": said, "left_out": left_out, "folder": None if target is None else str(target),
        }  # fmt: skip
        print(json.dumps(body, ensure_ascii=False))
        return 2 if left_out else 0
    counts = " · ".join(f"{n:,} {split}" for split, n in found.counts().items())
    print(f"{found.where}: {found.kind}; {counts}")
    print("  " + " · ".join(f"{label}: {n:,}" for label, n in by_label.items()))
    for sentence in [*said, *(f"Left out: {sentence}" for sentence in left_out)]:
        print(f"  {sentence}")
    if target is not None:
        print(f"Copied to {target}. Train with it: gnc train --recipe quick --set data_folder={target}")
    return 2 if left_out else 0


def _fetch(args: argparse.Namespace, places: Places) -> int:
    from tqdm import tqdm

    from core.datasets.catalog import CATALOGUE
    from core.loaders.download import REMOTE, fetch

    unknown = [name for name in args.sources if name not in REMOTE]
    if unknown:
        raise InputError(f"“{unknown[0]}” can't be fetched; {', '.join(REMOTE)} can.")
    for name in dict.fromkeys(args.sources):
        there = CATALOGUE[name].available(places)
        if there.here and not there.partial and not Path(there.note).is_relative_to(places.downloads):
            print(f"{name} is here already, in {there.note}.", file=sys.stderr)
            continue
        # disable=None: no bar where standard error is not a terminal.
        silent = True if args.json else None
        with tqdm(unit="B", unit_scale=True, unit_divisor=1000, disable=silent, file=sys.stderr) as bar:

            def show(file: str, done: int, total: int | None, bar: tqdm[NoReturn] = bar) -> None:
                bar.set_description(file, refresh=False)
                bar.total = total
                bar.update(done - bar.n)

            folder = fetch(name, places.downloads, _tell_progress() if args.json else show)
        print(f"{name} is in {folder}.", file=sys.stderr)
    return 0


def _tell_progress() -> Callable[[str, int, int | None], None]:
    """Prints how far a download is, for the window, ten times a second and at each file's end."""
    last = 0.0

    def show(file: str, done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= 0.1 or done == total:
            last = time.monotonic()
            print(json.dumps({"file": file, "done": done, "total": total}), flush=True)

    return show


def _recipe(args: argparse.Namespace) -> Recipe:
    from core.recipes.recipe import recipe_named

    recipe = recipe_named(args.recipe)
    return dataclasses.replace(recipe, data_folder=str(args.folder)) if args.folder else recipe


def _preview(args: argparse.Namespace, places: Places) -> int:
    from core.loaders.contact_sheet import caption, contact_sheet, save_sheet

    if args.recipe is None:
        if args.source == "all":
            raise InputError("name a source to look at, or a recipe with --recipe.")
        import numpy as np

        from core.datasets.catalog import entry_named

        arrays = entry_named(args.source).load_arrays(args.split, places, args.folder)
        if not len(arrays["labels"]):
            raise InputError(f"{args.source} has no images for {args.split}.")
        chosen = np.random.default_rng(args.seed).permutation(len(arrays["labels"]))[: args.count]
        images = arrays["images"][chosen]
        captions = [caption(int(label)) for label in arrays["labels"][chosen]]
    else:
        from core.train.preview import RecipePreview

        recipe = _recipe(args)
        if args.source != "all":
            recipe = dataclasses.replace(recipe, sources={args.source: 1.0})
        feed = RecipePreview(recipe, places, split=args.split)
        _say_missing(feed.missing)
        fed = feed.make(args.count, seed=args.seed)
        images = fed.images
        captions = [f"{caption(int(d))} {s}" for d, s in zip(fed.labels, fed.sources, strict=True)]
    save_sheet(contact_sheet(images, captions), args.out)
    print(f"{args.out}: {len(images):,} images.", file=sys.stderr)
    return 0


def _bake(args: argparse.Namespace, places: Places) -> int:
    from tqdm import tqdm

    from core.train.preview import RecipePreview, bake

    feed = RecipePreview(_recipe(args), places)
    _say_missing(feed.missing)
    with tqdm(total=args.count, unit=" images", unit_scale=True, disable=None, file=sys.stderr) as bar:

        def show(done: int) -> None:
            bar.update(done - bar.n)

        shards = bake(feed, args.count, args.out, seed=args.seed, progress=show)
    print(f"{args.out}: {args.count:,} images in {shards:,} files.", file=sys.stderr)
    return 0


def _say_missing(missing: list[str]) -> None:
    if missing:
        print(f"Not here, left out: {', '.join(missing)}.", file=sys.stderr)
