"""The shipped models with their cards, the starter set to train from, icons, and samples of our own making."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parent
MODELS = ASSETS / "models"
ICONS = ASSETS / "icons"
SAMPLES = ASSETS / "samples"
STARTER = ASSETS / "starter"
