"""What is wrong with a folder in the settings: it must be there, or it must be possible to make it.

Each function returns the end of a sentence that begins with the name of the setting, or None. Nothing is made here.
"""

import os
from pathlib import Path

NAME_BYTES_MAX = 255


def folder_problem(text: str, *, is_written: bool) -> str | None:
    """What is wrong with a folder that is made when it is missing. `is_written`: by this process."""
    if problem := _unfit(text):
        return problem
    path = Path(text)
    nearest = next(each for each in (path, *path.absolute().parents) if os.path.lexists(each))
    if not nearest.is_dir():
        where = "is a file" if nearest == path else f"lies below {str(nearest)[:200]!r}, which is a file"
        return f"{where}; name a folder"
    if is_written and not os.access(nearest, os.W_OK | os.X_OK):
        return f"cannot be written by this user: {str(nearest)[:200]!r} belongs to somebody else"
    return None


def present_folder_problem(text: str) -> str | None:
    """What is wrong with a folder of somebody else, which must be there."""
    if problem := _unfit(text):
        return problem
    return None if Path(text).is_dir() else f"names {text[:200]!r}, which is no folder here"


def _unfit(text: str) -> str | None:
    if not text.strip() or not text.isprintable():
        return "is no path of a folder"
    if any(len(os.fsencode(part)) > NAME_BYTES_MAX for part in Path(text).parts) or len(os.fsencode(text)) > 4000:
        return "names a folder whose name is too long"
    return None
