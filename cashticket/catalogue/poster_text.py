"""Text set into a box without a browser's help: where lines break, and how large the letters may be.

Widths are estimated from above, in parts of the letter size, so that whatever font a reader has, nothing runs out of
the box.
"""

import unicodedata
from dataclasses import dataclass

ELLIPSIS = "…"
NARROW = frozenset("ijlI.,:;'!|()[]`· ")
BROAD = frozenset("mwMW@%—…")


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines from top to bottom and the size of their letters."""

    lines: tuple[str, ...]
    size: int


def width_of(text: str) -> float:
    """The widest that any usual font sets `text`, in parts of the letter size."""
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
    """The largest of `sizes` at which `text` fits into `lines_max` lines, with whole words if that can be; at the
    smallest it is cut, if it must be."""
    words = " ".join(text.split())
    longest = max(map(width_of, words.split(" ")))
    for size in (*(size for size in sizes if longest * size <= width), *sizes):
        lines = _broken(words, width / size)
        if len(lines) <= lines_max:
            return Setting(tuple(lines), size)
    size = sizes[-1]
    kept = _broken(words, width / size)[:lines_max]
    return Setting((*kept[:-1], cut(f"{kept[-1]}{ELLIPSIS}", width / size)), size)


def cut(text: str, width: float) -> str:
    """As much of `text` as fits, ending in an ellipsis when something is missing."""
    if width_of(text) <= width:
        return text
    kept = text.removesuffix(ELLIPSIS)
    while kept and width_of(kept + ELLIPSIS) > width:
        kept = kept[:-1]
    return kept.rstrip() + ELLIPSIS


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
    """A word that is longer than a line, broken where it must be."""
    pieces = [""]
    for letter in word:
        if pieces[-1] and width_of(pieces[-1] + letter) > width:
            pieces.append("")
        pieces[-1] += letter
    return pieces
