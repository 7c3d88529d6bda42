"""Messages as files, for development and tests: one each, in the order in which they left."""

import os
import secrets
import time
from pathlib import Path


def write_message(folder: Path, ending: str, content: bytes) -> None:
    """Write a message as one file with this ending, such as "eml". Readers of `*.eml` never see half of it, and the
    names sort by time. Raises OSError."""
    name = f"{time.time_ns()}-{secrets.token_hex(4)}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = folder / f".{name}.draft"
    draft.write_bytes(content)
    os.replace(draft, folder / f"{name}.{ending}")  # noqa: PTH105 - atomic, and replaces an existing file
