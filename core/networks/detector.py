"""The network of the detector: finds digits and letters in a whole grey picture, dense and without anchors.

Every fourth pixel in x and y has a cell that says whether a digit (a letter) has its middle there, which
digit, and the box around it: centres as in CenterNet (Zhou, Wang and Krähenbühl, "Objects as Points", 2019),
features of three strides joined as in feature pyramids (Lin et al., 2017). Letters at the end of a name give
the shape: B batch, 1 the one grey channel, C channels, H height, W width.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.networks.classifier import Residual, normalise
from core.reading.detector_format import CHANNELS, CLASSES, DIGIT, LETTER_CHANNEL, PATCH

_FLOOR = 0.04
"""Standard deviation, of the full range, below which a picture is taken for flat."""

PRIOR = 0.02
"""Share of cells said to be a middle before anything is learned (Lin et al., "Focal Loss", 2017)."""


class DetectorNetwork(nn.Module):
    """Input (B, 1, H, W), 0–1, sides multiples of 16; output raw maps (B, CHANNELS, H / 4, W / 4).

    Which channel means what stands in `core/reading/detector_format.py`. Heavy convolutions run at strides 8 and 16
    only: at stride 4 they would take two thirds of the time on a CPU. The head works at stride 8 and gives
    each of its cells four cells of stride 4.
    """

    widths = (16, 32, 48, 96)
    inner16 = 64
    head_width = 64

    def __init__(self) -> None:
        super().__init__()
        two, four, eight, sixteen = self.widths
        self.stem = _conv(1, two, stride=2)
        self.down4 = _conv(two, four, stride=2)
        self.down8 = nn.Sequential(_conv(four, eight, stride=2), Residual(eight))
        self.down16 = nn.Sequential(
            _conv(eight, sixteen, stride=2),
            Residual(sixteen, inner=self.inner16),
            Residual(sixteen, inner=self.inner16),
        )
        self.side4 = _conv(four, eight, kernel=2, stride=2)
        self.side8 = _conv(eight, eight, kernel=1)
        self.side16 = _conv(sixteen, eight, kernel=1)
        self.join = _conv(eight, eight)
        self.head = nn.Sequential(
            _conv(eight, self.head_width), nn.Conv2d(self.head_width, CHANNELS * PATCH**2, 1)
        )
        self._start_at_the_prior()

    def _start_at_the_prior(self) -> None:
        last = self.head[-1]
        assert isinstance(last, nn.Conv2d)
        assert last.bias is not None
        nn.init.normal_(last.weight, std=0.01)
        nn.init.zeros_(last.bias)
        with torch.no_grad():
            # Pixel shuffle takes the cells of one map from neighbouring channels.
            for channel in (DIGIT, LETTER_CHANNEL):
                last.bias[channel * PATCH**2 : (channel + 1) * PATCH**2] = math.log(PRIOR / (1 - PRIOR))

    def forward(self, x_B1HW: Tensor) -> Tensor:
        return F.pixel_shuffle(self.patches(x_B1HW), PATCH)

    def patches(self, x_B1HW: Tensor) -> Tensor:
        """The maps before their cells are put in their places: (B, CHANNELS * PATCH**2, H / 8, W / 8)."""
        four_BCHW = self.down4(self.stem(normalise(x_B1HW, _FLOOR)))
        eight_BCHW = self.down8(four_BCHW)
        sixteen_BCHW = self.down16(eight_BCHW)
        far_BCHW = F.interpolate(self.side16(sixteen_BCHW), scale_factor=2.0, mode="nearest")
        joined_BCHW = self.join(far_BCHW + self.side8(eight_BCHW))
        maps_BCHW: Tensor = self.head(joined_BCHW + self.side4(four_BCHW))
        return maps_BCHW


class DetectorFile(nn.Module):
    """The network as a model file holds it: `images` (1, 1, H, W) in 0–1 → `maps`, scores instead of logits.

    The maps of DIGIT and LETTER_CHANNEL are probabilities, those of CLASSES stay logits, BOX stays as it is. Cells
    are left in their patches, (1, CHANNELS * PATCH**2, H / 8, W / 8): only few are looked at, so there is no need to
    put all of them in their places.
    """

    def __init__(self, network: DetectorNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        maps_BCHW = self.network.patches(images)
        scores, rest = maps_BCHW.tensor_split([CLASSES.start * PATCH**2], 1)
        return torch.cat((scores.sigmoid(), rest), 1)


def _conv(ins: int, outs: int, *, kernel: int = 3, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv2d(ins, outs, kernel, stride=stride, padding=kernel % 2 * (kernel // 2), bias=False)
    return nn.Sequential(conv, nn.BatchNorm2d(outs), nn.ReLU())
