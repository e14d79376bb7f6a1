"""What `gnc doctor` looks at. Each finding says what to do where something is not right."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass

from app.startup.display import install_advice, missing_libraries
from core.base.logs import LOG
from core.base.paths import Places

PACKAGES = ("torch", "PySide6-Essentials", "opencv-python", "onnxruntime", "numpy", "pillow", "pyqtgraph")
LOW_SPACE_GIB = 2.0


@dataclass(frozen=True)
class Finding:
    """One line of the report. problem: what to do, or empty where all is well."""

    what: str
    value: str
    problem: str = ""


def examine() -> list[Finding]:
    """Everything, in the order in which it is shown."""
    places = Places.find()
    return [
        Finding("system", f"{platform.platform()}, Python {platform.python_version()}"),
        *examine_packages(),
        examine_qt(),
        _devices(),
        _cameras(),
        *_models(),
        *_folders(places),
    ]


def examine_packages() -> list[Finding]:
    """The packages that matter most by their version, and all that are missing."""
    found = []
    missing = []
    for name in dict.fromkeys((*PACKAGES, *_required())):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
        else:
            if name in PACKAGES:
                found.append(Finding(name, version))
    if missing:
        found.append(
            Finding(
                "packages", f"missing: {', '.join(missing)}", "Install the program again: pip install -e ."
            )
        )
    return found


def _required() -> list[str]:
    """The names of what the program depends on, on this system."""
    from packaging.requirements import Requirement

    try:
        required = [Requirement(text) for text in importlib.metadata.requires("gnc") or ()]
    except importlib.metadata.PackageNotFoundError:  # run from its folder, without being installed
        return []
    return [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]


def examine_qt() -> Finding:
    """Whether Qt can open a window here: asked of a child process, because Qt aborts where it can't."""
    wanted = os.environ.get("QT_QPA_PLATFORM", "")
    program = (
        "from PySide6.QtGui import QGuiApplication as A; a = A([]); import PySide6.QtCore as c; "
        "print(a.platformName(), c.qVersion())"
    )
    missing = missing_libraries() if wanted in ("", "xcb") else ()
    if missing:
        return Finding("Qt", f"lacks {', '.join(missing)}", f"{_upper(install_advice(missing))}.")
    if sys.platform.startswith("linux") and not wanted:
        if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
            return Finding(
                "Qt", "no display", "There is no screen here; the command line works all the same."
            )
    asked = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    if asked.returncode == 0:
        name, version = asked.stdout.split()[-2:]
        return Finding("Qt", f"{version}, platform {name}")
    return Finding("Qt", "can't open a window", explain_qt(asked.stderr))


def explain_qt(stderr: str) -> str:
    """What to do about Qt's last words."""
    found = dict.fromkeys(re.findall(r"(lib[\w.+-]+\.so[.\d]*): cannot open shared object", stderr))
    if found:
        return f"{_upper(install_advice(list(found)))}."
    if "could not connect to display" in stderr:
        return "The display in DISPLAY does not answer; start the program from a desktop session."
    return "Qt said: " + (stderr.strip().splitlines() or ["nothing"])[-1]


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _devices() -> Finding:
    asked = subprocess.run(
        [sys.executable, "-m", "core.train", "--devices"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if asked.returncode != 0:
        return Finding("training", "not possible", "torch can't be loaded; install the program again.")
    listed = json.loads(asked.stdout)
    names = ", ".join(f"{d['name']} ({d['id']})" for d in listed)
    return Finding("training", f"{names}. {listed[0]['why']}")


def _cameras() -> Finding:
    from core.base.opencv import cv2

    try:
        from cv2_enumerate_cameras import enumerate_cameras

        names = sorted({camera.name or f"camera {camera.index}" for camera in enumerate_cameras(cv2.CAP_ANY)})
    except (ImportError, OSError, RuntimeError) as error:
        return Finding("cameras", "can't be listed", f"{error}")
    if names:
        return Finding("cameras", ", ".join(names))
    return Finding("cameras", "none", "Plug one in, or use a stream address, a video file or the sample.")


def _models() -> list[Finding]:
    from assets import MODELS
    from core.base.errors import ModelError
    from core.reading.classifier import Classifier

    path = MODELS / "classifier.onnx"
    try:
        info = Classifier.load(path).info
    except ModelError as error:
        return [Finding("classifier", "not usable", str(error))]
    return [Finding("classifier", f"recipe {info.recipe}, {info.date}, revision {info.revision}")]


def _folders(places: Places) -> list[Finding]:
    found = []
    for what, path in (
        ("data", places.data), ("downloads", places.downloads), ("runs", places.runs),
        ("corrections", places.corrections), ("cache", places.cache), ("settings", places.settings),
        ("log", places.logs / LOG),
    ):  # fmt: skip
        there = path
        while not there.exists() and there != there.parent:
            there = there.parent
        free = shutil.disk_usage(there).free / 2**30
        problem = ""
        if what != "data" and not os.access(there, os.W_OK):
            problem = f"{there} can't be written; choose another place with --home."
        elif what == "runs" and free < LOW_SPACE_GIB:
            problem = f"Only {free:.1f} GiB are free; training may fill the disk."
        state = "" if path.exists() else " (not there yet)"
        found.append(Finding(what, f"{path}{state}", problem))
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object, nothing else")


def run(args: argparse.Namespace) -> int:
    from app.commands.doctor import examine

    findings = examine()
    if args.json:
        print(json.dumps([{"what": f.what, "value": f.value, "problem": f.problem} for f in findings]))
        return 0
    width = max(len(f.what) for f in findings)
    for finding in findings:
        mark = "✗" if finding.problem else "✓"
        print(f"{mark} {finding.what:<{width}}  {finding.value}")
        if finding.problem:
            print(f"  {'':<{width}}  → {finding.problem}")
    return 0
