"""Live: load a classifier's model file once, classify crops."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ModelError
from core.reading.crops import Gray, frame_looks
from core.reading.model_file import ModelInfo, open_session, read_model_file, run_session
from core.reading.types import NOT_A_DIGIT, Vote

_log = logging.getLogger(__name__)

__all__ = ["Classification", "Classifier", "ModelInfo"]

BLANK = 4
"""Grey levels from the darkest to the lightest pixel up to which a crop is empty, whatever a model says."""

_DIGITS = tuple(str(d) for d in range(10))
_SMALLEST, _LARGEST = 16, 256  # sides of an input that make sense for one digit
_BATCH = 256  # crops a call; more would only take memory


@dataclass(frozen=True)
class Classification:
    """What one crop shows. Fields as in `core.reading.types.Digit`."""

    digit: int
    confidence: float
    is_digit: bool
    probabilities: tuple[float, ...]
    votes: tuple[Vote, ...]


class Classifier:
    """A loaded model file. Safe to use from several threads."""

    def __init__(self, path: Path, info: ModelInfo, session: Any) -> None:
        """Use `load`."""
        self.path = path
        self.info = info
        self._session = session

    @classmethod
    def load(cls, path: str | Path, *, threads: int = 2) -> Classifier:
        """Open a model file. threads: that one call may use.

        Raises:
            ModelError: missing, empty, cut off, not ONNX, not ours, a detector, another format version,
                an absurd input size, or a network that does not compute probabilities.
        """
        path = Path(path)
        data, info = read_model_file(path, kind="classifier")
        if not _SMALLEST <= info.input_size <= _LARGEST:
            raise ModelError(
                f"{path} wants images of {info.input_size} x {info.input_size} pixels; "
                f"{_SMALLEST} to {_LARGEST} make sense for one digit."
            )
        if info.classes not in (_DIGITS, (*_DIGITS, "none")):
            raise ModelError(f"{path} tells other classes apart than the digits 0 to 9.")
        session = open_session(
            data, path, threads=threads, inputs=["images"], outputs=["probabilities", "votes"]
        )
        classifier = cls(path, info, session)
        classifier._try_out()
        _log.info("Classifier opened: %s (recipe %s, revision %s)", path, info.recipe, info.revision)
        return classifier

    def probabilities(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(N, S, S) uint8 crops → (N, C) float32: of 0…9 and, where C is 11, of “no digit”."""
        return self._run(crops)[0]

    def classify(self, crops: NDArray[np.uint8]) -> list[Classification]:
        """What each of the (N, S, S) uint8 crops shows, S = `info.input_size`."""
        probabilities, votes = self._run(crops)
        blank = np.ptp(crops.reshape(len(crops), -1), axis=1) <= BLANK if len(crops) else []
        return [self._one(p, v, bool(b)) for p, v, b in zip(probabilities, votes, blank, strict=True)]

    def classify_picture(self, gray: Gray) -> tuple[Classification, Gray]:
        """What a picture of one digit shows, (H, W) uint8, and the (S, S) crop that was believed.

        The network looks at it in several ways, in one call; the look that it is least in doubt of counts.

        Raises:
            InputError: `gray` is not a two-dimensional uint8 picture, or is empty.
        """
        crops = frame_looks(gray, self.info.input_size)
        said = self.classify(crops)
        best = int(doubts(np.array([look.probabilities for look in said])).argmin())
        return said[best], crops[best]

    def probabilities_of_looks(
        self, crops: NDArray[np.uint8], more: NDArray[np.uint8], owners: NDArray[np.intp]
    ) -> NDArray[np.float32]:
        """What `classify_picture` believes of N pictures: (N, C), of 0…9 and, where C is 11, of “no digit”.

        crops: (N, S, S), the first look at each. more: (M, S, S), further ones. owners: (M,), whose they are.
        """
        best = self.probabilities(crops)
        if not len(more):
            return best
        others = self.probabilities(more)
        doubt, of_others = doubts(best[:, :10]), doubts(others[:, :10])
        for look, owner in enumerate(owners.tolist()):
            if of_others[look] < doubt[owner]:
                best[owner], doubt[owner] = others[look], of_others[look]
        return best

    def _one(
        self, probabilities: NDArray[np.float32], votes: NDArray[np.float32], blank: bool
    ) -> Classification:
        if blank:
            return Classification(0, 0.0, False, (0.0,) * 10, ())
        none = float(probabilities[NOT_A_DIGIT]) if len(probabilities) > NOT_A_DIGIT else 0.0
        digit = int(probabilities[:10].argmax())
        said = tuple(
            Vote(stage, int(vote.argmax()), float(vote.max()))
            for stage, vote in zip(self.info.stages, votes, strict=True)
        )
        return Classification(
            digit, float(probabilities[digit]), none < 0.5, tuple(probabilities[:10].tolist()), said
        )

    def _run(self, crops: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(N, C) probabilities and (N, stages, C) votes."""
        size, classes = self.info.input_size, len(self.info.classes)
        assert crops.dtype == np.uint8, f"crops are {crops.dtype}"
        assert crops.shape[1:] == (size, size), f"crops of shape {crops.shape}, the model wants {size}"
        probabilities = np.empty((len(crops), classes), np.float32)
        votes = np.empty((len(crops), len(self.info.stages), classes), np.float32)
        for start in range(0, len(crops), _BATCH):
            part = slice(start, start + _BATCH)
            images = crops[part, None].astype(np.float32) / np.float32(255)
            out = run_session(self._session, self.path, ["probabilities", "votes"], {"images": images})
            probabilities[part], votes[part] = out
        return probabilities, votes

    def _try_out(self) -> None:
        """Raises ModelError where the network's answer is not what the file promises."""
        size, classes = self.info.input_size, len(self.info.classes)
        images = np.linspace(0, 1, 2 * size * size, dtype=np.float32).reshape(2, 1, size, size)
        out = run_session(self._session, self.path, ["probabilities", "votes"], {"images": images})
        if [value.shape for value in out] != [(2, classes), (2, len(self.info.stages), classes)]:
            raise ModelError(f"{self.path} is not what it says: its network gives answers of another shape.")
        for value in out:
            off = np.abs(value.sum(axis=-1) - 1).max(initial=0)
            if not (np.isfinite(value).all() and value.min(initial=0) >= 0 and off < 0.01):
                raise ModelError(f"{self.path} is damaged: its network gives no probabilities.")


def doubts(digits: NDArray[np.floating]) -> NDArray[np.float64]:
    """How little each look is to be believed: its probability of "no digit" times its entropy. digits: (N, 10).

    Of log-mean, mean, largest probability and this, this was best on tight crops and photos of the training parts.
    """
    digits = digits.astype(np.float64)
    none = np.maximum(1 - digits.sum(1, keepdims=True), 0.0)
    each = np.concatenate([digits, none], 1)
    entropy = -(each * np.log(np.maximum(each, 1e-9))).sum(1)
    return np.asarray((none[:, 0] + 0.01) * (entropy + 0.01))
