"""A narrow classifier made of a wide one."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from core.networks.classifier import GeneralNetwork
from core.tools.narrow_classifier import BLOCKS, main, narrowed
from core.train import checkpoint

WIDE = (32, 64, 144)


def test_channels_that_hand_on_nothing_go_and_nothing_else_changes() -> None:
    torch.manual_seed(3)
    network = GeneralNetwork(inner=WIDE).eval()
    state = network.state_dict()
    for block, stage in BLOCKS.items():
        torch.nn.init.ones_(state[f"{block}.norm2.weight"])
        torch.nn.init.normal_(state[f"{block}.norm2.running_mean"], std=0.1)
        state[f"{block}.conv2.weight"][:, GeneralNetwork.inner[stage] :] = 0
    narrow = GeneralNetwork().eval()
    narrow.load_state_dict(narrowed(state, GeneralNetwork.inner))
    image = torch.rand(4, 1, 32, 32)
    torch.testing.assert_close(narrow(image).combined, network(image).combined, atol=1e-4, rtol=1e-4)


def test_what_a_constant_channel_handed_on_is_made_up_for() -> None:
    torch.manual_seed(3)
    network = GeneralNetwork(inner=WIDE).eval()
    state = network.state_dict()
    block = "stage3.3"
    torch.nn.init.ones_(state[f"{block}.norm2.weight"])
    state[f"{block}.conv2.weight"] *= 0
    state[f"{block}.conv2.weight"][:, -1, 1, 1] = 0.01  # of least worth, the same everywhere
    state[f"{block}.norm1.weight"][-1], state[f"{block}.norm1.bias"][-1] = 0.0, 1.0
    state[f"{block}.conv2.weight"][:, :100, 1, 1] = 1.0
    narrow = GeneralNetwork(inner=(32, 64, 100)).eval()
    narrow.load_state_dict(narrowed(state, (32, 64, 100)))
    image = torch.rand(4, 1, 32, 32)
    torch.testing.assert_close(narrow(image).combined, network(image).combined, atol=1e-4, rtol=1e-4)


def test_the_command_refuses_another_network(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checkpoint.save(tmp_path / "a.pt", {"network": "seed", "weights": {}})
    assert main([str(tmp_path / "a.pt"), "--out", str(tmp_path / "b.pt")]) == 2
    assert "holds the network “seed”" in capsys.readouterr().err
    assert not (tmp_path / "b.pt").exists()
