"""A classifier with fewer channels inside its residual blocks, from a wide one: a start for learning from that one.

    python -m core.tools.narrow_classifier WIDE.pt --out narrow.pt
    gnc train --recipe general --set start_from=narrow.pt --set teacher=WIDE.pt

Of each block those inner channels stay that hand on most (after Li et al., "Pruning Filters for Efficient ConvNets",
2017): the root mean square of what leaves a channel, times the norm of the kernels that take it up. What a channel
that goes hands on the average is made up for in the next norm.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from core.base.errors import InputError
from core.networks.classifier import GeneralNetwork
from core.train import checkpoint

BLOCKS = {
    "stage1.1": 0, "stage2.3": 1, "stage2.4": 1, "stage2.5": 1, "stage3.3": 2,
}  # fmt: skip
"""The residual blocks behind the stem, and which of `GeneralNetwork.inner` is theirs."""


def narrowed(weights: Mapping[str, Tensor], inner: tuple[int, int, int]) -> dict[str, Tensor]:
    """The state of a `GeneralNetwork` with `inner` channels inside its blocks.

    Raises KeyError where `weights` are another network's.
    """
    made = dict(weights)
    for block, stage in BLOCKS.items():
        mean, mean_square = _rectified(weights[f"{block}.norm1.weight"], weights[f"{block}.norm1.bias"])
        taken_up = weights[f"{block}.conv2.weight"]
        worth = mean_square.sqrt() * taken_up.flatten(2).norm(dim=2).norm(dim=0)
        kept = worth.argsort(descending=True)[: inner[stage]].sort().values
        gone = torch.ones(len(worth), dtype=torch.bool)
        gone[kept] = False
        handed_on = (taken_up.sum((2, 3))[:, gone] * mean[gone]).sum(1)
        made[f"{block}.norm2.running_mean"] = weights[f"{block}.norm2.running_mean"] - handed_on
        made[f"{block}.conv1.weight"] = weights[f"{block}.conv1.weight"][kept]
        made[f"{block}.conv2.weight"] = taken_up[:, kept]
        for name in ("weight", "bias", "running_mean", "running_var"):
            made[f"{block}.norm1.{name}"] = weights[f"{block}.norm1.{name}"][kept]
    return {name: value.clone() for name, value in made.items()}


def _rectified(scale: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and mean square of a normal variable (mean `shift`, standard deviation |`scale`|) cut off below 0."""
    spread = scale.abs().clamp_min(1e-6)
    z = shift / spread
    density = torch.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    above = 0.5 * (1 + torch.erf(z / math.sqrt(2)))
    return shift * above + spread * density, (shift**2 + spread**2) * above + shift * spread * density


def main(argv: Sequence[str] | None = None) -> int:
    """The command of this module."""
    parser = argparse.ArgumentParser(
        prog="core.tools.narrow_classifier", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("wide", type=Path, help="a best_model.pt of the network “general”")
    parser.add_argument("--out", type=Path, required=True, help="the file to write")
    args = parser.parse_args(argv)
    try:
        content = checkpoint.load(args.wide, ("weights", "network"))
        if content["network"] != "general":
            raise InputError(f"{args.wide} holds the network “{content['network']}”, not “general”.")
        content["weights"] = narrowed(content["weights"], GeneralNetwork.inner)
        checkpoint.save(args.out, {key: value for key, value in content.items() if key != "format"})
    except (InputError, OSError) as error:
        print(f"core.tools.narrow_classifier: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
