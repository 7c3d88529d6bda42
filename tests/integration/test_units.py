"""Units of work: whole or not at all, done again when the database asks for it, on both databases."""

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, text, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import Person
from cashticket.models.units import ATTEMPTS, in_one_unit
from tests.fixtures.people import Browser
from tests.staging.rows import add_person


@pytest.fixture
def alice(app: Flask) -> int:
    return int(add_person("alice").id)


def rename(session: Session, person_id: int, name: str) -> None:
    session.execute(update(Person).where(Person.id == person_id).values(name=name))


def name_of(person_id: int) -> str | None:
    db.session.rollback()
    return db.session.scalar(select(Person.name).where(Person.id == person_id))


def lose_connection() -> None:
    """Have the server end the connection of the request's session, in the middle of its transaction."""
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no connections to lose")
    pid = db.session.scalar(text("SELECT CONNECTION_ID()"))
    with db.engine.connect() as other:
        other.execute(text(f"KILL {pid}"))


def test_a_unit_answers_and_is_committed(alice) -> None:
    assert in_one_unit(lambda session: rename(session, alice, "앨리스") or 7) == 7
    assert name_of(alice) == "앨리스"


def test_a_unit_that_fails_leaves_nothing(alice) -> None:
    def work(session: Session) -> None:
        rename(session, alice, "mallory")
        raise LookupError("no such seat")

    with pytest.raises(LookupError):
        in_one_unit(work)
    assert name_of(alice) == "alice"


def test_a_refusal_of_the_schema_is_not_tried_again(alice) -> None:
    runs: list[int] = []

    def work(session: Session) -> None:
        runs.append(1)
        session.execute(text("INSERT INTO people (id) VALUES (1)"))

    with pytest.raises((IntegrityError, OperationalError)):
        in_one_unit(work)
    assert len(runs) == 1


def asks_again() -> OperationalError:
    """What InnoDB answers to the victim of a deadlock."""
    return OperationalError("UPDATE", {}, Exception(1213, "Deadlock found when trying to get lock"))


def test_a_unit_that_the_database_undid_is_done_again_from_its_start(alice) -> None:
    runs: list[int] = []

    def work(session: Session) -> int:
        runs.append(1)
        rename(session, alice, f"run {len(runs)}")
        if len(runs) < 3:
            raise asks_again()
        return len(runs)

    assert in_one_unit(work) == 3 and name_of(alice) == "run 3"


def test_a_unit_is_not_tried_for_ever(alice) -> None:
    runs: list[int] = []

    def work(session: Session) -> None:
        runs.append(1)
        raise asks_again()

    with pytest.raises(OperationalError):
        in_one_unit(work)
    assert len(runs) == ATTEMPTS


def test_the_requests_own_session_sees_what_the_unit_wrote(alice) -> None:
    row = db.session.get_one(Person, alice)
    in_one_unit(lambda session: rename(session, alice, "앨리스"))
    assert row.name == "앨리스"


def test_a_connection_whose_commit_failed_is_never_used_again(alice) -> None:
    class Cut(BaseException):
        """What stops a process between two lines."""

    def cut(connection: Any) -> None:
        event.remove(db.engine, "commit", cut)
        raise Cut

    event.listen(db.engine, "commit", cut)
    with pytest.raises(Cut):
        in_one_unit(lambda session: rename(session, alice, "mallory"))
    assert name_of(alice) == "alice"
    in_one_unit(lambda session: rename(session, alice, "앨리스"))
    assert name_of(alice) == "앨리스"


def test_a_dead_connection_of_the_request_does_not_fail_the_unit(alice) -> None:
    lose_connection()
    in_one_unit(lambda session: rename(session, alice, "앨리스"))
    assert name_of(alice) == "앨리스"


def test_an_answer_survives_the_connection_it_was_found_with(app: Flask, client: Browser, alice: int) -> None:
    @app.get("/decided")
    def decided() -> str:
        lose_connection()
        return "accepted"

    assert client.get("/decided").get_data(as_text=True) == "accepted"
    assert name_of(alice) == "alice"


def test_a_lost_connection_is_told_as_out_of_reach(app: Flask, client: Browser, alice: int) -> None:
    @app.get("/deciding")
    def deciding() -> str:
        lose_connection()
        return str(db.session.scalar(select(Person.name).where(Person.id == alice)))

    assert client.get("/deciding").status_code == 503
    assert name_of(alice) == "alice"


def test_units_that_read_before_they_write_wait_for_each_other(app: Flask, alice: int) -> None:
    """Eight threads count up one number twenty times each: none of the steps is lost."""
    rename_to_zero = Person.__table__.update().where(Person.id == alice).values(revision=0)
    in_one_unit(lambda session: session.execute(rename_to_zero))

    def step(session: Session) -> None:
        found = session.scalars(select(Person).where(Person.id == alice).with_for_update()).one()
        found.revision += 1

    def count_up() -> None:
        with app.app_context():
            for _ in range(20):
                in_one_unit(step)

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert db.session.scalar(select(Person.revision).where(Person.id == alice)) == 160
