"""Aliases: one for each person and concert, unlinkable between two concerts, readable aloud."""

import pytest

from cashticket.auction.aliases import ALPHABET, CONCERT_SALT_PREFIX, alias

ALICE, BOB = 1, 2
SALT, OTHER = f"{CONCERT_SALT_PREFIX}one", f"{CONCERT_SALT_PREFIX}other"


def test_an_alias_is_the_same_in_all_auctions_of_a_concert() -> None:
    assert len({alias(SALT, auction, ALICE) for auction in (7, 8, 9)}) == 1


def test_an_alias_says_nothing_about_the_same_person_at_another_concert() -> None:
    assert len({alias(SALT, 7, ALICE), alias(OTHER, 7, ALICE), alias(SALT, 7, BOB)}) == 3


def test_two_concerts_share_hardly_any_alias() -> None:
    """Were the aliases of two concerts the same set in another order, a stranger could join them."""
    one, other = ({alias(salt, 7, person) for person in range(5_000)} for salt in (SALT, OTHER))
    assert len(one & other) < 5


def test_an_auction_of_an_older_release_keeps_the_aliases_it_has_shown() -> None:
    names = {alias("salt", 7, ALICE), alias("salt", 8, ALICE), alias("other", 7, ALICE), alias("salt", 7, BOB)}
    assert len(names) == 4
    assert alias("salt", 1, 11) != alias("salt", 11, 1)
    assert alias("4f0c9a", 7, ALICE) == "PH0JX6"


def test_an_alias_is_six_readable_characters() -> None:
    names = [alias(SALT, 7, person) for person in range(2_000)]
    assert {len(name) for name in names} == {6}
    assert set("".join(names)) == set(ALPHABET)
    assert not set("ILOU") & set(ALPHABET)


def test_aliases_of_one_concert_hardly_ever_meet() -> None:
    assert len({alias(SALT, 7, person) for person in range(5_000)}) > 4_990


def test_without_a_salt_there_is_no_alias() -> None:
    with pytest.raises(ValueError, match="alias_salt"):
        alias("", 7, ALICE)
