"""Passwords that attackers try first: leaked ones, runs, repetitions, words of this site, facts about the person."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files

from cashticket.models import Person

RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1234567890", "0987654321")

OWN_WORDS = (
    "cashticket", "cash", "ticket", "vip", "concert", "auction", "bid", "bidding", "seat", "seoul", "korea", "kpop",
    "캐시티켓", "티켓", "콘서트", "공연", "경매", "입찰", "낙찰", "좌석", "서울", "대한민국",
)  # fmt: skip
"""What somebody thinks of in front of this site. Korean words are also typed on an English keyboard."""

FACT_LENGTH_MIN = 3
# What may stand beside a known word without making the password hard to guess, such as a year and a sign.
REST_MAX = 6

# The keys of a Korean keyboard: first letters, vowels and last letters of a syllable, in the order of Unicode.
# One word a letter; "-" stands for no last letter.
_FIRST, _VOWEL, _LAST = (
    keys.split()
    for keys in (
        "r R s e E f a q Q t T d w W c z x v g",
        "k o i O j p u P h hk ho hl y n nj np nl b m ml l",
        "- r R rt s sw sg e f fr fa fq ft fx fv fg a q qt t T d w c z x v g",
    )
)


def is_common(password: str) -> bool:
    """Whether it is a leaked password, a repeated piece, or a run of keys or letters."""
    plain = password.lower()
    if plain in _leaked() or plain.rstrip("!?.@#$%*~") in _leaked():
        return True
    if any(plain == plain[:size] * (len(plain) // size) for size in range(1, 5) if len(plain) % size == 0):
        return True
    return any(plain in (run * 3) or plain in (run[::-1] * 3) for run in RUNS)


def is_of_this_site(password: str) -> bool:
    """Whether it consists of words of this site, with a few digits or signs."""
    return _consists_of(password, (*OWN_WORDS, *map(_typed_in_english, OWN_WORDS)))


def is_about(password: str, facts: Mapping[str, str]) -> bool:
    """Whether it consists of the person's own `facts`, as typed: email, name, phone, birth_date; with little beside."""
    return _consists_of(password, _spellings(facts))


def facts_of(person: Person) -> dict[str, str]:
    """The facts of an account, as somebody types them."""
    born = person.birth_date.isoformat() if person.birth_date else ""
    return {"email": person.email, "name": person.name, "phone": person.phone or "", "birth_date": born}


def _spellings(facts: Mapping[str, str]) -> set[str]:
    """How somebody would write the facts into a password."""
    address, name = (_plain(facts.get(field, "")) for field in ("email", "name"))
    phone = re.sub(r"\D", "", facts.get("phone", ""))
    born = re.sub(r"\D", "", facts.get("birth_date", ""))
    mailbox, _, host = facts.get("email", "").strip().lower().partition("@")
    spellings = {address, _plain(mailbox), _plain(host), name, _typed_in_english(name), phone, phone[-10:], phone[-8:]}
    spellings |= {_plain(part) for part in facts.get("name", "").split()}
    if len(born) == 8:
        year, month, day = born[:4], born[4:6], born[6:]
        spellings |= {born, born[2:], month + day + year, day + month + year, month + day, year}
    return {each for each in spellings if len(each) >= FACT_LENGTH_MIN or (len(each) > 1 and not each.isascii())}


def _consists_of(password: str, words: Iterable[str]) -> bool:
    """Whether at least one of the words is in the password, and nothing but a few digits and signs beside them."""
    plain = _plain(password)
    rest = plain
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    # In a comparison of letters alone, a year or a number behind the word counts for nothing.
    return rest != plain and len(rest) <= REST_MAX and not any(character.isalpha() for character in rest)


def _plain(text: str) -> str:
    """Small letters and digits alone, in one composition."""
    composed = unicodedata.normalize("NFC", text).lower()
    return "".join(character for character in composed if character.isalnum())


def _typed_in_english(text: str) -> str:
    """Hangul as the same keys write it on an English keyboard, in small letters."""
    return "".join(_keys(character) for character in text).lower()


def _keys(character: str) -> str:
    place = ord(character) - ord("가")
    if not 0 <= place < 11_172:
        return character
    first, rest = divmod(place, 588)
    vowel, last = divmod(rest, 28)
    return _FIRST[first] + _VOWEL[vowel] + _LAST[last].strip("-")


@lru_cache(maxsize=1)
def _leaked() -> frozenset[str]:
    text = (files("cashticket.accounts") / "common_passwords.txt").read_text(encoding="utf-8")
    return frozenset(each for each in text.splitlines() if each and not each.startswith("# "))
