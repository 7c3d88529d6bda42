"""Rights to buy that are given at every hour of the day in Seoul: when they end, and that they may be used at once."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cashticket.auction.values import AwardState
from cashticket.locale import SEOUL, midnight_before
from cashticket.settlement import awards
from tests.staging.rows import END, HOUR, add_concert, add_people
from tests.staging.settlement import add_ended_auction, award_of, settled

MIDNIGHT = midnight_before(END)


def test_midnight_is_that_of_seoul() -> None:
    assert MIDNIGHT == datetime(2031, 5, 1, tzinfo=SEOUL) == datetime(2031, 4, 30, 15, tzinfo=UTC)
    assert midnight_before(MIDNIGHT) == MIDNIGHT
    assert midnight_before(MIDNIGHT - timedelta(microseconds=1)) == MIDNIGHT - 24 * HOUR


@pytest.mark.parametrize("hour", range(24))
def test_windows_of_winners_and_offers_end_by_day_whatever_the_hour(app: Flask, hour: int) -> None:
    alice, bob = add_people(2)
    bids = [(alice, 120_000), (bob, 110_000)]
    given = MIDNIGHT + hour * HOUR
    auction = add_ended_auction(bids, seats=1, ends_at=given)
    settled(auction, bids, given)
    assert award_of(auction, alice).expires_at == MIDNIGHT + (24 + max(8, hour)) * HOUR
    awards.decline(award_of(auction, alice).id, alice, given)
    begins = max(8, hour)
    assert award_of(auction, bob).expires_at == MIDNIGHT + (32 if 12 <= begins < 20 else begins + 12) * HOUR
    assert awards.buy(award_of(auction, bob).id, bob, given).award.state is AwardState.BOUGHT


def test_at_night_an_offer_still_ends_at_the_cancellation_deadline(app: Flask) -> None:
    alice, bob = add_people(2)
    bids = [(alice, 120_000), (bob, 110_000)]
    two = MIDNIGHT + 26 * HOUR
    auction = add_ended_auction(bids, seats=1, concert=add_concert(cancel_until=two))
    settled(auction, bids)
    assert award_of(auction, alice).expires_at == two
    awards.decline(award_of(auction, alice).id, alice, two - HOUR)
    assert award_of(auction, bob).expires_at == two
