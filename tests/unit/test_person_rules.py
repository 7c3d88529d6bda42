"""Who may bid, and what a standing bid keeps as it is about its person (rules 3 and 4)."""

from datetime import date

import pytest

from cashticket.auction.person_rules import binds, may_change, right_to_bid
from cashticket.auction.values import Permission, State


@pytest.mark.parametrize("verified", [True, False])
def test_staff_and_excluded_people_never_bid(verified: bool) -> None:
    for excluded, staff in ((True, False), (False, True), (True, True)):
        right = right_to_bid(is_excluded=excluded, is_staff=staff, is_verified=verified)
        assert right is Permission.BLOCKED


def test_everybody_else_bids_once_the_address_is_confirmed() -> None:
    rights = [right_to_bid(is_excluded=False, is_staff=False, is_verified=verified) for verified in (True, False)]
    assert rights == [Permission.OK, Permission.UNVERIFIED]


@pytest.mark.parametrize(("state", "expected"), [(state, state not in ("settled", "voided")) for state in State])
def test_a_bid_binds_until_the_auction_is_settled_or_voided(state: State, expected: bool) -> None:
    assert binds(state) is expected


def test_a_bound_person_keeps_name_and_date_of_birth() -> None:
    assert not may_change("Alice", "Mallory", bound=True)
    assert not may_change(date(2012, 1, 1), date(1990, 1, 1), bound=True)
    assert not may_change("Alice", "", bound=True)


def test_saving_the_same_fact_is_no_change() -> None:
    assert may_change("Alice", "Alice", bound=True)
    assert may_change(date(1999, 2, 3), date(1999, 2, 3), bound=True)


@pytest.mark.parametrize("missing", ["", None])
def test_a_fact_that_was_never_given_may_be_given(missing: object) -> None:
    assert may_change(missing, date(1999, 2, 3), bound=True)


def test_whom_no_bid_binds_changes_anything() -> None:
    assert may_change("Alice", "Mallory", bound=False)
