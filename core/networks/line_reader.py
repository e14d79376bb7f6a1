"""The network that reads a row of characters as a sequence.

Convolutions shrink a strip's height to nothing and its width to a quarter; two layers along the row let each step see
its neighbours; connectionist temporal classification (Graves et al., 2006) needs no places of characters. The shape
is that of Shi et al., "An End-to-End Trainable Neural Network for Image-based Sequence Recognition" (2015), with
convolutions in place of its recurrent layers.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from core.reading.line_format import CLASSES, STRIDE

CHANNELS = (24, 48, 72, 112)
_SPREAD = 0.03
"""Added to a strip's spread: one that is nearly flat is not blown up."""


class LineNetwork(nn.Module):
    """(B, 1, HEIGHT, W) grey in 0–1 -> logits (B, W / STRIDE, CLASSES). W is a multiple of STRIDE."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = CHANNELS
        self.body = nn.Sequential(
            _Conv(1, a, stride=(2, 2)),
            _Conv(a, b, stride=(2, 1)),
            _Conv(b, c, stride=(2, 2)),
            _Conv(c, c),
            _Conv(c, d, stride=(2, 1)),
        )
        self.pool = nn.Conv2d(d, d, (3, 1), groups=d, bias=False)
        self.pool_norm = nn.BatchNorm2d(d)
        self.row = nn.Sequential(_Along(d, 1), _Along(d, 2), _Mixer(d, 11))
        self.head = nn.Conv2d(d, CLASSES, 1)
        nn.init.constant_(self.pool.weight, 1 / 3)

    def forward(self, x_B1HW: Tensor) -> Tensor:
        middle = x_B1HW.mean((2, 3), keepdim=True)
        spread = (x_B1HW - middle).square().mean((2, 3), keepdim=True).sqrt() + _SPREAD
        y = self.body((x_B1HW - middle) / spread)
        y = F.relu(self.pool_norm(self.pool(y)))
        logits: Tensor = self.head(self.row(y))
        return logits.squeeze(2).transpose(1, 2)


class LineFile(nn.Module):
    """The network as a model file holds it: strips in, calibrated logarithms of probabilities out."""

    def __init__(self, network: nn.Module, temperature: float) -> None:
        super().__init__()
        self.network, self.temperature = network, temperature

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.network(images)
        return (logits / self.temperature).log_softmax(-1)


class _Conv(nn.Sequential):
    def __init__(self, before: int, after: int, stride: tuple[int, int] = (1, 1)) -> None:
        super().__init__(
            nn.Conv2d(before, after, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(after),
            nn.ReLU(),
        )


class _Along(nn.Module):
    """A step mixed with its neighbours, as a residual."""

    def __init__(self, channels: int, dilation: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(
            channels, channels, (1, 3), padding=(0, dilation), dilation=(1, dilation), bias=False
        )
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.conv(x)))


class _Mixer(nn.Module):
    """Each channel over many steps, then all channels of a step: light, and it sees far."""

    def __init__(self, channels: int, reach: int) -> None:
        super().__init__()
        self.far = nn.Conv2d(
            channels, channels, (1, reach), padding=(0, reach // 2), groups=channels, bias=False
        )
        self.far_norm = nn.BatchNorm2d(channels)
        self.mix = nn.Conv2d(channels, channels, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        return F.relu(x + self.norm(self.mix(F.relu(self.far_norm(self.far(x))))))


def steps_of(width: int) -> int:
    """Steps of the answer to a strip of a width."""
    return width // STRIDE
