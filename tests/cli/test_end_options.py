"""How long winners and offered people may buy: `auction add` takes it, `show` shows it, settlement keeps to it."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.auction.settlement_rules import HOUR_MS
from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Auction, Award, Concert, Seat
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.work.closing import close_and_settle
from lab.oracle.times_to_buy import end_of_right
from tests.cli.auctions import add, run, stored
from tests.cli.test_concert_commands import assert_one_line, data
from tests.staging.auctions import Stage
from tests.staging.rows import HOUR


def hours_of(row: dict[str, Any]) -> tuple[int, int]:
    return row["purchase_hours"], row["offer_hours"]


def test_the_hours_are_taken_as_typed_and_shown(app: Flask, concert: int) -> None:
    added = data(add(app, concert, **{"purchase-hours": "48", "offer-hours": "6"}))
    shown = data(run(app, "show", str(added["id"]), "--json"))
    [listed] = data(run(app, "list", "--json"))
    assert hours_of(added) == hours_of(shown) == hours_of(listed) == (48, 6)
    lines = run(app, "show", str(added["id"])).stdout.splitlines()
    assert ["purchase_hours", "48"] in [line.split() for line in lines]
    assert ["offer_hours", "6"] in [line.split() for line in lines]


def test_a_winner_has_a_day_and_an_offer_half_a_day_unless_said_otherwise(app: Flask, concert: int) -> None:
    assert hours_of(data(add(app, concert))) == (24, 12)
    help_text = run(app, "add", "--help").stdout
    assert "--purchase-hours" in help_text and "--offer-hours" in help_text and "1<=x<=168" in help_text


@pytest.mark.parametrize("name", ["purchase-hours", "offer-hours"])
@pytest.mark.parametrize("value", ["0", "-1", "169", "1.5", "a day", "1e2"])
def test_other_hours_are_refused_in_one_line_and_publish_nothing(
    app: Flask, concert: int, name: str, value: str
) -> None:
    assert_one_line(add(app, concert, **{name: value}), f"--{name}")
    assert stored(Auction) == stored(Seat) == 0
    assert data(add(app, concert, **{name: "168"}))[name.replace("-", "_")] == 168


def test_settlement_and_hand_over_give_as_long_as_was_announced(app: Flask) -> None:
    stage = Stage(app, ends_in_ms=-1_000, seats=1, purchase_hours=30, offer_hours=5)
    for name, amount in (("bob", 105_000), ("alice", 110_000)):
        stage.bid(name, amount)
    close_and_settle(stage.engine, stage.id)
    won = _award(stage, "alice")
    assert to_ms(won.expires_at) == end_of_right(to_ms(won.offered_at), 30 * HOUR_MS)
    awards.decline(won.id, won.person_id, won.offered_at)
    offered = _award(stage, "bob")
    assert to_ms(offered.expires_at) == end_of_right(to_ms(offered.offered_at), 5 * HOUR_MS)


def test_the_cancellation_deadline_cuts_the_longest_window(app: Flask) -> None:
    stage = Stage(app, ends_in_ms=-1_000, seats=1, purchase_hours=168)
    stage.bid("alice", 110_000)
    deadline = stage.row().ends_at + 50 * HOUR
    in_one_unit(lambda session: session.execute(update(Concert).values(cancel_until=deadline)))
    close_and_settle(stage.engine, stage.id)
    assert _award(stage, "alice").expires_at == deadline


def _award(stage: Stage, name: str) -> Award:
    db.session.rollback()
    return db.session.scalars(select(Award).where(Award.person_id == stage.people[name])).one()
