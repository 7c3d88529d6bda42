"""Aliases: stable in one auction, unlinkable between two, readable aloud."""

import pytest

from cashticket.auction.aliases import ALPHABET, alias

ALICE, BOB = 1, 2


def test_an_alias_stays_the_same_within_an_auction() -> None:
    assert alias("salt", 7, ALICE) == alias("salt", 7, ALICE)


def test_an_alias_says_nothing_about_the_same_person_elsewhere() -> None:
    names = {alias("salt", 7, ALICE), alias("salt", 8, ALICE), alias("other", 7, ALICE), alias("salt", 7, BOB)}
    assert len(names) == 4


def test_auction_and_person_cannot_be_confused() -> None:
    assert alias("salt", 1, 11) != alias("salt", 11, 1)


def test_an_alias_is_six_readable_characters() -> None:
    names = [alias("salt", 7, person) for person in range(2_000)]
    assert {len(name) for name in names} == {6}
    assert set("".join(names)) == set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


def test_aliases_of_one_auction_hardly_ever_meet() -> None:
    assert len({alias("salt", 7, person) for person in range(5_000)}) > 4_990


def test_without_a_salt_there_is_no_alias() -> None:
    with pytest.raises(ValueError, match="alias_salt"):
        alias("", 7, ALICE)
