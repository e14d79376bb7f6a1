"""What reads and what learns: models, preprocessing, data, the training loop."""

import logging

# What is logged goes where the program that uses these modules wants it, and nowhere otherwise.
logging.getLogger(__name__).addHandler(logging.NullHandler())
