"""Exceptions as log lines may show them: class and code, never the message.

Messages of drivers quote what was sent: "Duplicate entry 'alice@…' for key". An exception of ours whose message is
safe says so by `message_is_safe = True`; its message then stands in the line too.
"""

import errno
import traceback
from pathlib import Path
from typing import Any

CAUSES_MAX = 3
FRAMES_MAX = 20
LIBRARY_FRAMES = 3
ROOT = Path(__file__).resolve().parents[2]
PACKAGES = "site-packages/"


def failure_text(error: BaseException) -> str:
    """Class and code of an exception and of up to 3 causes: "StoreUnavailable from ConnectionError ECONNREFUSED"."""
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None and len(parts) <= CAUSES_MAX:
        parts.append(_one(current))
        if getattr(current, "message_is_safe", False):
            # It was written for the log and names its cause itself.
            break
        current = current.__cause__ or (None if current.__suppress_context__ else current.__context__)
    return " from ".join(parts)


def failure_trace(error: BaseException) -> list[str]:
    """Where an exception was raised: `file:line function`, outermost first. At most 20 frames: ours, and the innermost
    three of libraries."""
    frames = traceback.extract_tb(error.__traceback__)
    innermost = len(frames) - LIBRARY_FRAMES
    shown = [frame for number, frame in enumerate(frames) if number >= innermost or _is_ours(frame.filename)]
    return [f"{_short_path(frame.filename)}:{frame.lineno} {frame.name}" for frame in shown[-FRAMES_MAX:]]


def _one(error: BaseException) -> str:
    code = _code(error)
    text = f"{type(error).__name__} {code}" if code else type(error).__name__
    driver_error = getattr(error, "orig", None)
    if isinstance(driver_error, BaseException):
        text += f" ({_one(driver_error)})"
    if getattr(error, "message_is_safe", False):
        text += f": {error}"
    return text


def _code(error: BaseException) -> str:
    """The code that the library of an exception gives it, "" without one."""
    name: Any = getattr(error, "sqlite_errorname", None)
    if isinstance(name, str):
        return name
    smtp_code = _smtp_code(error)
    if smtp_code:
        return str(smtp_code)
    if isinstance(error, OSError) and error.errno is not None:
        return errno.errorcode.get(error.errno, str(error.errno))
    first = error.args[0] if error.args else None
    if isinstance(first, int) and not isinstance(first, bool):
        # PyMySQL puts the server's number first.
        return str(first)
    return _redis_code(error, first)


def _smtp_code(error: BaseException) -> int:
    code = getattr(error, "smtp_code", 0)
    recipients = getattr(error, "recipients", None)
    if isinstance(recipients, dict) and recipients:
        code = next(iter(recipients.values()))[0]
    return code if isinstance(code, int) and code > 0 else 0


def _redis_code(error: BaseException, first: object) -> str:
    # An error reply of Redis begins with its code in capitals: "MISCONF Redis is configured to …".
    if not type(error).__module__.startswith("redis.") or not isinstance(first, str):
        return ""
    word = first.split(" ", 1)[0]
    return word if word.isascii() and word.isalpha() and word.isupper() and len(word) <= 20 else ""


def _is_ours(name: str) -> bool:
    return PACKAGES not in name and Path(name).is_relative_to(ROOT)


def _short_path(name: str) -> str:
    if PACKAGES in name:
        return name.rpartition(PACKAGES)[2]
    path = Path(name)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else path.name
