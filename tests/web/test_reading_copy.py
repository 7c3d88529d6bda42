"""Pages that read a copy of the database: what comes from there, and that nobody is shown less than was answered.

The copy is a file beside the primary. It catches up when a test says so, and its seats have other names, so that a page
tells where it was read.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import redis
from flask import Flask
from sqlalchemy import Connection, event, update
from sqlalchemy.exc import OperationalError

from cashticket import config, create_app
from cashticket.accounts import sessions
from cashticket.extensions import db
from cashticket.models import Notification, Person, copy_beats
from cashticket.models.columns import utcnow
from cashticket.models.reading_copy import ReadingCopy, configured, reading
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from lab.servers.redis_server import RedisServer
from tests.fixtures.databases import make_environment
from tests.fixtures.people import Browser, sign_in
from tests.fixtures.redis import idle_connections_closed
from tests.staging.final_ranks import add_results, move_seat, void_auction
from tests.staging.settlement import award_of

COPIED = "COPY-"


class Copy:
    """The copy of the application, which follows its primary when told to."""

    def __init__(self, primary: Path, file: Path) -> None:
        self.primary, self.file = primary, file

    @property
    def own(self) -> ReadingCopy:
        found = configured()
        assert found is not None
        return found

    def catch_up(self) -> None:
        """Take over everything, mark its seats, and be looked at."""
        copy_beats.beat()
        with sqlite3.connect(self.primary) as source, sqlite3.connect(self.file) as target:
            source.backup(target)
            target.execute(f"UPDATE seats SET label = '{COPIED}' || number")
        source.close()
        target.close()
        self.own.look()

    def run(self, statement: str) -> None:
        """Change the copy alone."""
        with sqlite3.connect(self.file) as connection:
            connection.execute(statement)
        connection.close()


@pytest.fixture
def copy(tmp_path: Path, migrated_sqlite: Path) -> Copy:
    primary, file = tmp_path / "test.db", tmp_path / "copy.db"
    shutil.copy(migrated_sqlite, primary)
    shutil.copy(migrated_sqlite, file)
    return Copy(primary, file)


@pytest.fixture
def app(
    copy: Copy,
    redis_server: RedisServer,
    redis_client: redis.Redis,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Flask]:
    # Tests look at the copy themselves.
    monkeypatch.setattr(ReadingCopy, "start", lambda self: None)
    environ = make_environment(f"sqlite:///{copy.primary}", redis_server.url)
    environ["DATABASE_READER_URL"] = f"sqlite:///{copy.file}"
    with idle_connections_closed():
        application = create_app(config.load(environ, tmp_path / "instance"))
        with application.app_context():
            yield application
            db.session.remove()
            db.engine.dispose()
            copy.own.engine.dispose()


@pytest.fixture
def alice(browser: Callable[[], Browser], people: dict[str, Person]) -> Browser:
    """Signed in a minute ago."""
    signed_in = sign_in(browser(), "alice")
    later(signed_in)
    return signed_in


def later(browser: Browser) -> None:
    """A minute passes: the browser drops what it was to keep for seconds, and notices are older."""
    browser.delete_cookie("wrote")
    age_notices()


def age_notices() -> None:
    before = utcnow() - timedelta(minutes=1)
    in_one_unit(lambda session: session.execute(update(Notification).values(created_at=before)))


def shown(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def decline(browser: Browser, auction: int, person: Person) -> None:
    path = f"/awards/{award_of(auction, person.id).id}/decline"
    answer = browser.post(path, data={"csrf_token": browser.token("/me/tickets")})
    assert answer.status_code == 303
    [cookie] = [each for each in answer.headers.getlist("Set-Cookie") if each.startswith("wrote=")]
    assert "Max-Age=5;" in cookie and "HttpOnly" in cookie


def test_results_and_ones_own_pages_are_read_from_a_fresh_copy(
    copy: Copy, alice: Browser, settled_auction: int
) -> None:
    copy.catch_up()
    copy.run("UPDATE bids SET amount = 7654321 WHERE sequence = 1")
    own, public = ("/me", "/me/tickets", "outcome"), ("results",)
    for path in (*own, *public):
        assert COPIED in shown(alice, path if path.startswith("/") else f"/auctions/{settled_auction}/{path}"), path
    assert "7654321" in shown(alice, f"/auctions/{settled_auction}/record.csv")


def test_as_many_statements_are_sent_as_without_a_copy(copy: Copy, alice: Browser, settled_auction: int) -> None:
    own = (
        "/me",
        "/me/tickets",
        "/me/bids",
        f"/auctions/{settled_auction}/outcome",
        f"/auctions/{settled_auction}/results",
    )
    for path in own:
        alice.get(path)
    without = [asked_of(copy, alice, path)[0] for path in own]
    copy.catch_up()
    counts = [asked_of(copy, alice, path) for path in own]
    assert [len(primary) + len(there) for primary, there in counts] == [len(each) for each in without]
    assert [len(primary) for primary, _ in counts] == [1] * len(own), "the session, or the facts of the results"


def asked_of(copy: Copy, browser: Browser, path: str) -> tuple[list[str], list[str]]:
    """The statements to the primary and to the copy."""
    asked: tuple[list[str], list[str]] = ([], [])
    engines = (db.engine, copy.own.engine)

    def note(connection: Connection, cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith("BEGIN"):
            asked[engines.index(connection.engine)].append(statement)

    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        browser.get(path)
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
    return asked


def test_whoever_sent_a_form_reads_the_primary_for_five_seconds(
    copy: Copy, alice: Browser, settled_auction: int, people: dict[str, Person]
) -> None:
    copy.catch_up()
    decline(alice, settled_auction, people["alice"])
    # As for a form that tells by no notice.
    age_notices()
    assert COPIED not in shown(alice, "/me/tickets") and COPIED not in shown(alice, "/me")
    later(alice)
    copy.catch_up()
    assert COPIED in shown(alice, "/me/tickets")


def test_another_device_of_the_same_person_reads_the_primary_once_a_notice_told_them(
    copy: Copy, browser: Callable[[], Browser], alice: Browser, settled_auction: int, people: dict[str, Person]
) -> None:
    phone = sign_in(browser(), "alice")
    later(phone)
    copy.catch_up()
    assert COPIED in shown(phone, "/me/tickets")
    decline(alice, settled_auction, people["alice"])
    assert COPIED not in shown(phone, "/me/tickets") and COPIED not in shown(
        phone, f"/auctions/{settled_auction}/outcome"
    )


def test_whoever_is_offered_a_seat_finds_it_at_once(
    copy: Copy, browser: Callable[[], Browser], alice: Browser, settled_auction: int, people: dict[str, Person]
) -> None:
    carol = sign_in(browser(), "carol")
    later(carol)
    copy.catch_up()
    awards.decline(award_of(settled_auction, people["alice"].id).id, people["alice"].id, utcnow())
    assert f"/awards/{award_of(settled_auction, people['carol'].id).id}/buy" in shown(carol, "/me/tickets")


def test_results_are_never_older_than_what_their_tag_names(
    copy: Copy, client: Browser, people: dict[str, Person]
) -> None:
    auction = add_results(3)
    copy.catch_up()
    before = client.get(f"/auctions/{auction}/results")
    move_seat(auction, 1, 3)
    after = client.get(f"/auctions/{auction}/results")
    assert COPIED in before.get_data(as_text=True) and COPIED not in after.get_data(as_text=True)
    assert after.headers["ETag"] != before.headers["ETag"]
    copy.catch_up()
    again = client.get(f"/auctions/{auction}/results")
    assert COPIED in again.get_data(as_text=True) and again.headers["ETag"] == after.headers["ETag"]


def test_what_the_copy_does_not_have_yet_is_read_from_the_primary(
    copy: Copy, alice: Browser, settled_auction: int
) -> None:
    copy.catch_up()
    copy.run("UPDATE auctions SET state = 'closing', settled_at = NULL, ranked_at = NULL")
    assert "VIP-1" in shown(alice, f"/auctions/{settled_auction}/outcome")
    copy.run("DELETE FROM final_ranks")
    assert "VIP-1" in shown(alice, f"/auctions/{settled_auction}/results")
    copy.run("UPDATE auctions SET recorded_sequence = recorded_sequence - 1")
    copy.run("UPDATE bids SET amount = 7654321")
    assert "7654321" not in shown(alice, f"/auctions/{settled_auction}/record.csv")
    assert copy.own.is_fresh(), "nothing failed"


def test_voided_results_are_read_from_the_primary(copy: Copy, client: Browser, people: dict[str, Person]) -> None:
    auction = add_results(3)
    void_auction(auction)
    copy.catch_up()
    assert COPIED not in shown(client, f"/auctions/{auction}/results")


@pytest.mark.parametrize("seconds", [-60, 60])
def test_a_copy_that_is_behind_or_before_its_time_is_left_alone_and_comes_back(
    copy: Copy, alice: Browser, settled_auction: int, seconds: int
) -> None:
    copy.catch_up()
    copy.run(f"UPDATE copy_beats SET at = datetime(at, '{seconds} seconds') || '.000000'")
    copy.own.look()
    assert COPIED not in shown(alice, "/me/tickets")
    copy.catch_up()
    assert COPIED in shown(alice, "/me/tickets")


def test_a_copy_that_fails_costs_nobody_a_page(copy: Copy, alice: Browser, settled_auction: int) -> None:
    copy.catch_up()
    copy.run("ALTER TABLE seats RENAME TO sheets")
    assert "VIP-1" in shown(alice, "/me/tickets") and not copy.own.is_fresh()
    copy.file.write_bytes(b"no database" * 1000)
    copy.own.look()
    assert "VIP-1" in shown(alice, f"/auctions/{settled_auction}/results")


def test_a_copy_that_nobody_looked_at_for_a_while_is_left_alone(
    copy: Copy, alice: Browser, settled_auction: int
) -> None:
    """As when it hangs: the thread that looks at it does not come back."""
    copy.catch_up()
    seen = copy.own._monotonic()
    copy.own._monotonic = lambda: seen + 2
    assert COPIED not in shown(alice, "/me/tickets")


def test_a_session_that_has_ended_has_ended_whatever_the_copy_says(
    copy: Copy, alice: Browser, settled_auction: int, people: dict[str, Person]
) -> None:
    copy.catch_up()
    sessions.end_all(people["alice"].id)
    assert alice.get("/me/tickets").status_code == 303
    assert COPIED not in shown(alice, f"/auctions/{settled_auction}/outcome")


def test_a_copy_takes_no_writes_and_units_inside_write_to_the_primary(copy: Copy, app: Flask) -> None:
    with reading(copy.own):
        copy_beats.beat()
        db.session.rollback()
        assert db.session.get(copy_beats.CopyBeat, 1) is None, "read from the copy"
        with pytest.raises(OperationalError, match="readonly"):
            db.session.execute(update(Person).values(name="mallory"))
        db.session.rollback()
    assert db.session.get(copy_beats.CopyBeat, 1) is not None
