"""The command line: `gnc …`. Imports what a command needs, when it needs it.

`gnc` with no command opens the window. Exit codes: 0, 1 for a failure, 2 for bad input; errors are one
sentence on standard error.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.base.errors import ErrorKind

_log = logging.getLogger("app.cli")  # also where this is run as `python -m app.cli`

COMMANDS = {
    "classify": "read image files that show one digit each",
    "read": "read whole numbers in photos",
    "evaluate": "measure a model on labelled digits",
    "collection": "list, export or import what was labelled in the program",
    "data": "list, fetch, look at or bake data sets",
    "train": "train a model from a recipe",
    "export": "turn a trained model into a model file",
    "bench": "measure speed and memory",
    "doctor": "show what is installed and what is not right",
}


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:  # type: ignore[override]
        self.exit(2, f"gnc: {message}. Try “{self.prog} --help”.\n")


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser; only the module of `command` (all of them for None) is imported and asked for arguments."""
    parser = _frame()
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=_Parser)
    for name, text in COMMANDS.items():
        sub = subparsers.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        if command in (None, name):
            module = importlib.import_module(f"app.commands.{name}")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run)
    return parser


def _frame(*, help_option: bool = True) -> argparse.ArgumentParser:
    """The options that stand before the command and take a value."""
    parser = _Parser(
        prog="gnc",
        description="Reads digits and numbers anywhere. Without a command: the window.",
        add_help=help_option,
    )
    parser.add_argument("--home", type=Path, metavar="DIR", help="keep settings, runs, data and logs in DIR")
    return parser


def command_of(arguments: Sequence[str]) -> str:
    """The command: the first word that is neither an option nor the value of one; "" if there is none."""
    finder = _frame(help_option=False)
    finder.add_argument("command", nargs="?", default="")
    return str(finder.parse_known_args(arguments)[0].command)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line; returns the exit code. argv: None for this process's own."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    args = build_parser(command_of(arguments)).parse_args(arguments)
    if args.home is not None:
        # Child processes (training) have to find the same places.
        os.environ["GNC_HOME"] = str(args.home.expanduser().resolve())
    if args.version:
        from importlib.metadata import version

        print(f"gnc {version('gnc')}")
        return 0
    from core.base.logs import kept_in
    from core.base.paths import Places

    logs = Places.find().logs
    with kept_in(logs):
        if argv is None:
            from app.startup.native_output import divert_native_output

            divert_native_output(logs)
        _log.info("Started: %s", shlex.join(["gnc", *arguments]))
        try:
            code = _run(args)
        except Exception:
            _log.exception("Not handled")
            raise
        _log.info("Ended with exit code %d", code)
    return code


def _run(args: argparse.Namespace) -> int:
    """Carry out the command; what goes wrong is a sentence on standard error and an exit code."""
    from core.base.causes import system_error
    from core.base.errors import ErrorKind, FailureError, InputError

    try:
        if args.command is None:
            from app.startup.window import run_window

            return run_window()
        return int(args.run(args))
    except InputError as error:
        return _told(error, ErrorKind.INPUT)
    except FailureError as error:
        return _told(error, ErrorKind.FAILURE)
    except BrokenPipeError:
        # `gnc … | head`: the reader has closed the pipe, which is not an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (MemoryError, OSError) as error:
        return _told(system_error(error), ErrorKind.FAILURE)
    except KeyboardInterrupt:
        _told("interrupted.", ErrorKind.FAILURE)
        return 130


def _told(sentence: object, kind: ErrorKind) -> int:
    """Note and say what went wrong; returns the exit code."""
    from core.base.errors import report_error

    _log.error("%s", sentence)
    return report_error("gnc", sentence, kind)


if __name__ == "__main__":
    raise SystemExit(main())
