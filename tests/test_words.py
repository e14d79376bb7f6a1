"""The words that people read: one word for one thing, in windows, messages, help and the README."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = [file for top in ("app", "core", "training") for file in sorted((ROOT / top).rglob("*.py"))]
DOCUMENTS = [
    ROOT / "README.md",
    *sorted((ROOT / "assets").rglob("*.md")),
    *sorted((ROOT / ".github").glob("*.md")),
]

INSTEAD = {
    r"\bpictures?\b": "photo (what is taken, opened and read), or image (of a digit, of a camera, for training)",
    r"\bmine\b": "corrections",
    r"\breveal\b|\bfile manager\b|\bopen the folder\b": "Show in folder",
    r"\blet it go on\b|\btrain (?:on|longer)\b": "Keep training",
    r"\bgo on (?:reviewing|where|after|from)\b": "Resume",
    r"\bsub-folders?\b": "one subfolder per digit",
    r"\bone's own\b": "your own folder",
    r"\blook again\b": "Rescan",
    r"\bsame net\b|\bsame wi-?fi\b": "both devices are on the same network",
    r"\bdoes without\b|\bhas to do without\b": "Not available: MNIST, UNIPEN",
    r"\bin no photo\b": "were not found in the photo",
}
"""What nobody shall read, as a regular expression, and what is said instead."""

_NAME = re.compile(r"[a-z0-9_./:\-{}*@%]*|[A-Z_]+")
"""A key, a module, a path or an option, and no words for people."""


def _literals(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each string of a module that may be shown: no docstring, no name of something."""
    nodes = list(ast.walk(ast.parse(source)))
    # Documentation of modules, functions and values.
    skipped = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    # The thing of `counted(3, "photo")` is shown, though it is one small word.
    counted = {
        id(argument)
        for node in nodes
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "counted"
        for argument in node.args
    }
    for node in nodes:
        if id(node) in skipped:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in node.values)
            skipped.update(map(id, node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if id(node) in counted or not _NAME.fullmatch(text):
            yield node.lineno, text


def _faults(text: str) -> list[str]:
    plain = text.replace("&", "")  # the mark of a mnemonic stands within a word
    return [
        f"“{found[0]}”: say {instead}"
        for words, instead in INSTEAD.items()
        for found in [re.search(words, plain, re.IGNORECASE)]
        if found
    ]


@pytest.mark.parametrize("top", ["app", "core", "training"])
def test_what_is_shown_uses_one_word_for_one_thing(top: str) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line}: {fault} in {text!r}"
        for file in MODULES
        if file.relative_to(ROOT).parts[0] == top
        for line, text in _literals(file.read_text("utf-8"))
        for fault in _faults(text)
    ]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_documents_use_the_same_words(file: Path) -> None:
    text = re.sub(r"`[^`]*`|```.*?```", "", file.read_text("utf-8"), flags=re.DOTALL)
    found = [f"{at}: {fault}" for at, line in enumerate(text.splitlines(), 1) for fault in _faults(line)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    ("source", "faults"),
    [
        ('label("Open a pict&ure")', 1),
        ('say(f"{n} pictures of {digit}")', 1),
        ('counted(3, "picture")', 1),
        ('KIND = "picture"', 0),
        ('"""A picture, in documentation."""', 0),
        ('open("numbers/pictures")', 0),
        ('say("Reveal it; a sub-folder.")', 2),
    ],
)
def test_the_words_are_found_where_people_read_them(source: str, faults: int) -> None:
    assert sum(len(_faults(text)) for _, text in _literals(source)) == faults
