"""Fits text into a box without a browser: line breaks and letter size.

Widths are upper estimates, as fractions of the letter size, so that the text stays inside the box in any font.
"""

import unicodedata
from dataclasses import dataclass

ELLIPSIS = "…"
NARROW = frozenset("ijlI.,:;'!|()[]`· ")
BROAD = frozenset("mwMW@%—…")


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines from top to bottom, and the letter size in units of the SVG."""

    lines: tuple[str, ...]
    size: int


def width_of(text: str) -> float:
    """The width of `text` in the widest usual font, as a fraction of the letter size."""
    return sum(_letter(letter) for letter in text)


def _letter(letter: str) -> float:
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Cf", "Mn"):
        return 0.0
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 1.02
    if ord(letter) > 0x2E7F or unicodedata.category(letter) == "So":
        return 1.4
    if letter in NARROW:
        return 0.42
    if letter in BROAD:
        return 1.05
    return 0.8 if letter.isupper() else 0.66


def set_into(text: str, width: float, lines_max: int, sizes: tuple[int, ...]) -> Setting:
    """The largest of `sizes` at which `text` fits into `lines_max` lines, with whole words if possible. At the smallest
    size, a text that is too long is cut."""
    words = " ".join(text.split())
    longest = max(map(width_of, words.split(" ")))
    for size in (*(size for size in sizes if longest * size <= width), *sizes):
        lines = _broken(words, width / size)
        if len(lines) <= lines_max:
            return Setting(tuple(lines), size)
    size = sizes[-1]
    lines = _broken(words, width / size)[:lines_max]
    return Setting((*lines[:-1], cut(f"{lines[-1]}{ELLIPSIS}", width / size)), size)


def cut(text: str, width: float) -> str:
    """As much of `text` as fits into `width`, with an ellipsis if it was cut."""
    if width_of(text) <= width:
        return text
    start = text.removesuffix(ELLIPSIS)
    while start and width_of(start + ELLIPSIS) > width:
        start = start[:-1]
    return start.rstrip() + ELLIPSIS


def _broken(words: str, width: float) -> list[str]:
    lines: list[str] = []
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer) <= width:
            lines[-1] = longer
            continue
        *whole, last = _pieces(word, width)
        lines += [*whole, last]
    return lines


def _pieces(word: str, width: float) -> list[str]:
    """The parts of a word, each as long as a line allows."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_of(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
