"""How readings are made of what the networks say: measured numbers that travel in the model files."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self, cast

from core.reading.rows.features import EARLIER_FEATURES
from core.reading.rows.features import FEATURES as LINE_FEATURES

FEATURES = ("digits", "score", "none", "single", "letters", "area")
"""What speaks for a number that no line reader has read; see `core/reading/photo_reader.py`."""

_OLD_NAMES = {"lowest": "min_score", "lowest_letter": "min_letter_score"}
"""As files of earlier versions call them."""


@dataclass(frozen=True)
class Settings:
    """Weights of a logistic regression, and the confidence from which a number is reported."""

    weights: tuple[float, ...] = ()
    bias: float = 0.0
    threshold: float = 0.5
    maybe: float = 0.15

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Those of a model file; what it does not say is the default. Raises ValueError for odd values."""
        named = {_OLD_NAMES.get(k, k): v for k, v in values.items()}
        known = {f.name for f in dataclasses.fields(cls)} - {"weights"}
        default = cls()
        weights = tuple(float(v) for v in cls._weights(named.get("weights", default.weights)))
        made = cls(weights=weights, **{k: float(v) for k, v in named.items() if k in known})
        numbers = [v for k, v in dataclasses.asdict(made).items() if k != "weights"]
        if len(weights) != len(default.weights) or not all(map(math.isfinite, (*weights, *numbers))):
            raise ValueError("weights")
        return made

    @classmethod
    def _weights(cls, said: Any) -> Iterable[Any]:
        """Those of a file, in the order that they are used in."""
        return cast("Iterable[Any]", said)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return dataclasses.asdict(self) | {"weights": list(self.weights)}

    def reported_from(self, digits: int) -> float:
        """The confidence from which a number of so many digits is reported."""
        return self.threshold

    def confidence(self, features: Sequence[float]) -> float:
        """The probability that the whole number is right."""
        score = self.bias + math.fsum(w * f for w, f in zip(self.weights, features, strict=True))
        return 1 / (1 + math.exp(-min(max(score, -30.0), 30.0)))


@dataclass(frozen=True)
class ReaderSettings(Settings):
    """For detector and classifier alone; in the detector's file.

    min_score: score from which a find is a digit. min_letter_score: the same of letters. detector, classifier: weights
    of the two networks' logarithms where they say which digit it is. weights, bias: logistic regression from
    FEATURES to the probability that a whole number is right. threshold: confidence from which a number is reported;
    maybe: from which it counts as not sure.
    """

    weights: tuple[float, ...] = (0.9, 1.5, 0.5, 0.2, 0.5, 0.1)
    bias: float = 3.7
    min_score: float = 0.4
    min_letter_score: float = 0.4
    detector: float = 0.6
    classifier: float = 0.6


LONG = 3
"""Numbers of so many digits are hardly ever read where there are none."""
_FIRST = {
    "line": 0.5, "weakest": 0.5, "second_text": 0.2, "unfound": 1.0, "area": 0.1, "behind": 0.6, "rival": 1.0,
}  # fmt: skip
_FIRST |= {f"single_{name}": weight for name, weight in _FIRST.items()}


@dataclass(frozen=True)
class LineSettings(Settings):
    """For all three networks; in the line reader's file.

    line, detector, classifier: weights of the networks' logarithms where they say which digit it is. weights, bias:
    from `core.reading.rows.features.FEATURES`. threshold: of numbers of one or two digits, which photos without any
    seem to show now and then; long_threshold: of longer ones, where it is lower.
    """

    weights: tuple[float, ...] = tuple(_FIRST.get(name, 0.0) for name in LINE_FEATURES)
    bias: float = 3.0
    line: float = 1.0
    detector: float = 0.3
    classifier: float = 0.3
    long_threshold: float = 1.0

    def reported_from(self, digits: int) -> float:
        return min(self.long_threshold, self.threshold) if digits >= LONG else self.threshold

    @classmethod
    def _weights(cls, said: Any) -> Iterable[Any]:
        """By their names, so that files stay readable when there is more evidence; what a file does not name weighs
        nothing. Earlier files have a list."""
        if isinstance(said, Mapping):
            return [said.get(name, 0.0) for name in LINE_FEATURES]
        weights = list(said)
        if len(weights) == len(EARLIER_FEATURES):
            return cls._weights(dict(zip(EARLIER_FEATURES, weights, strict=True)))
        return weights

    def to_dict(self) -> dict[str, Any]:
        return super().to_dict() | {"weights": dict(zip(LINE_FEATURES, self.weights, strict=True))}
