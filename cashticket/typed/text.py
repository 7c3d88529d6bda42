"""One spelling for every text that people and files bring, so that what looks the same is the same. Pure.

Letters are composed (NFC), every kind of blank is one space, and marks that nobody can see are gone: those of
direction, those of no width, and Hangul fillers. Joiners stay where scripts and emoji need them.
"""

import re
import unicodedata
from itertools import groupby

# What shows nothing although Unicode calls it a letter or a symbol.
FILLERS = re.compile("[\u3164\uffa0\u2800]")
# Between old Hangul letters these two hold a place; anywhere else they are blanks.
LONE_FILLERS = re.compile(
    "(?<![\u1100-\u115e\u1161-\u11ff\ua960-\ua97f\ud7b0-\ud7ff])[\u115f\u1160]+"
    "(?![\u1100-\u115e\u1161-\u11ff\ua960-\ua97f\ud7b0-\ud7ff])"
)
JOINERS = "\u200c\u200d"
# Arabic to Burmese and Khmer to Mongolian: scripts in which a joiner changes how letters look.
JOINED_SCRIPTS = re.compile("[\u0600-\u109f\u1780-\u18af\ua840-\ua87f\ua8e0-\uabff\ufb50-\ufdff\U00010d00-\U00011fff]")
JOINED_KINDS = frozenset({"So", "Sk", "Sm", "Mn", "Me"})
# Marks of format that are seen: signs around Arabic, Syriac and Kaithi numbers.
SEEN_FORMATS = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
# A flag of a region, such as that of Wales, is a black flag and tags behind it; other tags show nothing.
TAGS = re.compile("(\U0001f3f4[\U000e0020-\U000e007e]{1,10}\U000e007f)|[\U000e0020-\U000e007f]")
TAG = re.compile("[\U000e0020-\U000e007f]")

# They show the text between them backwards, so whoever leaves them out changes what was seen: such a text is refused.
OVERRIDES = "\u202d\u202e"

GRAPHEME_JOINER = "\u034f"
# They look exactly like the hyphen of every keyboard. Longer dashes do not, and stay in texts.
HYPHENS = str.maketrans("\u2010\u2011\ufe63\uff0d", "----")
NO_CHARACTERS = re.compile("[\ufdd0-\ufdef]|[\ufffe\uffff]")
# Besides Unicode's dashes: minus signs, and what Korean and Japanese keyboards put on the key of the dash.
DASHES = re.compile("[\u02d7\u2043\u2212\u2500\u2501\u1173\u3161\u30fc\u2796]")


def one_line(text: str) -> str:
    """The text on one line, with single spaces, composed, without what nobody can see."""
    return " ".join(_seen(text).split())


def shown_line(text: str) -> str:
    """`one_line`, with a blank for each sign that devices cannot show."""
    return one_line("".join(sign if can_be_shown(sign) else " " for sign in one_line(text)))


def many_lines(text: str) -> str:
    """The text with its lines, each without blanks at its end; composed, without what nobody can see."""
    lines = re.split("\r\n|[\n\r\v\f\x85\u2028\u2029]", _seen(text))
    return "\n".join(line.rstrip() for line in lines).strip()


def number_text(text: str) -> str:
    """A number, date or phone as ASCII where it has an ASCII form: plain digits, one kind of dash and blank, and no
    mark that nobody can see. A mark of a footnote becomes no digit: `20①` stays what it is."""
    plain = _ascii_digits(FILLERS.sub(" ", text))
    seen = "".join(sign for sign in plain if not _is_format(sign) and unicodedata.category(sign) != "Mn")
    dashed = "".join("-" if unicodedata.category(sign) == "Pd" else sign for sign in DASHES.sub("-", seen))
    return " ".join(dashed.split())


def _ascii_digits(text: str) -> str:
    """NFKC, except of numbers that are no digits of another one: ² ① ½."""
    parts = groupby(text, lambda sign: unicodedata.category(sign) == "No")
    return "".join("".join(signs) if alone else unicodedata.normalize("NFKC", "".join(signs)) for alone, signs in parts)


def without_unseen_edges(text: str) -> str:
    """The text without the blanks and unseen marks around it, as copying brings them along; what is inside stays."""
    start, end = 0, len(text)
    while start < end and _is_unseen(text[start]):
        start += 1
    while end > start and _is_unseen(text[end - 1]):
        end -= 1
    return text[start:end]


def can_be_shown(text: str, *, lines: bool = False) -> bool:
    """Whether a text in one of the spellings above has only what devices can show: no control characters, no halves of
    pairs, nothing of private use, and nothing that turns the text around. `lines`: line breaks and tabs may stand in
    it. Signs that are younger than this Python are taken."""
    allowed = "\n\t" if lines else ""
    return not any(
        unicodedata.category(sign) in ("Cc", "Cs", "Co", "Zl", "Zp") or sign in OVERRIDES or NO_CHARACTERS.match(sign)
        for sign in text
        if sign not in allowed
    )


def _seen(text: str) -> str:
    """The text composed, unseen marks left out and unseen letters as blanks."""
    inside = without_unseen_edges(text).translate(HYPHENS)
    composed = unicodedata.normalize("NFC", TAGS.sub(lambda match: match[1] or "", inside))
    seen = "".join(sign for place, sign in enumerate(composed) if _stays(composed, place))
    # Two letters may be neighbours only now.
    return unicodedata.normalize("NFC", LONE_FILLERS.sub(" ", FILLERS.sub(" ", seen)))


def _stays(text: str, place: int) -> bool:
    sign = text[place]
    if sign in JOINERS:
        return 0 < place < len(text) - 1 and _is_joined(text[place - 1]) and _is_joined(text[place + 1])
    is_seen = SEEN_FORMATS.match(sign) is not None or TAG.match(sign) is not None or sign in OVERRIDES
    return sign != GRAPHEME_JOINER and (not _is_format(sign) or is_seen)


def _is_joined(sign: str) -> bool:
    return JOINED_SCRIPTS.match(sign) is not None or unicodedata.category(sign) in JOINED_KINDS


def _is_format(sign: str) -> bool:
    return unicodedata.category(sign) == "Cf"


def _is_unseen(sign: str) -> bool:
    return sign.isspace() or _is_format(sign) or FILLERS.match(sign) is not None
