"""The buttons at the foot of our dialogs."""

from __future__ import annotations

from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QDialog, QDialogButtonBox


def close_box(dialog: QDialog) -> QDialogButtonBox:
    """A box with a Close button that closes `dialog`."""
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    # Fusion gives it a black icon, which a dark window swallows.
    box.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())
    box.rejected.connect(dialog.reject)
    return box
