"""Settings given as files: NAME_FILE names a file that holds the value of NAME, as container secrets are mounted."""

from collections.abc import Iterable, Mapping
from pathlib import Path

BYTES_MAX = 65_536
# There are no fallbacks before a key is changed for the first time, no VAPID key where pushes are off, no recipients
# before backups are encrypted, no gateway where no SMS leaves, no provider where nobody is identified.
MAY_BE_EMPTY = frozenset({"SECRET_KEY_FALLBACKS", "VAPID_PRIVATE_KEY", "BACKUP_RECIPIENTS", "SMS_URL", "IDENTITY_URL"})


def with_files(environ: Mapping[str, str], names: Iterable[str]) -> tuple[dict[str, str], dict[str, str]]:
    """`environ` with the values of those `names` that are given as files, and name → sentence for each that is wrong.

    The value ends before the line break at the end of its file. A problem names the file, never what is in it.
    """
    values, problems = dict(environ), {}
    for name in names:
        file = environ.get(f"{name}_FILE")
        if not file:
            continue
        if environ.get(name):
            problems[name] = f"{name} and {name}_FILE are both set; leave one of them out."
            continue
        try:
            values[name] = _value(Path(file), may_be_empty=name in MAY_BE_EMPTY)
        except ValueError as error:
            problems[name] = f"{name}_FILE names {file}, which {error}."
    return values, problems


def _value(path: Path, *, may_be_empty: bool) -> str:
    """The value in a file. Raises ValueError that says what is wrong with the file."""
    try:
        with path.open("rb") as opened:
            content = opened.read(BYTES_MAX + 1)
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror}") from error
    if len(content) > BYTES_MAX:
        raise ValueError("is larger than 64 KiB")
    try:
        value = content.decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8 text") from error
    if not value.strip() and not may_be_empty:
        raise ValueError("is empty")
    if "\n" in value or "\0" in value:
        raise ValueError("holds more than one line")
    return value
