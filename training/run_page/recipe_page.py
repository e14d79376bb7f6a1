"""The recipe of a run: what was changed first, then every value."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHeaderView,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.recipes.recipe import RECIPES, Recipe, fits_network, recipe_settings
from training.runs.recipe_values import label_of, value_text
from training.ui import wording


def changed_values(recipe: Recipe) -> dict[str, tuple[str, str]]:
    """Dotted name → (the named recipe's value, this one's), where they differ; all for a name of one's own."""
    base = RECIPES.get(recipe.name)
    found = {}
    for name in all_names(recipe, base):
        value = value_text(recipe, name)
        usual = value_text(base, name) if base is not None else wording.NONE
        if value != usual:
            found[name] = (usual, value)
    return found


def all_names(recipe: Recipe, base: Recipe | None) -> list[str]:
    """Every value of a recipe by its dotted name, as far as it means something to its network."""
    sources = dict.fromkeys([*recipe.sources, *(base.sources if base is not None else {})])
    names = [name for name, _, _ in recipe_settings() if fits_network(name, recipe.network)]
    return [*(f"sources.{name}" for name in sources), *names]


class RecipePage(QWidget):
    """A table: value, this run's, the named recipe's. Only the changes, if wanted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._recipe: Recipe | None = None
        self._summary = QLabel(self)
        self._summary.setWordWrap(True)
        self._only = QCheckBox("Onl&y what was changed", self)
        self._only.toggled.connect(self._fill)
        self.tree = QTreeWidget(self)
        self.tree.setColumnCount(3)
        self.tree.setHeaderLabels(["Value", "This run", "The recipe"])
        self.tree.setRootIsDecorated(False)
        self.tree.setAlternatingRowColors(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.tree.setAccessibleName("Values of the recipe")
        self.tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.tree.header().setSectionResizeMode(2, QHeaderView.ResizeMode.Stretch)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._summary)
        layout.addWidget(self._only)
        layout.addWidget(self.tree, 1)
        shortcut = QShortcut(QKeySequence.StandardKey.Copy, self.tree)
        shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
        shortcut.activated.connect(self.copy)

    def set_recipe(self, recipe: Recipe | None) -> None:
        """None where the run's recipe.json is missing or damaged."""
        if recipe != self._recipe or recipe is None:
            self._recipe = recipe
            self._fill()

    def _fill(self) -> None:
        self.tree.clear()
        recipe = self._recipe
        self._only.setVisible(recipe is not None)
        if recipe is None:
            self._summary.setText(
                "The recipe of this run can't be read: its recipe.json is missing or damaged."
            )
            return
        changed = changed_values(recipe)
        n = wording.counted(len(changed), "value") if changed else "nothing"
        if recipe.name in RECIPES:
            self._summary.setText(f"{recipe.name}: {recipe.summary} Changed: {n}.")
        else:
            self._summary.setText(f"{recipe.name}: {recipe.summary}")
        rest = [] if self._only.isChecked() else [n for n in all_names(recipe, None) if n not in changed]
        for name in [*changed, *rest]:
            value = value_text(recipe, name)
            usual = changed[name][0] if name in changed else ""
            label = label_of(name)
            item = QTreeWidgetItem([f"{label} •" if name in changed else label, value, usual])
            item.setToolTip(0, name)
            if name in changed:
                font = QFont(self.tree.font())
                font.setBold(True)
                item.setFont(0, font)
                item.setFont(1, font)
            self.tree.addTopLevelItem(item)

    def copy(self) -> None:
        """Put the table into the clipboard, a line a row."""
        items = self.tree.selectedItems() or [
            item for i in range(self.tree.topLevelItemCount()) if (item := self.tree.topLevelItem(i))
        ]
        rows = ["\t".join(item.text(c) for c in range(3)) for item in items]
        QGuiApplication.clipboard().setText("\n".join(rows) + "\n")
