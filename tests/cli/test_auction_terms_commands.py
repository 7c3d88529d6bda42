"""`flask auction add|list|show|extend|publish`: publishing is all or nothing, and the figures are the live ones."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.auction.values import Permission, State
from cashticket.engine.connection import connect
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger.terms import terms_of
from cashticket.locale import SEOUL, to_moment, to_ms
from cashticket.models import Auction, Concert, Seat
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from tests.cli.auctions import add, run, stored
from tests.cli.test_concert_commands import assert_one_line, data
from tests.staging.rows import HOUR, add_concert, add_people

FIGURES = {"cutoff", "best", "bidders", "accepted", "recorded"}
CONTRACT = FIGURES | {"id", "concert_id", "state", "seats", "minimum", "step", "maximum", "pricing"}
CONTRACT |= {"opens_at", "closes_at", "ends_at"}


class FailingEngine(RedisEngine):
    """The real engine, whose `open` raises each of `failures` once, before or after doing its work."""

    def __init__(self, client: Any, failures: list[Exception], *, after: bool) -> None:
        super().__init__(client)
        self.failures, self.after = failures, after

    def open(self, terms: Any) -> bool:
        opened = super().open(terms) if self.after else False
        if self.failures:
            raise self.failures.pop(0)
        return opened or super().open(terms)


@pytest.fixture
def failing(app: Flask) -> Iterator[Any]:
    """Makes the application's engine fail at `open`."""
    engine, url = app.extensions["engine"], app.extensions["settings"].redis_url

    def install(*failures: Exception, after: bool = False) -> None:
        app.extensions["engine"] = FailingEngine(connect(url), list(failures), after=after)

    yield install
    app.extensions["engine"] = engine


# Publishing


def test_an_auction_opens_at_once_by_the_stores_clock(app: Flask, concert: int) -> None:
    before = current_engine().clock()
    added = data(add(app, concert))
    assert added.keys() >= CONTRACT
    row = db.session.get_one(Auction, added["id"])
    assert before <= to_ms(row.opens_at) <= current_engine().clock()
    assert to_ms(row.closes_at) - to_ms(row.opens_at) == 90_000
    board = current_engine().read(row.id)
    assert board.terms == terms_of(row) and board.state is State.OPEN
    assert {name: added[name] for name in ("state", "cutoff", "best", "bidders", "accepted", "recorded")} == {
        "state": "open",
        "cutoff": 100_000,
        "best": None,
        "bidders": 0,
        "accepted": 0,
        "recorded": 0,
    }
    assert added["opens_at"].endswith("Z") and added["ends_at"] == added["closes_at"]


def test_seats_are_numbered_and_labelled_at_publishing(app: Flask, concert: int) -> None:
    added = data(add(app, concert))
    seats = db.session.scalars(select(Seat).where(Seat.auction_id == added["id"]).order_by(Seat.number))
    assert [(seat.number, seat.label) for seat in seats] == [(1, "VIP-1"), (2, "VIP-2"), (3, "VIP-3")]


def test_terms_are_taken_as_they_were_typed(app: Flask, concert: int) -> None:
    soft = ("--soft-close", "30", "--soft-close-cap", "600", "--pricing", "uniform")
    opens = to_moment(current_engine().clock()) + HOUR
    added = data(add(app, concert, *soft, opens=opens.isoformat(), closes="+2h"))
    assert (added["state"], added["pricing"]) == ("scheduled", "uniform")
    terms = current_engine().read(added["id"]).terms
    assert (terms.soft_close_ms, terms.soft_close_cap_ms) == (30_000, 600_000)
    assert terms.closes_at_ms - terms.opens_at_ms == 7_200_000


def test_a_ceiling_is_taken_as_named_and_is_a_hundred_minimums_otherwise(app: Flask, concert: int) -> None:
    named = data(add(app, concert, maximum="155000"))
    usual, free = data(add(app, concert)), data(add(app, concert, minimum="0"))
    assert [row["maximum"] for row in (named, usual, free)] == [155_000, 10_100_000, 2**31 - 1]
    for row in (named, usual, free):
        assert current_engine().read(row["id"]).terms.maximum == row["maximum"]
        [listed] = [each for each in data(run(app, "list", "--json")) if each["id"] == row["id"]]
        assert listed["maximum"] == row["maximum"]


def test_the_auctions_of_a_concert_share_a_salt_and_no_other_concert_has_it(app: Flask, concert: int) -> None:
    other = add_concert().id
    ids = [data(add(app, where))["id"] for where in (concert, concert, other, other)]
    salts = [db.session.get_one(Auction, auction_id).alias_salt for auction_id in ids]
    assert salts[0] == salts[1] != salts[2] == salts[3]
    assert all(len(salt) == 32 for salt in salts)


