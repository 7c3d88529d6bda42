"""What may stand as a person's name: names of all countries, but no links, amounts or advertisements.

A name is shown to operators and stands in mails, so whoever signs up could otherwise have our server send their text.
"""

import re
import unicodedata

from cashticket.typed.text import JOINERS

# Besides letters, marks, digits and spaces: O'Brien, Jean-Luc, Jr., Smith, Gal·la, (née Kim).
PUNCTUATION = frozenset("-'`´.,()\"·・‧•․ʻʼ‐‑–’‘“”")
WORDS_MAX = 12
DIGITS_MAX = 4
COMMAS_MAX = 2

# The characters that software takes for the dot in an address.
DOTS = str.maketrans("．。｡․", "....")
# "J.R.R.", "Md.Rahman" and "St.John" are names; "winner.example" and "win.com" are addresses.
ADDRESS = re.compile(r"\w{4,}\.\w{2,}")
KNOWN_ADDRESS = re.compile(
    r"\w\.(?:com|net|org|info|biz|kr|co|io|me|ai|app|dev|shop|store|site|online|club|link|live|win|vip|xyz|top|click|cc|tv"
    r"|gg|ly|ru|cn|jp|us|uk|de|example|test|invalid)\b|\bwww\b",
    re.IGNORECASE,
)
AMOUNT = re.compile(r"\d\s*[십백천만억]*\s*(?:원|won\b|krw\b|usd\b|dollars?\b|euros?\b|%)", re.IGNORECASE)
# A long word with a full stop after it and text behind that: a sentence, and no "Dr. Kim".
SENTENCE = re.compile(r"\w{6,}\.\s+\w")


def looks_like_a_name(text: str) -> bool:
    """Whether `text`, in single spaces, can be somebody's name. Kind to what is rare; firm on what is none."""
    plain = unicodedata.normalize("NFKC", text)
    if not all(_may_stand_in_a_name(character) for character in text + plain):
        return False
    dotted = plain.translate(DOTS)
    if any(pattern.search(dotted) for pattern in (ADDRESS, KNOWN_ADDRESS, AMOUNT, SENTENCE)):
        return False
    digits = sum(character.isdigit() for character in plain)
    has_letter = any(character.isalpha() for character in plain)
    return has_letter and digits <= DIGITS_MAX and plain.count(",") <= COMMAS_MAX and len(plain.split()) <= WORDS_MAX


def _may_stand_in_a_name(character: str) -> bool:
    may_stand = unicodedata.category(character)[0] in "LMZ" or character.isdigit()
    return may_stand or character in PUNCTUATION or character in JOINERS
