"""The counting itself: what a filled site holds, that each kind of cost is seen, and that growth fails a test."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from cashticket.extensions import db
from cashticket.models import Auction, RecordedBid, Seat
from cashticket.work.check.compare import check
from tests.staging.costs import Cost, Growth
from tests.staging.sizes import SIZES, FilledSite, Sites, Size

# A site of its own: the others stay as they are filled.
SMALL = Size(100, 21)
SIZES_COMPARED = ("small", "large")


def small_site(sites: Sites) -> FilledSite:
    return sites.make(SMALL)


def test_a_filled_auction_is_sound_and_holds_everybody(sites: Sites) -> None:
    site = small_site(sites)
    with site.inside():
        engine, auction = site.app.extensions["engine"], site.fill()
        report = check(engine, auction.id)
        assert (report.faults, report.recorded) == ([], auction.bids)
        assert engine.read(auction.id).bidders == len(auction.bidders) == SMALL.bidders
        assert set(db.session.scalars(select(RecordedBid.nth))) == {1, 2, 3}


def test_a_settled_auction_was_settled_by_the_product_and_is_sound(sites: Sites) -> None:
    site = small_site(sites)
    with site.inside():
        row = db.session.get_one(Auction, site.settled.id)
        assert row.state == "settled" and row.final_sequence == site.settled.bids
        assert check(site.app.extensions["engine"], row.id).faults == []


def test_statements_and_their_rows_are_counted(sites: Sites) -> None:
    site = small_site(sites)
    with site.inside():
        auction_id = site.running.id
        seats = select(Seat).where(Seat.auction_id == auction_id)
        db.session.execute(seats).all()
        with site.counters.counted() as cost:
            db.session.execute(seats.execution_options(populate_existing=True)).all()
            touched = db.update(Seat).where(Seat.auction_id == auction_id, Seat.number <= 5)
            db.session.execute(touched.values(label=Seat.label + "x"))
        db.session.rollback()
    assert (cost.statements, cost.rows_fetched, cost.rows_changed) == (2, SMALL.seats, 5), cost
    assert (cost.round_trips, cost.live_commands, cost.queue_commands) == (0, 0, 0), cost
    if site.app.config["SQLALCHEMY_DATABASE_URI"].startswith("mysql"):
        assert cost.rows_read >= SMALL.seats, "rows that the database looks at are not seen"


def test_rows_that_only_the_database_looks_at_are_counted(sites: Sites) -> None:
    site = small_site(sites)
    if site.app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite"):
        pytest.skip("SQLite does not say how many rows it looked at")
    with site.inside():
        auction_id = site.running.id
        with site.counters.counted() as cost:
            db.session.scalar(select(db.func.max(RecordedBid.amount)).where(RecordedBid.auction_id == auction_id))
        with site.counters.counted() as nothing:
            pass
    assert cost.rows_fetched == 1 and cost.rows_read >= site.running.bids, cost
    assert nothing.rows_read == 0, nothing


def test_a_stream_of_rows_is_counted_row_by_row(sites: Sites) -> None:
    site = small_site(sites)
    with site.inside():
        auction = site.fill()
        with site.counters.counted() as cost:
            bids = select(RecordedBid.id).where(RecordedBid.auction_id == auction.id)
            assert sum(1 for _ in db.session.execute(bids.execution_options(yield_per=10))) == auction.bids
    assert (cost.statements, cost.rows_fetched) == (1, auction.bids), cost


def test_commands_inside_scripts_and_the_bytes_of_answers_are_counted(sites: Sites) -> None:
    site = small_site(sites)
    with site.inside():
        engine, auction_id = site.app.extensions["engine"], site.running.id
        engine.rows(auction_id, 1, 10)
        with site.counters.counted() as ten:
            engine.rows(auction_id, 1, 10)
        with site.counters.counted() as twice:
            engine.rows(auction_id, 1, 50)
            engine.clock()
        site.app.extensions["queue_redis"].ping()
        with site.counters.counted() as queued:
            site.app.extensions["queue_redis"].get("nothing")
    assert (ten.round_trips, twice.round_trips) == (1, 2)
    assert ten.live_commands > 1, "commands inside the script are not seen"
    assert (ten.queue_commands, twice.live_commands) == (0, ten.live_commands + 1)
    assert twice.live_bytes > 3 * ten.live_bytes > 0
    assert (queued.queue_commands, queued.live_commands, queued.round_trips) == (1, 0, 1), queued


@pytest.mark.parametrize(
    ("figure", "small", "large"),
    [("statements", 4, 5), ("rows_fetched", 20, 21), ("live_commands", 9, 10), ("answer_bytes", 5_000, 6_000)],
)
def test_growth_fails_and_names_the_figure(figure: str, small: int, large: int) -> None:
    growth = Growth(SIZES_COMPARED, [Cost(**{figure: small}), Cost(**{figure: large})])
    with pytest.raises(AssertionError, match=f"{figure} grows with the auction"):
        growth.stays()


@pytest.mark.parametrize(
    "holds",
    [
        lambda growth: growth.stays(statements=1.25),
        lambda growth: growth.grows_by_at_most(1),
        lambda growth: growth.never_exceeds(statements=5),
    ],
    ids=["a ratio", "an addend", "a bound"],
)
def test_stated_growth_is_allowed(holds: Callable[[Growth], Growth]) -> None:
    assert holds(Growth(SIZES_COMPARED, [Cost(statements=4), Cost(statements=5)]))


def test_a_bound_that_is_passed_fails_at_any_size() -> None:
    growth = Growth(SIZES_COMPARED, [Cost(statements=4), Cost(statements=5)])
    with pytest.raises(AssertionError, match=re.escape("statements is above 4")):
        growth.never_exceeds(statements=4)


def test_sizes_grow_in_one_thing_at_a_time() -> None:
    few, crowd, stadium = SIZES
    assert (few, crowd, stadium) == (Size(100, 20), Size(10_000, 20), Size(10_000, 2_000))
