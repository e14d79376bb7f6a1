"""What the detector's maps mean: strides, channels, and how a box is written in a cell."""

from __future__ import annotations

STRIDE = 4
"""Pixels between cells."""

MULTIPLE = 16
"""The sides of the detector's input are multiples of so many pixels."""

DIGIT = 0
"""Channel: a digit has its middle in this cell."""
LETTER_CHANNEL = 1
"""Channel: a letter, or another written mark that is no digit, has."""
CLASSES = slice(2, 12)
"""Channels: logits of 0 … 9."""
BOX = slice(12, 16)
"""Channels: x and y of the middle from the cell's own middle, in cells; width and height as logarithms of the
multiple of UNIT."""
CHANNELS = 16
PATCH = 2
"""The network's last layer stands at stride 8 and gives PATCH x PATCH cells a place, each in CHANNELS channels."""

UNIT = 16.0
"""Pixels; a box of this side is written as 0."""

SMALLEST, LARGEST = 9.0, 60.0
"""Heights of digits in pixels that the network is taught to see; others are found at other scales."""
