"""Downloads data sets from their official addresses.

pooch does the bookkeeping; the downloader is ours, because it goes on where it was cut off. Nothing
half-written ever has a final name: bytes are gathered in `NAME.part`, checked, then renamed; archives are
unpacked aside.
"""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pooch
import requests

from core.base.errors import FailureError, InputError

_log = logging.getLogger(__name__)

Progress = Callable[[str, int, int | None], None]
"""Told (file name, bytes there, bytes in all or None) as a download goes on. May raise to cancel it."""

_CHUNK = 1 << 18
_ATTEMPTS = 5
_PAUSE = 1.0
"""Seconds before the second attempt without progress; each further one waits as much longer."""

_TIMEOUT = (15, 60)
"""Seconds to connect, and between two pieces of data."""


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set.

    addresses: tried in this order. sum: `sha256:…` or `md5:…`; of the content when `zipped` (servers wrap the
    same content in different gzip), else of the file. size: bytes, about. unpacks_to: the folder in an archive.
    """

    name: str
    addresses: tuple[str, ...]
    sum: str
    size: int
    zipped: bool = False
    unpacks_to: str = ""


def _mnist(name: str, sha256: str, size: int) -> RemoteFile:
    bases = (
        "http://yann.lecun.com/exdb/mnist/",
        "https://ossci-datasets.s3.amazonaws.com/mnist/",
        "https://storage.googleapis.com/cvdf-datasets/mnist/",
    )
    return RemoteFile(
        f"{name}.gz", tuple(f"{b}{name}.gz" for b in bases), f"sha256:{sha256}", size, zipped=True
    )


def _svhn(name: str, md5: str, size: int, unpacks_to: str = "") -> RemoteFile:
    return RemoteFile(
        name, (f"http://ufldl.stanford.edu/housenumbers/{name}",), f"md5:{md5}", size, unpacks_to=unpacks_to
    )


REMOTE: Mapping[str, tuple[RemoteFile, ...]] = {
    "mnist": (
        _mnist(
            "train-images-idx3-ubyte",
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            9_912_422,
        ),
        _mnist(
            "train-labels-idx1-ubyte",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            28_881,
        ),
        _mnist(
            "t10k-images-idx3-ubyte",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            1_648_877,
        ),
        _mnist(
            "t10k-labels-idx1-ubyte",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            4_542,
        ),
    ),
    "svhn": (
        _svhn("train.tar.gz", "a649f4cb15c35520e8a8c342d4c0005a", 404_141_560, "train"),
        _svhn("test.tar.gz", "790d9c8d42f1fcbd219b59956c853a81", 276_555_967, "test"),
    ),
}
"""What `gnc data fetch` knows. Of SVHN format 1, whose photos show what is around a digit."""


def fetch(
    name: str,
    downloads: Path,
    progress: Progress | None = None,
    *,
    remote: Mapping[str, tuple[RemoteFile, ...]] = REMOTE,
) -> Path:
    """Download a data set into `downloads/NAME`; files that are there already are kept. Returns that folder.

    Raises:
        InputError: there is no such data set to fetch.
        FailureError: no network, a wrong sum, no space; what came so far is kept for the next attempt.
        Whatever `progress` raises, likewise.
    """
    if name not in remote:
        raise InputError(f"“{name}” can't be fetched; {', '.join(remote)} can.")
    folder = downloads / name
    wanted = [f for f in remote[name] if not (folder / (f.unpacks_to or f.name)).exists()]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _check_space(folder, wanted)
        for file in wanted:
            _fetch_file(file, folder, progress or (lambda *_: None))
            _log.info("Fetched %s of %s into %s", file.name, name, folder)
    except requests.RequestException as error:
        raise FailureError(f"{_why(name, error)} {by_hand(wanted, folder)}") from error
    except OSError as error:
        raise FailureError(f"{error.filename or folder}: {error.strerror or error}.") from error
    return folder


def by_hand(files: Sequence[RemoteFile], folder: Path) -> str:
    """Which files belong where, for who gets them another way."""
    plain = [file.name for file in files if not file.unpacks_to]
    packed = [file.name for file in files if file.unpacks_to]
    said = [f"put {', '.join(plain)} into {folder}"] if plain else []
    said += [f"unpack {', '.join(packed)} into {folder}"] if packed else []
    return f"By hand: {' and '.join(said)}."


def _check_space(folder: Path, files: Sequence[RemoteFile]) -> None:
    # An archive and what it holds lie side by side for a while.
    need = sum(f.size * (3 if f.unpacks_to else 1) for f in files)
    free = shutil.disk_usage(folder).free
    if free < need:
        raise FailureError(
            f"{folder} has {free / 1e9:.1f} GB left and needs {need / 1e9:.1f} GB; free some space."
        )


def _why(name: str, error: requests.RequestException) -> str:
    if isinstance(error, requests.HTTPError) and error.response is not None:
        return f"{name} could not be fetched: {error.response.url} answers {error.response.status_code}."
    address = str(error.request.url) if error.request is not None else "its address"
    if isinstance(error, requests.Timeout):
        return f"{name} could not be fetched: {address} does not answer; try again, it goes on where it was."
    if isinstance(error, requests.ConnectionError):
        return f"{name} could not be fetched: {address} can't be reached; is there a network connection?"
    return f"{name} could not be fetched from {address} ({error})."


def _fetch_file(file: RemoteFile, folder: Path, progress: Progress) -> None:
    pooch.get_logger().setLevel(logging.WARNING)
    downloader = ResumingDownloader(file, folder, progress)
    for number, address in enumerate(file.addresses, start=1):
        try:
            # The downloader checks the sum itself: pooch knows only sums of whole files.
            path = pooch.retrieve(
                address, known_hash=None, fname=file.name, path=folder, downloader=downloader
            )
            break
        except (requests.RequestException, WrongSumError):
            if number == len(file.addresses):
                raise
    if file.unpacks_to:
        _unpack(Path(path), folder / file.unpacks_to)


class WrongSumError(FailureError):
    """What a server gave is not the file that was asked for."""


class ResumingDownloader:
    """A downloader for pooch that goes on after a cut, also in another process, where the server allows it."""

    def __init__(self, file: RemoteFile, folder: Path, progress: Progress) -> None:
        self._file = file
        self._part = folder / f"{file.name}.part"
        self._progress = progress

    def __call__(
        self, url: str, output_file: str | os.PathLike[str] | BinaryIO, _: Any, check_only: bool = False
    ) -> None:
        """Download `url`; pooch takes `output_file` as complete.

        Raises requests.RequestException after several attempts without progress, WrongSumError.
        """
        assert isinstance(output_file, str | os.PathLike), "pooch gives a path here"
        resumed = self._part.exists()
        self._download(url)
        if not self._is_right() and resumed:
            # The beginning was of an older version of the file.
            self._part.unlink()
            self._download(url)
        if not self._is_right():
            self._part.unlink()
            raise WrongSumError(
                f"{url} is not the file it should be (its {self._file.sum.partition(':')[0]} sum differs)."
            )
        os.replace(self._part, output_file)

    def _download(self, url: str) -> None:
        failures = 0
        while True:
            before = self._there()
            try:
                self._continue(url)
                return
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError):
                failures = 0 if self._there() > before else failures + 1
                if failures >= _ATTEMPTS or (failures and before == 0):
                    raise
                time.sleep(_PAUSE * failures)

    def _there(self) -> int:
        return self._part.stat().st_size if self._part.exists() else 0

    def _continue(self, url: str) -> None:
        there = self._there()
        # Identity: a server that zips on the way would count other bytes.
        headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={there}-"} if there else {})
        with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT) as response:
            if response.status_code == requests.codes.requested_range_not_satisfiable:
                return  # all of it is there already, or the sum will tell
            response.raise_for_status()
            if response.status_code != requests.codes.partial_content:
                there = 0
            length = response.headers.get("Content-Length")
            total = there + int(length) if length else None
            with self._part.open("ab" if there else "wb") as out:
                for chunk in response.iter_content(_CHUNK):
                    out.write(chunk)
                    there += len(chunk)
                    self._progress(self._file.name, there, total)

    def _is_right(self) -> bool:
        if not self._part.exists():
            return False
        algorithm, _, wanted = self._file.sum.partition(":")
        digest = hashlib.new(algorithm, usedforsecurity=False)
        try:
            with gzip.open(self._part) if self._file.zipped else self._part.open("rb") as content:
                while block := content.read(_CHUNK):
                    digest.update(block)
        except (EOFError, zlib.error, gzip.BadGzipFile):
            return False
        return digest.hexdigest() == wanted


def _unpack(archive: Path, target: Path) -> None:
    """Unpack a .tar.gz whose one folder is `target`, aside first; the archive is then removed."""
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as aside:
        try:
            with tarfile.open(archive) as tar:
                # “data” refuses what would leave the folder: absolute names, .., links out of it, devices.
                tar.extractall(aside, filter="data")
        except (tarfile.TarError, gzip.BadGzipFile, EOFError, zlib.error) as error:
            archive.unlink()
            raise FailureError(f"{archive} can't be unpacked ({error}); fetch it again.") from error
        if not (Path(aside) / target.name).is_dir():
            archive.unlink()
            raise FailureError(f"{archive} does not hold the folder “{target.name}”.")
        os.replace(Path(aside) / target.name, target)
    archive.unlink()
