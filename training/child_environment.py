"""What child processes started by Qt get as their environment."""

from __future__ import annotations

from PySide6.QtCore import QProcess, QProcessEnvironment

from training.launch import environment


def give_environment(process: QProcess) -> None:
    """Ours, and the place where the program's packages are."""
    variables = QProcessEnvironment()
    for name, value in environment().items():
        variables.insert(name, value)
    process.setProcessEnvironment(variables)
