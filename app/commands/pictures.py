"""The pictures that a command is given, page by page; a file that can't be read is reported and skipped."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import InputError

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Picture:
    """A page of a file. index: for `load_image`. page: its number, None where the file has only this one."""

    path: Path
    index: int
    page: int | None


class Problems:
    """Tells problems on standard error and counts them."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, error: InputError) -> None:
        self._count += 1
        _log.warning("%s", error)
        self.say(str(error))

    def say(self, sentence: str) -> None:
        """Tell something that is no problem."""
        print(f"gnc: {sentence}", file=sys.stderr)

    @property
    def exit_code(self) -> int:
        return 2 if self._count else 0


def pictures(paths: Sequence[Path], problems: Problems) -> Iterator[Picture]:
    """All pages of files, of folders' pictures, and of what wildcards match."""
    from core.reading.images import pages_of
    from core.reading.picture_files import picture_files

    for path in picture_files(paths, problem=lambda _, error: problems.add(error)):
        try:
            pages = pages_of(path)
        except InputError as error:
            problems.add(error)
            continue
        if pages.note:
            problems.say(pages.note)
        for index, page in pages.numbered:
            yield Picture(path, index, page)
