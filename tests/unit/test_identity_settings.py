"""IDENTITY_URL and IDENTITY_KEY: what is read from them, and what stops a start."""

import pytest

from cashticket.config.identities import identity_problem, unsafe_identity
from cashticket.identity.portone import account_of

STRONG = "5f2c9e8a71d04b36a9c1e07f8d2b6453c8e9f01a7b3d5c2e"
WITH_SECRET, WITHOUT = "portone://:s%2F1@Store-Ab/Key-Cd", "portone://Store-Ab/Key-Cd"


def faults(**environ: str) -> list[str]:
    return [sentence for _, sentence in unsafe_identity(environ)]


def test_an_address_keeps_its_letters_and_its_secret() -> None:
    account = account_of(WITH_SECRET)
    assert (account.secret, account.store, account.channel) == ("s/1", "Store-Ab", "Key-Cd")
    assert account.api.geturl() == "https://api.portone.io"
    assert account_of(WITHOUT).secret == ""


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("portone://:secret@store", "no store or no channel"),
        ("portone:///channel", "no store or no channel"),
        ("https://portone.io", "no provider"),
        ("portone://:se cret@store/channel", "no provider"),
        ("portone://:secret@store/channel?api=http://api.example", "without TLS"),
        ("portone://:secret@store/channel?api=http://127.0.0.1:x", "no address"),
    ],
)
def test_a_malformed_address_is_refused_without_being_quoted(url: str, words: str) -> None:
    problem = identity_problem(url)
    assert problem is not None and words in problem and "secret@" not in problem and "cret@" not in problem


def test_what_is_right_has_no_problem() -> None:
    assert [identity_problem(url) for url in ("local:", WITH_SECRET, WITHOUT)] == [None] * 3


def test_production_takes_no_pretence_and_who_fetches_needs_secret_and_key() -> None:
    assert "everybody's word" in faults(IDENTITY_URL="local:", ROLE="web")[0]
    assert faults(IDENTITY_URL=WITHOUT, ROLE="web") == []
    assert faults(IDENTITY_URL=WITH_SECRET, IDENTITY_KEY=STRONG, ROLE="mail") == []
    assert "IDENTITY_KEY must be set" in faults(IDENTITY_URL=WITH_SECRET)[0]
    assert "no API secret" in faults(IDENTITY_URL=WITHOUT, IDENTITY_KEY=STRONG, ROLE="mail")[0]
    assert "must have at least" in faults(IDENTITY_KEY="short", ROLE="web")[0]
    assert faults() == faults(ROLE="mail") == []
