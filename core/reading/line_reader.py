"""The line reader, live: strips of rows of characters → what is written in them, and where."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.base.errors import ModelError
from core.reading.ctc import Place, Text, align, beam, greedy, text_log_prob
from core.reading.line_format import CHARACTERS, CLASSES, DIGITS, HEIGHT, MIN_WIDTH, STRIDE
from core.reading.model_file import ModelInfo, open_session, read_model_file, run_session

Strip = npt.NDArray[np.uint8]
Infer = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
"""(B, 1, HEIGHT, W) in 0–1 → logarithms of probabilities, (B, W / STRIDE, CLASSES)."""

BATCH_PIXELS = 640 * 64
"""Width of all strips of one call together, at most; more would only take memory."""
POSSIBLE = float(np.log(0.3))
"""A strip in which no digit has this logarithm anywhere holds none."""
CLEAR = float(np.log(0.97))
"""A step whose likeliest class has this logarithm or more leaves no other text worth a look."""
BEYOND_DOUBT = float(np.log(0.9))
"""A text as likely as that needs no second look."""
COMPARED = 3
"""Texts of each look that are weighed."""
UNHEARD = -12.0
"""A look that can't see a text at all does not rule it out."""
BEAM_WIDTH = 5
HARDLY = -5.0
"""Characters less likely than this at a step, 1 in 150, are not tried there."""
_DIGITS = slice(1 + CHARACTERS.index("0"), 2 + CHARACTERS.index("9"))


@dataclass(frozen=True)
class LineReading:
    """What one strip says. log_probs: (T, CLASSES), natural logarithms, calibrated. others: what further looks at the
    same row say, each with steps of its own."""

    log_probs: npt.NDArray[np.float32]
    others: tuple[LineReading, ...] = ()

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """The likeliest texts, best first; only one where no step is in doubt."""
        if self.others:
            said = dict.fromkeys(t.text for look in (self, *self.others) for t in look.own_texts[:COMPARED])
            return tuple(sorted((Text(t, self.log_prob(t)) for t in said), key=lambda text: -text.log_prob))
        return self.own_texts

    @cached_property
    def own_texts(self) -> tuple[Text, ...]:
        """Those of this strip alone."""
        if not len(self.log_probs) or float(self.log_probs.max(1).min()) >= CLEAR:
            text = greedy(self.log_probs)
            return (Text(text, text_log_prob(self.log_probs, text)),)
        return tuple(beam(self.log_probs, BEAM_WIDTH, HARDLY))

    def log_prob(self, text: str) -> float:
        """Logarithm of the probability of a text; of several looks the mean, to which none gives less than UNHEARD."""
        if not self.others:
            return self._own_log_prob(text)
        looks = (self, *self.others)
        return sum(max(look._own_log_prob(text), UNHEARD) for look in looks) / len(looks)

    def _own_log_prob(self, text: str) -> float:
        known = next((t.log_prob for t in self.own_texts if t.text == text), None)
        return text_log_prob(self.log_probs, text) if known is None else known

    @property
    def is_doubtful(self) -> bool:
        """Whether a further look at the row may pay: what it likely says holds digits, and is not sure."""
        if not self.may_hold_digits:
            return False
        first = self.own_texts[0]
        return first.log_prob < BEYOND_DOUBT and any(c in DIGITS for c in first.text)

    def with_looks(self, others: Sequence[LineReading]) -> LineReading:
        """Weighed together with what further looks at the same row say."""
        return LineReading(self.log_probs, tuple(others))

    @property
    def may_hold_digits(self) -> bool:
        """Whether any step may be a digit."""
        return bool(len(self.log_probs)) and float(self.log_probs[:, _DIGITS].max()) >= POSSIBLE

    @property
    def text(self) -> str:
        return self.texts[0].text

    @property
    def probability(self) -> float:
        """Of the likeliest text."""
        return self.texts[0].probability

    def places(self, text: str) -> list[Place]:
        """Where each character of `text` stands, in steps; empty where it doesn't fit."""
        return align(self.log_probs, text)


class LineReader:
    """A loaded line reader. `settings`: what its file says of how readings are made with it."""

    def __init__(
        self, infer: Infer, info: ModelInfo, settings: dict[str, Any], path: Path | None = None
    ) -> None:
        """Use `load`; tests give an `infer` of their own."""
        self.infer, self.info, self.settings, self.path = infer, info, settings, path

    @classmethod
    def load(cls, path: str | Path, *, threads: int = 2) -> LineReader:
        """Open a model file. threads: that one call may use.

        Raises:
            ModelError: missing, damaged, no line reader of ours, or one of other characters. The message names the
                file and the reason.
        """
        path = Path(path)
        data, info = read_model_file(path, kind="line")
        session = open_session(data, path, threads=threads, inputs=["images"], outputs=["log_probs"])
        said = session.get_modelmeta().custom_metadata_map
        shape = (str(HEIGHT), str(STRIDE), CHARACTERS)
        if tuple(said.get(f"gnc_{name}") for name in ("input_height", "stride", "characters")) != shape:
            raise ModelError(f"{path} reads other strips or characters than this program: export it again.")

        def infer(images: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
            return run_session(session, path, ["log_probs"], {"images": images})[0]

        try:
            settings = json.loads(said.get("gnc_reader") or "{}")
        except ValueError:
            settings = None
        trial = infer(np.linspace(0, 1, HEIGHT * MIN_WIDTH, dtype=np.float32).reshape(1, 1, HEIGHT, -1))
        total = np.exp(trial).sum(-1) if np.isfinite(trial).all() else np.zeros(1)
        is_right = trial.shape == (1, MIN_WIDTH // STRIDE, CLASSES) and np.abs(total - 1).max() < 0.01
        if not isinstance(settings, dict) or not is_right:
            raise ModelError(f"{path} is damaged: it does not compute what a line reader does.")
        return cls(infer, info, settings, path)

    def read(self, strips: Sequence[Strip]) -> list[LineReading]:
        """What each strip says: (HEIGHT, W) uint8, W a multiple of STRIDE. Strips of one width share a call."""
        found: list[LineReading | None] = [None] * len(strips)
        by_width: dict[int, list[int]] = {}
        for i, strip in enumerate(strips):
            assert strip.shape[0] == HEIGHT, f"a strip of shape {strip.shape}"
            assert strip.shape[1] % STRIDE == 0, f"a strip of shape {strip.shape}"
            by_width.setdefault(strip.shape[1], []).append(i)
        for width, places in by_width.items():
            count = max(BATCH_PIXELS // width, 1)
            for start in range(0, len(places), count):
                part = places[start : start + count]
                images = np.stack([strips[i] for i in part])[:, None] * np.float32(1 / 255)
                for i, log_probs in zip(part, self.infer(images), strict=True):
                    found[i] = LineReading(log_probs)
        return [reading for reading in found if reading is not None]
