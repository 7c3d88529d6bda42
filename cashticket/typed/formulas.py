"""Texts that a spreadsheet would take for formulas are guarded in files for it, and come back as they were. Pure."""

# Spreadsheets evaluate a cell that begins with one of these.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
GUARD = "'"


def with_guard(text: str) -> str:
    """The text with an apostrophe before it if it would be a formula, also behind apostrophes of its own."""
    return GUARD + text if text.lstrip(GUARD).startswith(FORMULA_STARTS) else text


def without_guard(text: str) -> str:
    """A text as it was before `with_guard`. Other apostrophes stay."""
    is_guarded = text.startswith(GUARD) and text.lstrip(GUARD).startswith(FORMULA_STARTS)
    return text.removeprefix(GUARD) if is_guarded else text
