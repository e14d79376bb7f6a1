"""Downloads from a real HTTP server on this machine: whole, cut off, resumed, wrong, absent."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import FailureError, InputError
from core.loaders import download as fetch_module
from core.loaders.download import REMOTE, RemoteFile, fetch

CONTENT = np.random.default_rng(0).integers(0, 256, 1_500_000, dtype=np.uint8).tobytes()


@dataclass
class Site:
    """What the server does. cuts: after how many bytes each of the coming answers breaks off."""

    address: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int] = field(default_factory=list)
    ranges: bool = True
    status: int = 200
    asked: list[tuple[str, str]] = field(default_factory=list)

    def remote(self, name: str = "digits.bin", **changes: object) -> dict[str, tuple[RemoteFile, ...]]:
        """A data set “set” of one file of this site."""
        content = self.files.get(name, CONTENT)
        facts: dict[str, object] = {
            "name": name,
            "addresses": (f"{self.address}/{name}",),
            "sum": f"sha256:{hashlib.sha256(content).hexdigest()}",
            "size": len(content),
        }
        return {"set": (RemoteFile(**{**facts, **changes}),)}  # type: ignore[arg-type]


def handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range", "")
            site.asked.append((self.path, wanted))
            content = site.files.get(self.path.lstrip("/"))
            if site.status != 200 or content is None:
                self.send_error(site.status if site.status != 200 else 404)
                return
            start = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted and site.ranges else 0
            if start >= len(content):
                self.send_error(416)
                return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            stop = site.cuts.pop(0) if site.cuts else len(content)
            self.wfile.write(content[start : start + stop])

        def log_message(self, format: str, *args: object) -> None:
            """Stay quiet."""

    return Handler


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch_module, "_PAUSE", 0.0)
    site = Site(files={"digits.bin": CONTENT})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(site))
    site.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_downloads_and_tells_how_far(site: Site, tmp_path: Path) -> None:
    told: list[tuple[str, int, int | None]] = []
    folder = fetch("set", tmp_path, lambda *args: told.append(args), remote=site.remote())
    assert folder == tmp_path / "set"
    assert (folder / "digits.bin").read_bytes() == CONTENT
    assert names(folder) == ["digits.bin"]
    assert told[-1] == ("digits.bin", len(CONTENT), len(CONTENT))
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_what_is_there_is_not_asked_for(site: Site, tmp_path: Path) -> None:
    fetch("set", tmp_path, remote=site.remote())
    site.asked.clear()
    fetch("set", tmp_path, remote=site.remote())
    assert site.asked == []


def test_goes_on_after_every_cut(site: Site, tmp_path: Path) -> None:
    site.cuts = [400_000, 300_000, 500_000]
    folder = fetch("set", tmp_path, remote=site.remote())
    assert (folder / "digits.bin").read_bytes() == CONTENT
    assert len(site.asked) == 4
    assert site.asked[0] == ("/digits.bin", "")
    starts = [int(wanted.removeprefix("bytes=").rstrip("-")) for _, wanted in site.asked[1:]]
    assert starts == sorted(starts)
    assert starts[0] > 0


def test_a_later_attempt_goes_on_where_it_was(site: Site, tmp_path: Path) -> None:
    def cancel(_: str, done: int, __: int | None) -> None:
        if done > 700_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch("set", tmp_path, cancel, remote=site.remote())
    assert names(tmp_path / "set") == ["digits.bin.part"]
    folder = fetch("set", tmp_path, remote=site.remote())
    assert site.asked[-1][1].startswith("bytes=")
    assert site.asked[-1][1] != "bytes=0-"
    assert (folder / "digits.bin").read_bytes() == CONTENT


def test_starts_again_where_the_server_knows_no_ranges(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    site.cuts = [400_000]
    folder = fetch("set", tmp_path, remote=site.remote())
    assert (folder / "digits.bin").read_bytes() == CONTENT


def test_gives_up_when_nothing_more_comes(site: Site, tmp_path: Path) -> None:
    site.cuts = [200_000, *[0] * 20]
    with pytest.raises(FailureError, match="set could not be fetched"):
        fetch("set", tmp_path, remote=site.remote())
    assert names(tmp_path / "set") == ["digits.bin.part"]
    assert len(site.asked) < 10


def test_refuses_a_wrong_sum_and_keeps_nothing(site: Site, tmp_path: Path) -> None:
    site.files["digits.bin"] = b"something else"
    remote = site.remote(sum=f"sha256:{hashlib.sha256(CONTENT).hexdigest()}")
    with pytest.raises(
        FailureError, match=r"digits\.bin is not the file it should be .its sha256 sum differs"
    ):
        fetch("set", tmp_path, remote=remote)
    assert names(tmp_path / "set") == []


def test_an_old_beginning_is_thrown_away(site: Site, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    for beginning in (b"old" * 1000, b"old" * 1_000_000):
        (tmp_path / "set" / "digits.bin.part").write_bytes(beginning)
        folder = fetch("set", tmp_path, remote=site.remote())
        assert (folder / "digits.bin").read_bytes() == CONTENT
        (folder / "digits.bin").unlink()


def test_a_complete_part_is_taken_as_it_is(site: Site, tmp_path: Path) -> None:
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "digits.bin.part").write_bytes(CONTENT)
    folder = fetch("set", tmp_path, remote=site.remote())
    assert names(folder) == ["digits.bin"]


def test_the_next_address_helps(site: Site, tmp_path: Path) -> None:
    site.files["mirror.bin"] = CONTENT
    site.files["wrong.bin"] = b"wrong"
    addresses = (
        "http://127.0.0.1:1/digits.bin",
        *(f"{site.address}/{n}" for n in ("absent", "wrong.bin", "mirror.bin")),
    )
    folder = fetch("set", tmp_path, remote=site.remote(addresses=addresses))
    assert (folder / "digits.bin").read_bytes() == CONTENT


def test_the_sum_of_a_zipped_file_is_of_its_content(site: Site, tmp_path: Path) -> None:
    good = f"sha256:{hashlib.sha256(b'digits').hexdigest()}"
    site.files["digits.gz"] = gzip.compress(b"digits", mtime=1)
    fetch("set", tmp_path, remote=site.remote("digits.gz", sum=good, zipped=True))
    for content in (b"not zipped", gzip.compress(b"digits")[:-9], gzip.compress(b"others")):
        site.files["digits.gz"] = content
        (tmp_path / "set" / "digits.gz").unlink(missing_ok=True)
        with pytest.raises(FailureError, match="not the file it should be"):
            fetch("set", tmp_path, remote=site.remote("digits.gz", sum=good, zipped=True))
        assert names(tmp_path / "set") == []


def test_no_network_gives_one_sentence(site: Site, tmp_path: Path) -> None:
    with pytest.raises(FailureError) as caught:
        fetch("set", tmp_path, remote=site.remote(addresses=("http://127.0.0.1:1/digits.bin",)))
    text = str(caught.value)
    assert "can't be reached; is there a network connection?" in text
    assert "\n" not in text
    assert names(tmp_path / "set") == []


def test_an_error_of_the_server_is_said(site: Site, tmp_path: Path) -> None:
    site.status = 503
    with pytest.raises(FailureError, match=r"digits\.bin answers 503"):
        fetch("set", tmp_path, remote=site.remote())
    site.status = 200
    with pytest.raises(FailureError, match="answers 404"):
        fetch("set", tmp_path, remote=site.remote("absent.bin"))


def test_says_when_space_is_short(site: Site, tmp_path: Path) -> None:
    with pytest.raises(FailureError, match="free some space"):
        fetch("set", tmp_path, remote=site.remote(size=10**18))
    assert site.asked == []


def test_unknown_sets_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="“fonts” can't be fetched; mnist, svhn can"):
        fetch("fonts", tmp_path)


def test_a_folder_that_cannot_be_made(site: Site, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FailureError, match="file"):
        fetch("set", tmp_path / "file", remote=site.remote())


def archive(*names: str, link: str = "") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = 3
            tar.addfile(info, io.BytesIO(b"abc"))
        if link:
            info = tarfile.TarInfo("train/link")
            info.type, info.linkname = tarfile.SYMTYPE, link
            tar.addfile(info)
    return buffer.getvalue()


def test_unpacks_an_archive(site: Site, tmp_path: Path) -> None:
    site.files["train.tar.gz"] = archive("train/1.png", "train/digitStruct.mat")
    remote = site.remote("train.tar.gz", unpacks_to="train")
    folder = fetch("set", tmp_path, remote=remote)
    assert names(folder) == ["train"]
    assert names(folder / "train") == ["1.png", "digitStruct.mat"]
    site.asked.clear()
    fetch("set", tmp_path, remote=remote)
    assert site.asked == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (archive("../evil.txt"), "can't be unpacked"),
        (archive("/tmp/evil.txt", "train/../../evil.txt"), "can't be unpacked"),
        (archive("train/1.png", link="/etc/passwd"), "can't be unpacked"),
        (archive("other/1.png"), "does not hold the folder “train”"),
        (archive("train/1.png")[:60], "can't be unpacked"),
        (b"no archive", "can't be unpacked"),
    ],
    ids=[
        "above",
        "absolute",
        "link",
        "other folder",
        "cut off",
        "no archive",
    ],  # bytes hold the time they were made
)
def test_an_unsafe_or_broken_archive_leaves_nothing_behind(
    site: Site, tmp_path: Path, content: bytes, says: str
) -> None:
    site.files["train.tar.gz"] = content
    with pytest.raises(FailureError, match=says):
        fetch("set", tmp_path / "downloads", remote=site.remote("train.tar.gz", unpacks_to="train"))
    assert names(tmp_path / "downloads" / "set") == []
    assert not (tmp_path / "evil.txt").exists()
    assert not (tmp_path / "downloads" / "evil.txt").exists()


def test_knows_the_official_sums() -> None:
    assert [f.name for f in REMOTE["mnist"]] == [
        "train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
    ]  # fmt: skip
    assert all(len(f.addresses) > 1 and f.zipped and len(f.sum) == 71 for f in REMOTE["mnist"])
    assert {f.name: f.sum for f in REMOTE["svhn"]} == {
        "train.tar.gz": "md5:a649f4cb15c35520e8a8c342d4c0005a",
        "test.tar.gz": "md5:790d9c8d42f1fcbd219b59956c853a81",
    }
