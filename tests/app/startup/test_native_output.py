"""What C libraries write to standard error stays out of the terminal; what Python says does not."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
from PIL import Image

SCRIPT = """
import os, sys
from pathlib import Path
from app.startup.native_output import divert_native_output
divert_native_output(Path(sys.argv[1]))
os.write(2, b"Corrupt JPEG data: premature end of data segment\\n")
print("a sentence for people", file=sys.stderr)
raise SystemExit("and the last words")
"""


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def test_native_words_go_to_a_file(tmp_path: Path) -> None:
    done = run("-c", SCRIPT, tmp_path / "logs")
    assert done.stderr == "a sentence for people\nand the last words\n"
    assert done.returncode == 1
    assert "Corrupt JPEG data" in (tmp_path / "logs" / "libraries.log").read_text()


def test_without_a_folder_they_go_nowhere(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert run("-c", SCRIPT, tmp_path / "file").stderr == "a sentence for people\nand the last words\n"


def test_no_library_speaks_in_the_terminal_of_a_command(tmp_path: Path, home: Path) -> None:
    """Files that make libtiff, libpng and libjpeg complain."""
    picture = Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 60), np.uint8))
    for name, kind in (("a.tif", {"compression": "tiff_lzw"}), ("b.jpg", {}), ("c.png", {})):
        picture.save(tmp_path / name, **kind)
        data = bytearray((tmp_path / name).read_bytes())
        data[len(data) // 2 : len(data) // 2 + 9] = b"\xff\xd9nonsense"[:9]
        (tmp_path / name).write_bytes(data)
    tif = bytearray((tmp_path / "a.tif").read_bytes())
    entries = struct.unpack_from("<I", tif, 4)[0] + 2
    struct.pack_into("<H", tif, entries, 65_000)  # a tag that nobody knows, and out of order
    (tmp_path / "d.tif").write_bytes(tif)
    done = run("-m", "app.cli", "classify", tmp_path)
    assert done.returncode in (0, 2)
    for line in done.stderr.splitlines():
        assert line.startswith("gnc: ")
    told = (home / "logs" / "gnc.log").read_text()
    assert "Started: gnc classify" in told
    assert "Classifier opened" in told
    assert f"Ended with exit code {done.returncode}" in told
