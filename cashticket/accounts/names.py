"""What may stand as a person's name: names of all countries, but no links, amounts or advertisements.

A name is shown to operators and stands in mails, so whoever signs up could otherwise have our server send their text.
"""

import re
import unicodedata

# Besides letters, marks, digits and spaces: O'Brien, Jean-Luc, Jr., Smith, Gal·la, (née Kim).
PUNCTUATION = frozenset("-'`´.,()\"·・‧•․ʻʼ‐‑–’‘“”")
WORDS_MAX = 12
DIGITS_MAX = 4
COMMAS_MAX = 2

# The dots that software takes for the one in an address.
DOT = r"[.。．｡․]"
# "J.R.R.", "Md.Rahman" and "St.John" are names; "winner.example" and "win.com" are addresses.
ADDRESS = re.compile(rf"\w{{4,}}{DOT}\w{{2,}}", re.UNICODE)
TOP_LEVEL = (
    "com|net|org|info|biz|kr|co|io|me|ai|app|dev|shop|store|site|online|club|link|live|win|vip|xyz|top|click|"
    "cc|tv|gg|ly|ru|cn|jp|us|uk|de|example|test|invalid"
)
KNOWN_ADDRESS = re.compile(rf"\w{DOT}(?:{TOP_LEVEL})\b|\bwww\b", re.IGNORECASE)
AMOUNT = re.compile(r"\d\s*[십백천만억]*\s*(?:원|won\b|krw\b|usd\b|dollars?\b|euros?\b|%)", re.IGNORECASE)
# A long word with a full stop after it and text behind that: a sentence, and no "Dr. Kim".
SENTENCE = re.compile(rf"\w{{6,}}{DOT}\s+\w", re.UNICODE)


def looks_like_a_name(text: str) -> bool:
    """Whether `text`, in single spaces, can be somebody's name. Kind to what is rare; firm on what is none."""
    plain = unicodedata.normalize("NFKC", text)
    if not all(_may_stand_in_a_name(character) for character in text + plain):
        return False
    if any(pattern.search(form) for form in (text, plain) for pattern in (ADDRESS, KNOWN_ADDRESS, AMOUNT, SENTENCE)):
        return False
    digits = sum(character.isdigit() for character in plain)
    has_letter = any(character.isalpha() for character in plain)
    return has_letter and digits <= DIGITS_MAX and plain.count(",") <= COMMAS_MAX and len(plain.split()) <= WORDS_MAX


def _may_stand_in_a_name(character: str) -> bool:
    return unicodedata.category(character)[0] in "LMZ" or character.isdigit() or character in PUNCTUATION
