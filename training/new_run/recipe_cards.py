"""The recipes as cards to choose from: what for · how long here · how good it got."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QLabel, QRadioButton, QSizePolicy, QVBoxLayout, QWidget

from core.recipes.recipe import Recipe
from training.ui.flow_layout import FlowLayout
from training.ui.labels import QuietLabel
from training.ui.theme import Colors, mixed, pen

_CARD_WIDTH = 9.2
"""Heights of a line of text."""


@dataclass(frozen=True)
class CardFacts:
    """What a card says. duration: measured here; quality: how good it got; both empty where nothing is known."""

    recipe: Recipe
    duration: str = ""
    quality: str = ""


class RecipeCard(QWidget):
    """One recipe. Clicking anywhere on it chooses it."""

    chosen = Signal(str)

    def __init__(self, facts: CardFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._facts = facts
        self._compact = False
        self.button = QRadioButton(facts.recipe.name, self)
        font = QFont(self.button.font())
        font.setBold(True)
        self.button.setFont(font)
        self.button.toggled.connect(self._on_toggled)
        self.button.installEventFilter(self)
        self._summary = QLabel(facts.recipe.summary, self)
        self._duration, self._quality = QuietLabel(parent=self), QuietLabel(parent=self)
        for label in (self._summary, self._duration, self._quality):
            label.setWordWrap(True)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.setSpacing(3)
        layout.addWidget(self.button)
        layout.addWidget(self._summary)
        layout.addStretch(1)
        layout.addWidget(self._duration)
        layout.addWidget(self._quality)
        policy = self.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        margins = layout.contentsMargins()
        self.setMinimumWidth(
            max(
                round(_CARD_WIDTH * self.fontMetrics().height()),
                self.button.sizeHint().width() + margins.left() + margins.right(),
            )
        )
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_facts(facts)

    def set_facts(self, facts: CardFacts) -> None:
        """Newer words on the same card."""
        self._facts = facts
        self._duration.setText(f"◷ {facts.duration}" if facts.duration else "")
        self._duration.setVisible(bool(facts.duration))
        self._quality.setText(f"✓ {facts.quality}" if facts.quality else "")
        self._quality.setVisible(bool(facts.quality) and not self._compact)
        words = [facts.recipe.summary]
        if facts.duration:
            words.append(f"Takes {facts.duration}.")
        if facts.quality:
            words.append(f"Reached {facts.quality}.")
        self.setToolTip("\n".join(words))
        self.button.setAccessibleName(f"Recipe {facts.recipe.name}")
        self.button.setAccessibleDescription(" ".join(words))

    def set_compact(self, compact: bool) -> None:
        """Show the name and the duration alone; the tip has all of it."""
        self._summary.setVisible(not compact)
        self._quality.setVisible(not compact and bool(self._facts.quality))
        self._compact = compact

    @property
    def facts(self) -> CardFacts:
        return self._facts

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.button.setFocus()
            self.button.click()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = Colors.of(self.palette())
        on = self.button.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(theme.accent if on else theme.edge, width=2 if on else 1))
        # The button's colour, not the ground's: a round button that is off would be lost on it in the dark.
        plain = self.palette().color(QPalette.ColorRole.Button)
        painter.setBrush(mixed(plain, theme.accent, 0.14) if on else plain)
        painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 6, 6)
        if self.button.hasFocus():
            # Not left to the style: on some the round button does not show that the keyboard is there.
            painter.setPen(pen(theme.text, width=1, dashes=(2, 2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(self.rect().adjusted(4, 4, -4, -4), 4, 4)
        painter.end()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def _on_toggled(self, on: bool) -> None:
        self.update()
        if on:
            self.chosen.emit(self._facts.recipe.name)


class RecipeCards(QWidget):
    """A row of cards, more rows where the window is narrow. One is chosen; arrow keys go from one to another."""

    chosen = Signal(str)
    """The name of the recipe."""
    height_changed = Signal()

    def __init__(self, recipes: Sequence[Recipe], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = FlowLayout(self, spacing=8, stretch=True)
        self._compact = False
        self._group = QButtonGroup(self)
        self._cards: dict[str, RecipeCard] = {}
        for recipe in recipes:
            card = RecipeCard(CardFacts(recipe), self)
            card.chosen.connect(self.chosen.emit)
            self._group.addButton(card.button)
            layout.addWidget(card)
            self._cards[recipe.name] = card
        self._layout = layout
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def hasHeightForWidth(self) -> bool:
        # Told to the layout around it, this would make the whole page as high as a single column of cards.
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As high as the rows are at this width."""
        # Before it is laid out its width says nothing; a single row is what it will most likely be.
        widest = max(card.minimumWidth() for card in self._cards.values())
        one_row = len(self._cards) * (widest + self._layout.spacing())
        high = self._layout.heightForWidth(self.width() if self.isVisible() else max(self.width(), one_row))
        if high != self.minimumHeight():
            self.setFixedHeight(high)
            self.height_changed.emit()

    def set_compact(self, compact: bool) -> None:
        """Say less on every card, for a window that is low."""
        if compact != self._compact:
            self._compact = compact
            for card in self._cards.values():
                card.set_compact(compact)
            self._fit()

    def cards(self) -> tuple[RecipeCard, ...]:
        return tuple(self._cards.values())

    @property
    def chosen_card(self) -> RecipeCard | None:
        return next((card for card in self._cards.values() if card.button.isChecked()), None)

    def choose(self, name: str) -> None:
        """Choose a recipe; `chosen` follows where it was another."""
        self._cards[name].button.setChecked(True)

    def set_duration(self, name: str, text: str) -> None:
        self._set(name, replace(self._cards[name].facts, duration=text))

    def set_quality(self, name: str, text: str) -> None:
        self._set(name, replace(self._cards[name].facts, quality=text))

    def _set(self, name: str, facts: CardFacts) -> None:
        if facts != self._cards[name].facts:
            self._cards[name].set_facts(facts)
            self._fit()

    def facts(self, name: str) -> CardFacts:
        return self._cards[name].facts
