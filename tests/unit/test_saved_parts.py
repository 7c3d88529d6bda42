"""What somebody else may have written into the list of a backup's parts ends with one line, and takes no memory."""

from pathlib import Path

import pytest

from cashticket.work.backup.parts import LIST_NAME, TEXT_BYTES_MAX, NotReadable, SavedParts


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"[" * 200_000, "its list of parts is damaged"),
        (b'{"parts": ' + b"[" * 200_000, "its list of parts is damaged"),
        (b'{"parts": {"../../etc/cron.d/mallory": "00"}}', "its list of parts is damaged"),
        (b" " * (TEXT_BYTES_MAX + 1), "has more than 4 MiB"),
    ],
)
def test_a_list_of_somebody_else_is_refused_in_a_line(tmp_path: Path, content: bytes, sentence: str) -> None:
    (tmp_path / LIST_NAME).write_bytes(content)
    with pytest.raises(NotReadable, match=sentence):
        SavedParts(tmp_path)
