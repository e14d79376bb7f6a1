"""What can go wrong through no fault of the program, each in one sentence a person can act on."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict, dataclass
from enum import StrEnum

NAME_DATA = "say where the data is with --data-dir or GNC_DATA"
"""What to do at the command line where data is not here. A window names its page instead (`wording.in_window`)."""


class InputError(ValueError):
    """Something given by the user cannot be used. The message says what is wrong and what to do.

    The command line prints it and exits with 2; the windows show it in place.
    """


class DataError(InputError):
    """A data file is missing, damaged, truncated or of another kind. The message names the file."""


class ModelError(InputError):
    """A model file is missing, damaged, or not one of ours. The message names the file and the reason."""


class FailureError(RuntimeError):
    """The work was right but could not be done (no network, full disk, no camera). Exit code 1."""


class ErrorKind(StrEnum):
    """Whose turn it is: INPUT: something given can't be used. FAILURE: the work could not be done."""

    INPUT = "input"
    FAILURE = "failure"


@dataclass(frozen=True)
class ChildError:
    """What a child process says about its error: the sentence for a person, and of which kind it is."""

    kind: ErrorKind
    message: str

    @classmethod
    def from_line(cls, line: str) -> ChildError | None:
        """What `report_error` wrote as JSON; None for any other line."""
        try:
            values = json.loads(line)["error"]
            return cls(ErrorKind(values["kind"]), str(values["message"]))
        except (ValueError, KeyError, TypeError):
            return None


AS_JSON = {"GNC_ERRORS": "json"}
"""In the environment of a child process whose errors a program reads, not a person."""


def report_error(program: str, message: object, kind: ErrorKind) -> int:
    """Say on standard error what went wrong, as one sentence or (`AS_JSON`) as a field; returns the exit code."""
    if os.environ.items() >= AS_JSON.items():
        line = json.dumps({"error": asdict(ChildError(kind, str(message)))})
    else:
        line = f"{program}: {message}"
    sys.stderr.write(line + "\n")
    return 2 if kind is ErrorKind.INPUT else 1
