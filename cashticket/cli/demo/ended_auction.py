"""An auction of the demo that has ended: bid in, recorded, settled and partly bought.

It runs for three seconds, so that seeding does not take long.
"""

import json
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from cashticket.accounts import people
from cashticket.auction.values import AwardState
from cashticket.catalogue.importing import read_file, store
from cashticket.catalogue.plans import Plan
from cashticket.cli.demo import bidders
from cashticket.extensions import db
from cashticket.ledger import award_queries
from cashticket.models import Concert, Person
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.wiring import current_engine
from cashticket.work import queueing
from cashticket.work.closing import close_and_settle
from cashticket.work.identity_terms import usual
from cashticket.work.publishing import publish, store_now

DURATION = timedelta(seconds=3)
SEATS_MAX = 12
MINIMUM, STEP = 100_000, 5_000
RANDOM_SEED = 2027


def hold_ended_auction(row: dict[str, object], seat_facts: dict[str, Any], now: datetime) -> None:
    """Import the concert of `row`, hold its auction from the first bid to the purchases, and queue the mails.
    `seat_facts` are fields of its plan."""
    [concert] = store(read_file(json.dumps([row]).encode(), "season"), {}, "season", now).concerts
    people_bidding = [person for email in bidders.emails() if (person := people.find_by_email(email)) is not None]
    seats = max(1, min(SEATS_MAX, len(people_bidding) // 2))
    auction_id = _publish(concert, seats, seat_facts)
    _bid(auction_id, people_bidding, seats)
    while not current_engine().close(auction_id).closed:
        time.sleep(0.05)
    close_and_settle(current_engine(), auction_id)
    _answer(auction_id, {person.id for person in people_bidding[: len(bidders.GUESTS)]})
    queueing.deliver_soon()


def _publish(concert: Concert, seats: int, seat_facts: dict[str, Any]) -> int:
    opens = store_now(current_engine())
    plan = Plan(
        concert_id=concert.id,
        seats=seats,
        minimum=MINIMUM,
        step=STEP,
        opens_at=opens,
        closes_at=opens + DURATION,
        soft_close_seconds=0,
        identity=usual(),
        **seat_facts,
    )
    return publish(current_engine(), plan, opens).id


def _bid(auction_id: int, people_bidding: Sequence[Person], seats: int) -> None:
    """The first guest wins, the second is next in line; robots rank before and behind them."""
    dice, engine = Random(RANDOM_SEED), current_engine()
    before = seats - 1
    amounts = [MINIMUM + STEP * (40 + place) for place in range(before)]
    behind = [MINIMUM + STEP * dice.randint(0, 20) for _ in people_bidding[2 + before :]]
    alice, bob, *robots = people_bidding
    bids = [(alice, 295_000), (bob, 225_000), *zip(robots, amounts + behind, strict=False)]
    for person, _ in bids:
        engine.introduce(auction_id, person.id, person.permission, person.session_epoch, person.revision)
    # Everybody bids half of their amount first and the whole of it later.
    dice.shuffle(bids)
    for nth, part in ((1, 0.5), (2, 1.0)):
        for person, amount in bids:
            steps = round((amount - MINIMUM) // STEP * part)
            engine.place_bid(auction_id, person.id, person.session_epoch, MINIMUM + STEP * steps, f"season-{nth}")


def _answer(auction_id: int, guest_ids: set[int]) -> None:
    """Robots buy their seats, the last one declines so that a seat is handed over, and guests decide themselves."""
    now = utcnow()
    won = [
        (award.id, award.person_id)
        for award in award_queries.awards_of(auction_id)
        if award.state is AwardState.OFFERED and award.person_id not in guest_ids
    ]
    db.session.rollback()
    for award_id, person_id in won[:-1]:
        awards.buy(award_id, person_id, now)
    for award_id, person_id in won[-1:]:
        awards.decline(award_id, person_id, now)