def test_end_and_soft_close_leave_an_hour_to_buy_before_the_cancellation_deadline(app: Flask, concert: int) -> None:
    latest = db.session.get_one(Concert, concert).cancel_until - HOUR
    added = data(add(app, concert, closes=(latest - HOUR / 6).isoformat()))
    assert added["soft_close_cap"] == 600
    assert data(add(app, concert, closes=latest.isoformat()))["soft_close_cap"] == 0
    for late in (HOUR / 3600, HOUR):
        shown = latest.astimezone(SEOUL).strftime("%Y-%m-%d %H:%M")
        refused = add(app, concert, closes=(latest + late).isoformat())
        assert_one_line(refused, f"must end by {shown} in Seoul")
        assert "cancellation deadline" in refused.stderr


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("seats", "0"),
        ("seats", "10001"),
        ("seats", "2.5"),
        ("minimum", "-1"),
        ("minimum", str(2**31)),
        ("minimum", "1e5"),
        ("step", "0"),
        ("maximum", "99999"),
        ("maximum", str(2**31)),
        ("opens", "later"),
        ("closes", "+0s"),
        ("closes", "+1w"),
        ("closes", "+-5s"),
        ("closes", "+9999999d"),
        ("closes", "90"),
        ("closes", "2020-01-01T00:00"),
        ("opens", "2099-12-31T00:00"),
        ("soft-close", "-1"),
        ("soft-close-cap", "x"),
        ("pricing", "dutch"),
        ("concert", "4711"),
        ("concert", str(10**30)),
    ],
)
def test_bad_terms_are_refused_in_one_line(app: Flask, concert: int, name: str, value: str) -> None:
    changed = {name: value} | ({"closes": "+1h"} if name == "opens" else {})
    assert_one_line(add(app, concert, **changed))
    assert stored(Auction) == stored(Seat) == 0 and current_engine().auctions() == []


def test_a_concert_that_began_has_no_more_auctions(app: Flask, concert: int) -> None:
    past = to_moment(current_engine().clock()) - HOUR
    in_one_unit(lambda session: session.execute(update(Concert).values(starts_at=past, cancel_until=past)))
    assert_one_line(add(app, concert), "already started")


# The live store is away, or gives no answer


def test_nothing_is_left_when_the_store_refuses(app: Flask, concert: int, failing: Any) -> None:
    failing(StoreUnavailable("away"))
    assert_one_line(add(app, concert), "live store is not available", "nothing was published")
    assert stored(Auction) == stored(Seat) == 0
    assert data(add(app, concert))["state"] == "open"


def test_an_id_taken_back_is_never_given_again(app: Flask, concert: int, failing: Any) -> None:
    first = data(add(app, concert))["id"]
    failing(StoreUnavailable("away in the middle"), after=True)
    assert_one_line(add(app, concert))
    assert data(add(app, concert))["id"] > first + 1


def test_a_lost_answer_is_asked_for_again(app: Flask, concert: int, failing: Any) -> None:
    failing(OutcomeUnknown("no answer"), after=True)
    added = data(add(app, concert))
    assert added["state"] == "open" and current_engine().auctions() == [added["id"]]


def test_an_unconfirmed_auction_stays_and_can_be_published_again(app: Flask, concert: int, failing: Any) -> None:
    failing(*[OutcomeUnknown("no answer")] * 4)
    result = add(app, concert)
    row = db.session.scalars(select(Auction)).one()
    assert_one_line(result, f"auction publish {row.id}")
    for _ in range(2):
        assert data(run(app, "publish", str(row.id), "--json"))["state"] == "open"
    assert current_engine().read(row.id).terms == terms_of(row)


def test_only_auctions_without_bids_are_published_again(app: Flask, concert: int) -> None:
    auction = data(add(app, concert))["id"]
    in_one_unit(lambda session: session.execute(update(Auction).values(recorded_sequence=1)))
    assert_one_line(run(app, "publish", str(auction)), "bids")


@pytest.mark.parametrize(
    "arguments", [("list",), ("show", "1"), ("extend", "1", "--to", "2041-01-01T00:00", "--why", "x")]
)
def test_an_absent_store_is_said_in_one_line(app: Flask, concert: int, arguments: tuple[str, ...]) -> None:
    auction = data(add(app, concert))["id"]
    app.extensions["engine"] = RedisEngine(connect("unix:///nowhere/redis.sock"))
    arguments = tuple(str(auction) if each == "1" else each for each in arguments)
    if arguments[0] == "extend":
        latest = db.session.get_one(Concert, concert).cancel_until - HOUR
        arguments = (*arguments[:3], latest.isoformat(), *arguments[4:])
    assert_one_line(run(app, *arguments), "live store")


# Showing


def test_show_tells_the_live_figures(app: Flask, concert: int) -> None:
    auction, people = data(add(app, concert, seats="1"))["id"], add_people(3)
    for place, person in enumerate(people):
        current_engine().introduce(auction, person, Permission.OK, 1, 1)
        current_engine().place_bid(auction, person, 1, 100_000 + 10_000 * place, "a")
    shown = data(run(app, "show", str(auction), "--json"))
    names = ("cutoff", "best", "bidders", "accepted", "recorded")
    assert [shown[name] for name in names] == [120_000, 120_000, 3, 3, 0]
    assert [shown.pop(name) for name in ("outages", "gaps", "given_up_bids", "withdrawals")] == [[], [], [], []]
    assert data(run(app, "list", "--json")) == [shown]
    assert str(auction) in run(app, "list").stdout and "120,000" in run(app, "show", str(auction)).stdout


def test_an_unknown_auction_is_refused_in_one_line(app: Flask) -> None:
    for arguments in (
        ("show", "4711"),
        ("publish", "4711"),
        ("extend", "4711", "--to", "2041-01-01T00:00", "--why", "x"),
    ):
        assert_one_line(run(app, *arguments), "4711")


@pytest.mark.parametrize("command", ["add", "list", "show", "extend", "publish"])
def test_help_has_an_example(app: Flask, command: str) -> None:
    assert f"flask --app wsgi auction {command}" in run(app, command, "--help").stdout
