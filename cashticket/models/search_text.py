"""The text of a concert in which searches look, and the LIKE patterns of what somebody types. Pure.

Only letters and digits count, in one case and without accents and spaces: nothing that is typed can be a wildcard. A
syllable is stored as three signs, such as `ᄀㄲ까`: its initial, double ones made simple (from an alphabet of its own,
so that a pattern begins at syllables alone), its initial, and itself. So ㄱ finds 가 and 까, ㄲ finds 까 alone, and
initials may stand between syllables.
"""

import unicodedata
from collections.abc import Iterable

FIELD_MAX = 400
"""Signs of one field that are looked at; a concert's texts have at most 200, of which few become more."""

WORDS_MAX = 8
"""Words of a search that count."""

WORD_MAX = 80

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
SIMPLE = str.maketrans("ㄲㄸㅃㅆㅉ", "ㄱㄷㅂㅅㅈ")
# Two initials typed in a row, as Korean keyboards put them together.
CLUSTERS = str.maketrans(
    dict(
        zip(
            "ㄳㄵㄶㄺㄻㄼㄽㄾㄿㅀㅄ",
            ["ㄱㅅ", "ㄴㅈ", "ㄴㅎ", "ㄹㄱ", "ㄹㅁ", "ㄹㅂ", "ㄹㅅ", "ㄹㅌ", "ㄹㅍ", "ㄹㅎ", "ㅂㅅ"],
            strict=True,
        )
    )
)
FIRST_SYLLABLE, LAST_SYLLABLE, SYLLABLES_OF_AN_INITIAL = "가", "힣", 588
FIRST_INITIAL = "\N{HANGUL CHOSEONG KIYEOK}"
LAST_INITIAL = "\N{HANGUL CHOSEONG HIEUH}"


def search_text(fields: Iterable[str | None]) -> str:
    """What is stored of a concert's texts; a pattern never matches across two of them."""
    folded = (folded_text(field)[:FIELD_MAX] for field in fields if field)
    return "\n".join("".join(map(_stored, field)) for field in folded if field)


def patterns(query: str) -> list[str]:
    """A LIKE pattern for each of the first words of `query` that has a letter or digit."""
    words = (folded_text(word)[:WORD_MAX] for word in query.split())
    return [f"%{''.join(map(_pattern, word))}%" for word in words if word][:WORDS_MAX]


def folded_text(text: str) -> str:
    """The letters and digits of `text`: without accents and case, initials of Hangul as U+1100 and on."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.translate(CLUSTERS)).casefold())
    composed = unicodedata.normalize("NFC", "".join(sign for sign in plain if unicodedata.category(sign) != "Mn"))
    return "".join(sign for sign in composed if sign.isalnum())


def _stored(sign: str) -> str:
    if FIRST_SYLLABLE <= sign <= LAST_SYLLABLE:
        initial = INITIALS[(ord(sign) - ord(FIRST_SYLLABLE)) // SYLLABLES_OF_AN_INITIAL]
        return f"{_simple(initial)}{initial}{sign}"
    if FIRST_INITIAL <= sign <= LAST_INITIAL:
        initial = INITIALS[ord(sign) - ord(FIRST_INITIAL)]
        return f"{_simple(initial)}{initial}{initial}"
    return sign


def _pattern(sign: str) -> str:
    if not FIRST_INITIAL <= sign <= LAST_INITIAL:
        return _stored(sign)
    initial = INITIALS[ord(sign) - ord(FIRST_INITIAL)]
    simple = _simple(initial)
    return f"{simple}__" if initial == initial.translate(SIMPLE) else f"{simple}{initial}_"


def _simple(initial: str) -> str:
    """The simple initial, from the alphabet that stands for the beginning of a syllable."""
    return chr(ord(FIRST_INITIAL) + INITIALS.index(initial.translate(SIMPLE)))
