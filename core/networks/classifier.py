"""The networks of the classifier: the student's original (`SeedNetwork`) and ours (`GeneralNetwork`).

Both share one idea: every conv stage says what it sees, and the votes are combined. Letters at the end of a
name give the shape: B batch, 1 the one grey channel, C channels, H height, W width, F features, S stages,
K classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.reading.types import NOT_A_DIGIT


class Answer(NamedTuple):
    """What a network says of a batch. Logits, before softmax.

    combined: (B, K), what all stages say together. votes: (S, B, K), what each says on its own.
    """

    combined: Tensor
    votes: Tensor


class SeedNetwork(nn.Module):
    """The original: three conv stages, each with a linear layer of 110 of its own, averaged; ten classes.

    Input (B, 1, 28, 28), 0–1. A stage's vote is what the last layer says of that stage's features alone.
    """

    input_size = 28
    classes = 10
    stages = ("stage1", "stage2", "stage3")

    def __init__(self, dropout: float = 0.5) -> None:
        super().__init__()
        self.stage1 = nn.Sequential(
            nn.Conv2d(1, 32, 5, padding=1), nn.ReLU(), nn.BatchNorm2d(32), nn.AvgPool2d(2), nn.BatchNorm2d(32)
        )
        self.stage2 = nn.Sequential(
            nn.Conv2d(32, 64, 4, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(64),
            nn.MaxPool2d(2),
            nn.BatchNorm2d(64),
        )
        self.stage3 = nn.Sequential(
            nn.Conv2d(64, 128, 3, padding=1),
            nn.ReLU(),
            nn.BatchNorm2d(128),
            nn.AvgPool2d(2, padding=1),
            nn.BatchNorm2d(128),
        )

        def head(features: int) -> nn.Sequential:
            return nn.Sequential(
                nn.Flatten(), nn.Linear(features, 110), nn.BatchNorm1d(110), nn.ReLU(), nn.Dropout(dropout)
            )

        self.head1 = head(32 * 13 * 13)
        self.head2 = head(64 * 6 * 6)
        self.head3 = head(128 * 4 * 4)
        self.last = nn.Linear(110, self.classes)
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.kaiming_normal_(module.weight, nonlinearity="relu")
                nn.init.zeros_(module.bias)

    def forward(self, x_B1HW: Tensor) -> Answer:
        first_BCHW = self.stage1(x_B1HW)
        second_BCHW = self.stage2(first_BCHW)
        third_BCHW = self.stage3(second_BCHW)
        features_SBF = torch.stack((self.head1(first_BCHW), self.head2(second_BCHW), self.head3(third_BCHW)))
        return Answer(self.last(features_SBF.mean(0)), self.last(features_SBF))


def normalise(x_B1HW: Tensor, floor: float = 0.02) -> Tensor:
    """Each image to mean 0 and standard deviation 1; a nearly flat one keeps a small one.

    Contrast and brightness then no longer matter; the floor, of the full range, keeps sensor noise on an empty wall
    from being blown up into shapes.
    """
    centred = x_B1HW - x_B1HW.mean((2, 3), keepdim=True)
    # A product costs ONNX Runtime less than a power.
    return centred / ((centred * centred).mean((2, 3), keepdim=True) + floor**2).sqrt()


class Gate(nn.Module):
    """A factor of 0 to 1 for each channel, from what the whole map holds: squeeze and excitation (Hu et al., 2018).

    (B, C, H, W) to (B, C, 1, 1). It lets a kernel that helps with ink on paper be quiet in a photo.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        hidden = max(8, channels // 8)
        self.squeeze = nn.Linear(channels, hidden)
        self.excite = nn.Linear(hidden, channels)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        hidden_BF = F.relu(self.squeeze(x_BCHW.mean((2, 3))))
        return torch.sigmoid(self.excite(hidden_BF))[:, :, None, None]


class Residual(nn.Module):
    """Two 3x3 convolutions around which the input is added back, as in ResNet (He et al., 2015).

    gated: what is added is weighed by a `Gate`. inner: channels between the two; as many as outside if None.
    """

    def __init__(self, channels: int, gated: bool = False, inner: int | None = None) -> None:
        super().__init__()
        inner = inner or channels
        self.conv1 = nn.Conv2d(channels, inner, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(inner)
        self.conv2 = nn.Conv2d(inner, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        # Zero at the start: the block begins as the identity (Goyal et al., 2017).
        nn.init.zeros_(self.norm2.weight)
        self.gate = Gate(channels) if gated else None

    def forward(self, x_BCHW: Tensor) -> Tensor:
        y_BCHW = self.norm2(self.conv2(F.relu(self.norm1(self.conv1(x_BCHW)))))
        if self.gate is not None:
            y_BCHW = y_BCHW * self.gate(y_BCHW)
        return F.relu(x_BCHW + y_BCHW)


class Stem(nn.Module):
    """The image to maps of half its size: a strided 5x5 convolution, and what a finer look at full size adds to it.

    (B, 1, H, W) to (B, C, H/2, W/2). Stepping over every other pixel loses thin strokes and small gaps; the fine
    path has few channels, as maps of 32x32 cost a CPU most. It adds nothing at the start, like a `Residual`.
    """

    fine_channels = 16

    def __init__(self, channels: int) -> None:
        super().__init__()
        fine = self.fine_channels
        self.conv = nn.Conv2d(1, channels, 5, stride=2, padding=2, bias=False)
        self.norm = nn.BatchNorm2d(channels)
        self.fine = nn.Sequential(
            nn.Conv2d(1, fine, 3, padding=1, bias=False),
            nn.BatchNorm2d(fine),
            nn.ReLU(),
            Residual(fine),
            nn.Conv2d(fine, channels, 3, stride=2, padding=1, bias=False),
        )
        self.fine_norm = nn.BatchNorm2d(channels)
        nn.init.zeros_(self.fine_norm.weight)

    def forward(self, x_B1HW: Tensor) -> Tensor:
        return F.relu(self.norm(self.conv(x_B1HW)) + self.fine_norm(self.fine(x_B1HW)))


class VoteHead(nn.Module):
    """What one stage says: its map averaged to a 4x4 grid, as place still counts, then one layer."""

    def __init__(self, channels: int, pool: int, classes: int, dropout: float) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(pool) if pool > 1 else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(channels * 16, classes)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        out: Tensor = self.linear(self.dropout(self.pool(x_BCHW).flatten(1)))
        return out


class GeneralNetwork(nn.Module):
    """Ours: gated residual stages at 16x16, 8x8 and 4x4, a vote and a cost on each, learned weights of the votes.

    Input (B, 1, 32, 32), 0–1, normalised inside. Eleven classes: 0–9 and “this is no digit”.
    """

    input_size = 32
    classes = NOT_A_DIGIT + 1
    stages = ("stage1", "stage2", "stage3")
    widths = (32, 64, 144)
    inner = (32, 44, 72)
    """Channels between the two convolutions of each stage's residual blocks. Fewer than outside cost little: what is
    added back needs fewer kernels than what is handed on."""

    def __init__(self, dropout: float = 0.0, inner: tuple[int, int, int] = inner) -> None:
        super().__init__()
        one, two, three = self.widths
        inner_one, inner_two, inner_three = inner

        def down(ins: int, outs: int) -> list[nn.Module]:
            conv = nn.Conv2d(ins, outs, 3, stride=2, padding=1, bias=False)
            return [conv, nn.BatchNorm2d(outs), nn.ReLU()]

        self.stage1 = nn.Sequential(Stem(one), Residual(one, gated=True, inner=inner_one))
        self.stage2 = nn.Sequential(
            *down(one, two), *(Residual(two, gated=True, inner=inner_two) for _ in range(3))
        )
        self.stage3 = nn.Sequential(*down(two, three), Residual(three, gated=True, inner=inner_three))
        self.vote1 = VoteHead(one, 4, self.classes, dropout)
        self.vote2 = VoteHead(two, 2, self.classes, dropout)
        self.vote3 = VoteHead(three, 1, self.classes, dropout)
        self.vote_weights = nn.Parameter(torch.tensor([0.2, 0.5, 1.0]))
        self._frozen: tuple[str, ...] = ()

    def freeze(self, count: int) -> None:
        """Let the first `count` stages keep their weights, and their batch norms the statistics they have."""
        self._frozen = self.stages[:count]
        for name in self._frozen:
            self.get_submodule(name).requires_grad_(False).eval()

    def train(self, mode: bool = True) -> Self:
        """Training mode, but for frozen stages."""
        super().train(mode)
        for name in self._frozen:
            self.get_submodule(name).eval()
        return self

    def forward(self, x_B1HW: Tensor) -> Answer:
        first_BCHW = self.stage1(normalise(x_B1HW))
        second_BCHW = self.stage2(first_BCHW)
        third_BCHW = self.stage3(second_BCHW)
        votes_SBK = torch.stack((self.vote1(first_BCHW), self.vote2(second_BCHW), self.vote3(third_BCHW)))
        combined_BK = (votes_SBK * self.vote_weights[:, None, None]).sum(0)
        return Answer(combined_BK, votes_SBK)


def build_network(
    name: str, dropout: float, weights: Mapping[str, Tensor] | None = None
) -> SeedNetwork | GeneralNetwork:
    """A classifier network with fresh weights from torch's global random numbers.

    weights: a state that it is to take; the general network is then built as wide as they are.
    """
    if name == "seed":
        return SeedNetwork(dropout)
    assert name == "general", name
    return GeneralNetwork(dropout) if weights is None else GeneralNetwork(dropout, inner_widths(weights))


def inner_widths(weights: Mapping[str, Tensor]) -> tuple[int, int, int]:
    """`GeneralNetwork.inner` of a state of its weights; the usual one where they are another network's."""
    names = ("stage1.1.conv1.weight", "stage2.3.conv1.weight", "stage3.3.conv1.weight")
    if not all(name in weights for name in names):
        return GeneralNetwork.inner
    one, two, three = (len(weights[name]) for name in names)
    return one, two, three
