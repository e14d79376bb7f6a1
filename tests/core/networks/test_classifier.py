"""The networks have the shapes that were asked for, and the model file computes what they compute."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from assets import MODELS
from core.base.errors import FailureError, ModelError
from core.networks.classifier import (
    GeneralNetwork,
    SeedNetwork,
    build_network,
    inner_widths,
    normalise,
)
from core.train import checkpoint, export
from core.train.about import About
from core.train.export import export_classifier, export_file


def test_the_seed_is_exactly_the_original() -> None:
    network = SeedNetwork().eval()
    x_B1HW = torch.rand(2, 1, 28, 28)
    first = network.stage1(x_B1HW)
    second = network.stage2(first)
    third = network.stage3(second)
    assert first.shape == (2, 32, 13, 13)
    assert second.shape == (2, 64, 6, 6)
    assert third.shape == (2, 128, 4, 4)
    # 25·32+32, 16·32·64+64, 9·64·128+128; two norms each; heads n·110+110 and a norm; 110·10+10.
    convs = 832 + 32_832 + 73_856
    norms = 2 * 2 * (32 + 64 + 128)
    heads = sum(n * 110 + 110 + 220 for n in (32 * 169, 64 * 36, 128 * 16))
    assert sum(p.numel() for p in network.parameters()) == convs + norms + heads + 1110
    assert network(x_B1HW).combined.shape == (2, 10)


def test_the_seeds_answer_is_its_last_layer_on_the_mean_of_its_heads() -> None:
    network = SeedNetwork().eval()
    answer = network(torch.rand(3, 1, 28, 28))
    torch.testing.assert_close(answer.combined, answer.votes.mean(0))


def test_ours_has_eleven_classes_and_over_half_of_the_bytes() -> None:
    network = GeneralNetwork().eval()
    answer = network(torch.rand(2, 1, 32, 32))
    assert answer.combined.shape == (2, 11)
    assert answer.votes.shape == (3, 2, 11)
    assert sum(p.numel() for p in network.parameters()) * 4 < 2_200_000


def test_the_shipped_networks_together_stay_under_their_bytes() -> None:
    assert (
        sum((MODELS / f"{name}.onnx").stat().st_size for name in ("classifier", "detector", "line"))
        < 5_000_000
    )


def test_a_network_is_built_as_wide_as_the_weights_it_is_to_take() -> None:
    wide = GeneralNetwork(inner=(32, 64, 144))
    built = build_network("general", 0.0, wide.state_dict())
    built.load_state_dict(wide.state_dict())
    assert inner_widths(wide.state_dict()) == (32, 64, 144)
    assert inner_widths(SeedNetwork().state_dict()) == GeneralNetwork.inner


def test_brightness_and_contrast_do_not_matter_to_ours() -> None:
    image = torch.rand(1, 1, 32, 32)
    torch.testing.assert_close(normalise(image), normalise(image * 0.4 + 0.3), atol=5e-2, rtol=0)
    flat = torch.full((1, 1, 32, 32), 0.5)
    assert torch.isfinite(normalise(flat)).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["seed", "general"])
def test_a_model_file_computes_what_torch_computes(name: str, tmp_path: Path) -> None:
    network = build_network(name, 0.0).eval()
    about = {"network": name, "recipe": "x", "temperature": 1.5, "run": "r", "weights": network.state_dict()}
    checkpoint.save(tmp_path / "best_model.pt", about)
    assert export_file(tmp_path, tmp_path / "m.onnx") < export.TOLERANCE
    assert str(Path(__file__).parents[3]).encode() not in (tmp_path / "m.onnx").read_bytes()


@pytest.mark.slow
def test_a_model_file_that_differs_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "TOLERANCE", -1.0)
    with pytest.raises(FailureError, match="differs"):
        export_classifier(build_network("seed", 0.0).eval(), About("seed"), tmp_path / "m.onnx")
    assert not (tmp_path / "m.onnx").exists()


def test_damaged_weights_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "best_model.pt"
    for content in (b"", b"nonsense", b"PK\x03\x04"):
        path.write_bytes(content)
        with pytest.raises(ModelError, match=r"best_model.pt"):
            export_file(path, tmp_path / "m.onnx")
    with pytest.raises(ModelError, match="There is no file"):
        export_file(tmp_path / "gone.pt", tmp_path / "m.onnx")
    torch.save({"format": 1, "network": "seed", "weights": {}}, path)
    with pytest.raises(ModelError, match="another version"):
        export_file(path, tmp_path / "m.onnx")
    torch.save([1, 2], path)
    with pytest.raises(ModelError, match="not written by"):
        export_file(path, tmp_path / "m.onnx")


@pytest.mark.parametrize("junk", [b"", b"junk", bytes(range(256)) * 9, b"PK\x03\x04junk", b"\x80\x02J\x01"])
def test_a_file_that_is_no_weights_is_told(junk: bytes, tmp_path: Path) -> None:
    (tmp_path / "bad.pt").write_bytes(junk)
    with pytest.raises(ModelError, match="damaged or no file of weights"):
        checkpoint.load(tmp_path / "bad.pt", ("weights",))


def test_frozen_stages_keep_weights_and_statistics() -> None:
    torch.manual_seed(1)
    network = GeneralNetwork()
    network.freeze(2)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.train()
    optimiser = torch.optim.AdamW(
        (p for p in network.parameters() if p.requires_grad), lr=0.1, weight_decay=0.1
    )
    network(torch.rand(4, 1, 32, 32)).combined.square().mean().backward()
    optimiser.step()
    after = network.state_dict()
    changed = {
        name.partition(".")[0] for name, value in before.items() if not torch.equal(value, after[name])
    }
    assert changed == {"stage3", "vote1", "vote2", "vote3", "vote_weights"}
    network.eval()
    assert not network.stage3.training
