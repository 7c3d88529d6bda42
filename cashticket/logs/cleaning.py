"""The last guard before a line is written: masks what looks like a secret or a person in any text.

Our own code writes no such thing; libraries write what they like.
"""

import re

MASKS = (
    (re.compile(r"[^\s@'\"<>(),;:=\[\]]+@[\w.-]+"), "[address]"),
    (re.compile(r"\$argon2\S*"), "[hash]"),
    # A signed token: parts in base64, joined by dots.
    (re.compile(r"(?=[\w.-]*[A-Z])(?=[\w.-]*[0-9])\b[\w-]{8,}(\.[\w-]+)?\.[\w-]{20,}"), "[token]"),
    (re.compile(r"/(confirm|reset|undo|unsubscribe)/[^\s/?'\"]+"), r"/\1/[token]"),
    # The query of an address.
    (re.compile(r"(/[\w/.-]*)\?[^\s'\"]+"), r"\1?[query]"),
    (re.compile(r"(?<!\d)(\+?82|0)[ -]?1[016789][ -]?\d{3,4}[ -]?\d{4}(?!\d)"), "[phone]"),
)
LENGTH_MAX = 2000


def cleaned(text: str) -> str:
    """The text with addresses, phone numbers, hashes, link tokens and queries masked, at most 2,000 characters."""
    for pattern, mask in MASKS:
        text = pattern.sub(mask, text)
    return text if len(text) <= LENGTH_MAX else text[:LENGTH_MAX] + "…"
