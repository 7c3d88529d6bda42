"""`flask auction extend`: the announced end only moves later, up to the deadline, with a reason that is recorded."""

import json
from datetime import timedelta

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select, update

from cashticket.catalogue.plans import latest_end
from cashticket.extensions import db
from cashticket.locale import SEOUL, to_ms
from cashticket.models import Auction, Concert, OperatorAct
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from cashticket.work.check.compare import check
from cashticket.work.watch.guard import Guard
from tests.cli.auctions import add, run, stored
from tests.cli.test_concert_commands import assert_one_line, data
from tests.staging.rows import HOUR


def extend(app: Flask, auction: int, to: str, why: str = "network outage") -> Result:
    return run(app, "extend", str(auction), "--to", to, "--why", why, "--json")


def test_an_operator_moves_the_end_later_and_the_reason_is_kept(app: Flask, concert: int) -> None:
    auction = data(add(app, concert))["id"]
    to = db.session.get_one(Auction, auction).closes_at + HOUR
    shown = data(extend(app, auction, to.isoformat()))
    db.session.rollback()
    row = db.session.get_one(Auction, auction)
    assert (row.closes_at, row.ends_at) == (to, to) and shown["closes_at"] == shown["ends_at"]
    assert current_engine().read(auction).ends_at_ms == to_ms(to)
    act = db.session.scalars(select(OperatorAct)).one()
    assert (act.act, act.subject, act.why) == ("auction extend", f"auction {auction}", "network outage")
    assert act.operator


def test_an_end_is_never_moved_earlier_nor_past_the_deadline_nor_without_a_reason(app: Flask, concert: int) -> None:
    auction = data(add(app, concert))["id"]
    row, deadline = db.session.get_one(Auction, auction), db.session.get_one(Concert, concert).cancel_until
    before = current_engine().read(auction).terms
    assert_one_line(extend(app, auction, row.closes_at.isoformat()), "later than")
    latest = (deadline - HOUR).astimezone(SEOUL).strftime("%Y-%m-%d %H:%M")
    assert_one_line(extend(app, auction, deadline.isoformat()), f"must end by {latest} in Seoul")
    assert_one_line(extend(app, auction, (deadline - HOUR).isoformat(), why=" "), "why")
    assert current_engine().read(auction).terms == before and stored(OperatorAct) == 0


@pytest.mark.parametrize("state", ["closing", "settled", "voided"])
def test_an_ended_auction_is_not_extended(app: Flask, concert: int, state: str) -> None:
    auction = data(add(app, concert))["id"]
    to = db.session.get_one(Auction, auction).closes_at + HOUR
    in_one_unit(lambda session: session.execute(update(Auction).values(state=state)))
    assert_one_line(extend(app, auction, to.isoformat()), state)


def test_an_auction_whose_bidding_is_over_in_the_store_is_not_extended(app: Flask, concert: int) -> None:
    auction = data(add(app, concert))["id"]
    row = db.session.get_one(Auction, auction)
    current_engine().close(auction, now_ms=to_ms(row.ends_at))
    assert_one_line(extend(app, auction, (row.closes_at + HOUR).isoformat()), "over")
    assert stored(OperatorAct) == 0


def test_an_extension_that_was_half_done_is_completed_by_repeating_it(app: Flask, concert: int) -> None:
    auction = data(add(app, concert))["id"]
    to = db.session.get_one(Auction, auction).closes_at + HOUR
    current_engine().extend(auction, to_ms(to))
    assert (
        data(extend(app, auction, to.isoformat()))["ends_at"]
        == json.loads(run(app, "show", str(auction), "--json").stdout)["ends_at"]
    )
    db.session.rollback()
    assert db.session.get_one(Auction, auction).closes_at == to


def test_after_an_extension_no_soft_close_passes_the_cancellation_deadline(app: Flask, concert: int) -> None:
    auction = data(add(app, concert))["id"]
    deadline = latest_end(db.session.get_one(Concert, concert))
    shown = data(extend(app, auction, (deadline - timedelta(seconds=7)).isoformat()))
    terms = current_engine().read(auction).terms
    assert (shown["soft_close_cap"], terms.soft_close_cap_ms) == (7, 7_000)
    assert terms.closes_at_ms + terms.soft_close_cap_ms <= to_ms(deadline)


def test_an_extension_that_was_half_done_is_finished_by_the_watch(app: Flask, concert: int, queue_redis) -> None:
    auction = data(add(app, concert))["id"]
    to = db.session.get_one(Auction, auction).closes_at + HOUR
    guard = Guard(current_engine(), queue_redis, (), 0)
    guard.round()
    current_engine().extend(auction, to_ms(to), 60_000)
    for _ in range(2):
        guard.round()
        db.session.remove()
        assert db.session.get_one(Auction, auction).closes_at < to, "a command takes a moment between the two stores"
    guard.round()
    db.session.remove()
    row = db.session.get_one(Auction, auction)
    assert (row.closes_at, row.ends_at, row.soft_close_cap_seconds) == (to, to, 60)
    act = db.session.scalars(select(OperatorAct)).one()
    assert (act.operator, act.act) == ("watch", "auction extend") and "interrupted" in act.why
    assert check(current_engine(), auction).faults == []
