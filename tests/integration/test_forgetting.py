"""`flask ops forget` deletes what is old enough and nothing else, in short units, and may be stopped and repeated."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from cashticket.auction.values import NoticeKind, State
from cashticket.extensions import db
from cashticket.models import AccountMail, Award, KnownBrowser, Notification, Person, RecordedBid, SignIn, SignUpDraft
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.work import forgetting
from tests.staging.rows import DAY, HOUR, add_auction, add_concert, add_person, bid_row
from tests.staging.settlement import add_settled_auction

NOTHING = dict.fromkeys((rule.name for rule in forgetting.RULES), 0)


@pytest.fixture
def now(app: Flask) -> datetime:
    return utcnow()


def forget(now: datetime, *, dry: bool = False) -> dict[str, int]:
    counts = forgetting.forget(now, dry=dry, progress=lambda rule, count: None)
    return {rule: count for rule, count in counts.items() if count}


def add(*rows: Any) -> None:
    in_one_unit(lambda session: session.add_all(rows))


def count(table: Any) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def mail(person: Person, at: datetime) -> AccountMail:
    return AccountMail(person_id=person.id, purpose="reset", email="a@b.example", locale="ko", nonce="n", created_at=at)


def session_of(person: Person, number: int, started: datetime, ended: datetime | None = None) -> SignIn:
    return SignIn(person_id=person.id, handle=f"{number:032}", started_at=started, ended_at=ended)


def test_nothing_is_forgotten_before_its_time(now: datetime) -> None:
    alice = add_person("alice", verified_at=None, created_at=now - 29 * DAY)
    bob = add_person("bob")
    draft = {"name": "A", "password_hash": "x", "locale": "ko", "browser": "", "token_hash": "t", "client": "c"}
    add(SignUpDraft(email="a@b.example", created_at=now - 3 * DAY + HOUR, **draft), mail(alice, now - 29 * DAY))
    add(session_of(bob, 1, now - 50 * DAY), session_of(bob, 2, now - 50 * DAY, now - 29 * DAY))
    assert forget(now) == {}
    assert forgetting.forget(now, dry=False, progress=lambda rule, count: None) == NOTHING
    assert [count(table) for table in (Person, SignUpDraft, AccountMail, SignIn)] == [2, 1, 1, 2]


def test_mails_drafts_and_sign_ins_go_by_age(now: datetime) -> None:
    bob = add_person("bob")
    draft = {"name": "A", "password_hash": "x", "locale": "ko", "browser": "", "token_hash": "t", "client": "c"}
    add(SignUpDraft(email="a@b.example", created_at=now - 3 * DAY, **draft), mail(bob, now - 31 * DAY), mail(bob, now))
    add(session_of(bob, 1, now - 61 * DAY), session_of(bob, 2, now - 50 * DAY, now - 31 * DAY), session_of(bob, 3, now))
    assert forget(now) == {"sign_up_drafts": 1, "account_mails": 1, "sign_ins": 2}
    assert [count(table) for table in (SignUpDraft, AccountMail, SignIn)] == [0, 1, 1]
    assert forget(now) == {}, "and a second time there is nothing to do"


def test_browsers_go_that_were_not_seen_for_half_a_year(now: datetime) -> None:
    alice = add_person("alice")
    for number, at in enumerate((now - 181 * DAY, now - 179 * DAY)):
        add(KnownBrowser(person_id=alice.id, token_hash=str(number), last_seen_at=at))
    assert forget(now) == {"known_browsers": 1}
    db.session.rollback()
    assert db.session.scalars(select(KnownBrowser.token_hash)).all() == ["1"]


def test_notices_go_after_a_year_but_never_from_an_auction_that_goes_on(now: datetime) -> None:
    alice = add_person("alice")
    over, going_on = add_auction(state=State.SETTLED), add_auction()
    for auction, occasion, at in ((over, 1, now - 366 * DAY), (over, 2, now), (going_on, 3, now - 366 * DAY)):
        keys = {"person_id": alice.id, "auction_id": auction.id, "kind": NoticeKind.RANK_OUT, "occasion": occasion}
        add(Notification(**keys, facts={}, created_at=at))
    add(Notification(person_id=alice.id, kind=NoticeKind.NEW_BROWSER, facts={}, created_at=now - 366 * DAY))
    assert forget(now) == {"notifications": 2}
    db.session.rollback()
    assert sorted(db.session.scalars(select(Notification.occasion))) == [2, 3]


def test_unverified_accounts_go_unless_something_holds_them(now: datetime) -> None:
    old: dict[str, Any] = {"verified_at": None, "created_at": now - 31 * DAY}
    gone = add_person("alice", **old)
    kept = [
        add_person("bob", **old),
        add_person("carol", **(old | {"blocked_at": now})),
        add_person("dave", **(old | {"is_staff": True})),
        add_person("erin", **(old | {"verified_at": now})),
    ]
    add(RecordedBid(**bid_row(add_auction(), kept[0], 1)))
    add(mail(gone, now), session_of(gone, 1, now))
    assert forget(now) == {"unverified_people": 1}
    db.session.rollback()
    assert sorted(db.session.scalars(select(Person.id))) == [person.id for person in kept]
    assert count(AccountMail) == count(SignIn) == 0


def test_whoever_confirms_meanwhile_is_kept(now: datetime) -> None:
    alice = add_person("alice", verified_at=None, created_at=now - 31 * DAY)
    old = forgetting._unverified_people(now)
    in_one_unit(lambda session: setattr(session.get_one(Person, alice.id), "verified_at", now))
    assert in_one_unit(lambda session: forgetting._delete_people(session, [alice.id], old)) == 0
    assert count(Person) == 1


def test_the_name_of_a_ticket_goes_five_years_after_its_concert(now: datetime) -> None:
    alice = add_person("alice")
    for years in (4, 6):
        starts = now - timedelta(days=365 * years)
        concert = add_concert(starts_at=starts)
        add_settled_auction([(alice.id, 100_000)], concert=concert, ends_at=starts - 9 * DAY)
    assert forget(now) == {"notifications": 2, "award_names": 1}
    db.session.rollback()
    assert [award.person_name for award in db.session.scalars(select(Award).order_by(Award.id))] == ["alice", ""]
    assert forget(now) == {}


def test_it_goes_on_where_it_was_stopped(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forgetting, "BATCH", 2)
    monkeypatch.setattr(forgetting, "WINDOW", 3)
    alice = add_person("alice")
    add(*(mail(alice, now - 31 * DAY) for _ in range(7)))
    steps: list[int] = []

    def stop(rule: str, done: int) -> None:
        steps.append(done)
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        forgetting.forget(now, dry=False, progress=stop)
    left = count(AccountMail)
    assert 0 < left < 7
    assert forget(now) == {"account_mails": left}


def test_a_dry_run_counts_and_changes_nothing(app: Flask, now: datetime) -> None:
    alice = add_person("alice")
    add(mail(alice, now - 31 * DAY), mail(alice, now))
    shown = app.test_cli_runner().invoke(args=["ops", "forget", "--dry-run", "--json"])
    assert json.loads(shown.stdout) == NOTHING | {"account_mails": 1, "dry_run": True}
    assert count(AccountMail) == 2
    real = app.test_cli_runner().invoke(args=["ops", "forget"])
    assert "account_mails" in real.stdout and real.exit_code == 0
    assert count(AccountMail) == 1


def test_units_are_short_and_nothing_is_held_in_between(
    app: Flask, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two units another process can write, as the drain of a running auction does."""
    monkeypatch.setattr(forgetting, "BATCH", 2)
    alice = add_person("alice")
    add(*(mail(alice, now - 31 * DAY) for _ in range(5)))
    units: list[int] = []

    def counted(work: Callable[[Any], Any]) -> Any:
        try:
            in_one_unit(lambda session: session.execute(select(Person).with_for_update()).all())
        except OperationalError as error:
            raise AssertionError("a unit of the clean-up was still open") from error
        units.append(1)
        return in_one_unit(work)

    monkeypatch.setattr(forgetting, "in_one_unit", counted)
    assert forget(now) == {"account_mails": 5}
    assert len(units) == 3
