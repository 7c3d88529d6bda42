"""The schema itself refuses what must never happen, on SQLite and on MariaDB, and one migration makes it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, StatementError

from cashticket import create_app
from cashticket.auction.values import AwardState, Pricing, State
from cashticket.extensions import db
from cashticket.models import Auction, Award, Concert, Outage, Person, RecordedBid, Seat
from tests.fixtures.databases import make_settings
from tests.staging.rows import add_auction, add_person, bid_row

# MariaDB reports a failed CHECK as an operational error.
REFUSED = (IntegrityError, DataError, OperationalError)


@pytest.fixture
def auction(app: Flask) -> Auction:
    return db.session.get_one(Auction, add_auction().id)


@pytest.fixture
def alice(app: Flask) -> Person:
    return add_person("alice")


@pytest.fixture
def bob(app: Flask) -> Person:
    return add_person("bob")


def refuse(*rows: Any) -> None:
    """Adding these rows must fail, and the session must be usable afterwards."""
    db.session.add_all(rows)
    with pytest.raises(REFUSED):
        db.session.commit()
    db.session.rollback()


def award(auction: Auction, seat: Seat, person: Person, state: AwardState = AwardState.OFFERED) -> Award:
    now = datetime.now(UTC)
    return Award(
        auction_id=auction.id,
        concert_id=auction.concert_id,
        seat_id=seat.id,
        person_id=person.id,
        rank=1,
        price=100_000,
        state=state,
        offered_at=now,
        expires_at=now + timedelta(hours=24),
    )


def seat(auction: Auction, number: int) -> Seat:
    row = Seat(auction_id=auction.id, number=number, label=f"VIP-{number}")
    db.session.add(row)
    db.session.commit()
    return row


def test_a_fourth_bid_of_one_person_is_refused(auction: Auction, alice: Person) -> None:
    db.session.add_all(RecordedBid(**bid_row(auction, alice, nth, nth=nth)) for nth in (1, 2, 3))
    db.session.commit()
    refuse(RecordedBid(**bid_row(auction, alice, 4, nth=4)))


def test_the_same_nth_bid_twice_is_refused(auction: Auction, alice: Person) -> None:
    db.session.add(RecordedBid(**bid_row(auction, alice, 1, nth=1)))
    db.session.commit()
    refuse(RecordedBid(**bid_row(auction, alice, 2, nth=1)))


def test_one_sequence_for_two_bids_is_refused(auction: Auction, alice: Person, bob: Person) -> None:
    db.session.add(RecordedBid(**bid_row(auction, alice, 1)))
    db.session.commit()
    refuse(RecordedBid(**bid_row(auction, bob, 1)))


def test_request_ids_that_differ_only_in_case_are_two_requests(auction: Auction, alice: Person) -> None:
    db.session.add(RecordedBid(**bid_row(auction, alice, 1, nth=1, request_id="Ab")))
    db.session.add(RecordedBid(**bid_row(auction, alice, 2, nth=2, request_id="ab")))
    db.session.commit()
    refuse(RecordedBid(**bid_row(auction, alice, 3, nth=3, request_id="ab")))


def test_a_bid_of_nobody_is_refused(auction: Auction, alice: Person) -> None:
    refuse(RecordedBid(**(bid_row(auction, alice, 1) | {"person_id": alice.id + 999})))


def test_a_second_live_award_of_one_person_for_one_concert_is_refused(auction: Auction, alice: Person) -> None:
    other = add_auction(db.session.get_one(Concert, auction.concert_id), seats=1)
    db.session.add(award(auction, seat(auction, 1), alice, AwardState.BOUGHT))
    db.session.commit()
    refuse(award(other, seat(other, 1), alice))


def test_a_second_holder_of_a_seat_is_refused(auction: Auction, alice: Person, bob: Person) -> None:
    first = seat(auction, 1)
    db.session.add(award(auction, first, alice))
    db.session.commit()
    refuse(award(auction, first, bob, AwardState.BOUGHT))


def test_a_freed_seat_may_be_held_again(auction: Auction, alice: Person, bob: Person) -> None:
    first = seat(auction, 1)
    db.session.add(award(auction, first, alice, AwardState.DECLINED))
    db.session.add(award(auction, first, bob))
    db.session.commit()
    assert [row.live for row in db.session.query(Award).order_by(Award.id)] == [None, 1]


def test_a_person_is_awarded_once_in_an_auction(auction: Auction, alice: Person) -> None:
    db.session.add(award(auction, seat(auction, 1), alice, AwardState.CANCELLED))
    db.session.commit()
    refuse(award(auction, seat(auction, 2), alice))


def outage(auction: Auction, number: int = 1, **moments: datetime) -> Outage:
    """An outage of ten seconds that moved the end by ten seconds."""
    began_at, ends_before = auction.opens_at, auction.ends_at
    lasting = timedelta(seconds=10)
    usual = {"began_at": began_at, "ended_at": began_at + lasting}
    usual |= {"ends_before": ends_before, "ends_after": ends_before + lasting}
    return Outage(auction_id=auction.id, number=number, reason="restarted", **{**usual, **moments})


def test_one_outage_is_kept_once(auction: Auction) -> None:
    db.session.add_all([outage(auction), outage(auction, 2)])
    db.session.commit()
    refuse(outage(auction))


def test_an_outage_that_takes_time_away_is_refused(auction: Auction) -> None:
    refuse(outage(auction, 0))
    refuse(outage(auction, ends_after=auction.ends_at - timedelta(seconds=1)))
    refuse(outage(auction, ended_at=auction.opens_at - timedelta(seconds=1)))


def test_terms_under_which_no_auction_can_run_are_refused(auction: Auction) -> None:
    for broken in ({"seats": 0}, {"step": 0}, {"minimum": -1}, {"closes_at": auction.opens_at}):
        for field, value in broken.items():
            setattr(auction, field, value)
        with pytest.raises(REFUSED):
            db.session.commit()
        db.session.rollback()


def test_moments_keep_their_microseconds_and_are_utc(auction: Auction) -> None:
    exact = datetime(2026, 11, 22, 3, 4, 5, 678_901, UTC)
    auction.ends_at = exact
    db.session.commit()
    db.session.expire_all()
    assert auction.ends_at == exact and auction.ends_at.tzinfo is UTC


def test_states_are_read_as_members_of_their_enum(auction: Auction) -> None:
    db.session.expire_all()
    assert auction.state is State.OPEN and auction.pricing is Pricing.PAY_AS_BID


def test_a_state_that_does_not_exist_is_refused_written_and_read(auction: Auction) -> None:
    auction.state = "opne"  # type: ignore[assignment]
    with pytest.raises(StatementError, match="opne"):
        db.session.commit()
    db.session.rollback()
    db.session.execute(text("UPDATE auctions SET state = 'opne'"))
    with pytest.raises(ValueError, match="opne"):
        db.session.scalars(select(Auction.state)).one()


# The migration


@pytest.fixture(params=["sqlite", "mariadb"])
def unmigrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application on a database without tables."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'new.db'}"
    else:
        server = request.getfixturevalue("mariadb_server")
        server.execute("DROP DATABASE IF EXISTS cashticket_schema")
        url = server.create_database("cashticket_schema")
    application = create_app(make_settings(url, "unix:///nowhere.sock", tmp_path))
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


def test_the_migration_makes_exactly_the_models(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_the_check_constraints_are_in_the_database(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    for name, table in db.metadata.tables.items():
        wanted = {check.name for check in table.constraints if check.__visit_name__ == "check_constraint"}
        made = {check["name"] for check in inspect(db.engine).get_check_constraints(name)}
        assert wanted <= made, name


def test_the_migration_goes_down_and_up_again(unmigrated: Flask) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    flask_migrate.upgrade()
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version", *db.metadata.tables}
