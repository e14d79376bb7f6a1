"""Text and tables in files."""

from __future__ import annotations

from pathlib import Path

from core.base.files import csv_text, write_text


def test_a_table_keeps_what_stands_between_commas_and_over_lines(tmp_path: Path) -> None:
    text = csv_text(("name", "n"), [("a, “b”", 1), ("two\nlines\r\n", "")])
    assert text == 'name,n\n"a, “b”",1\n"two\nlines\r\n",\n'
    path = write_text(tmp_path / "new" / "table.csv", text)
    assert path.read_bytes() == text.encode()
    assert list(path.parent.iterdir()) == [path]
