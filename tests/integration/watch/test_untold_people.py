"""Ended sessions and blocks reach every auction before it takes bids again, whatever was away or died meanwhile."""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import redis
from sqlalchemy import update

from cashticket import redis_keys
from cashticket.accounts import blocking, holds, sessions
from cashticket.auction.values import Accepted, Permission, Reason, Refused
from cashticket.engine.interface import Paused, StaleSession, StoreUnavailable, UnknownPerson
from cashticket.engine.one_store import OneStore
from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.models.people import HOLD_MAX
from cashticket.models.units import in_one_unit
from cashticket.work import pausing
from cashticket.work.introducing import introduce_again
from cashticket.work.rebuilding import rebuild
from cashticket.work.watch import untold_people
from cashticket.work.watch.guard import Guard
from cashticket.work.watch.untold_people import SLACK
from tests.integration.watch.steps import as_if_restarted, paused
from tests.staging.auctions import Stage


class Elsewhere(OneStore):
    """An engine without auctions."""

    def auctions(self) -> list[int]:
        return []


class Away(OneStore):
    """The engine, which cannot tell any auction of a person."""

    def __init__(self, stage: Stage) -> None:
        self._engine = stage.engine

    def introduce(self, *arguments: Any, **named: Any) -> None:
        raise StoreUnavailable("away")

    def __getattr__(self, verb: str) -> Any:
        return getattr(self._engine, verb)


def person(stage: Stage, name: str) -> Person:
    db.session.remove()
    return db.session.get_one(Person, stage.people[name])


def bid(stage: Stage, name: str, amount: int = 150_000) -> Any:
    """A bid with the session that everybody had at first: a copy of the cookie."""
    return stage.engine.place_bid(stage.id, stage.people[name], 1, amount, f"{name}-copied-{amount}")


def end_sessions(person_id: int) -> Person:
    return sessions.end_all(person_id)


def block(person_id: int) -> Person:
    return blocking.block(person_id)


CHANGES = {end_sessions: StaleSession(), block: StaleSession()}


def while_away(stage: Stage, change: Callable[[int], Person], name: str = "alice") -> None:
    """The account is changed while no auction can be told."""
    assert not introduce_again(Away(stage), change(stage.people[name]))  # type: ignore[arg-type]


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_that_no_auction_could_be_told_of_reaches_them_in_the_next_round(stage, guard, change) -> None:
    other = stage.open_auction()
    while_away(stage, change)
    guard.round()
    for auction_id in (stage.id, other):
        answer = stage.engine.place_bid(auction_id, stage.people["alice"], 1, 150_000, "copied")
        assert answer == CHANGES[change] or answer == Refused(Reason.BLOCKED), answer
    assert person(stage, "alice").untold_since is None


def test_a_process_that_dies_after_the_commit_leaves_a_note_too(stage, guard) -> None:
    sessions.end_all(stage.people["alice"])
    guard.round()
    assert bid(stage, "alice") == StaleSession()


def test_who_was_told_is_not_told_again(stage, guard) -> None:
    assert introduce_again(stage.engine, sessions.end_all(stage.people["alice"]))
    assert person(stage, "alice").untold_since is None
    told: list[object] = []
    monitored = type("Counting", (), {"__getattr__": lambda self, verb: _counting(stage, verb, told)})()
    assert untold_people.UntoldPeople(monitored).round("") and told == []


def _counting(stage: Stage, verb: str, told: list[object]) -> object:
    if verb == "introduce":
        told.append(verb)
    return getattr(stage.engine, verb)


def test_a_change_between_reading_and_noting_stays_untold(stage) -> None:
    old = sessions.end_all(stage.people["alice"])
    sessions.end_all(stage.people["alice"])
    assert introduce_again(stage.engine, old)
    assert person(stage, "alice").untold_since is not None


def test_a_restarted_store_takes_no_bid_before_it_knows_whose_sessions_ended(
    stage, guard, queue_redis, redis_client, caplog
) -> None:
    while_away(stage, end_sessions)
    as_if_restarted(stage, queue_redis, redis_client)
    deaf = Guard(Away(stage), queue_redis, (), 0)
    with pytest.raises(StoreUnavailable):
        deaf.round()
    with pytest.raises(Paused):
        bid(stage, "bob")
    guard.round()
    assert paused(stage) == "" and bid(stage, "alice") == StaleSession()
    assert isinstance(bid(stage, "bob"), Accepted), "who did not change needs nothing"


def set_back(stage: Stage, client: redis.Redis, name: str, known_ms: int | None) -> None:
    """As an older copy of the live store has it: it knows the first session, and nothing after `known_ms`."""
    client.hset(redis_keys.people(stage.id), str(stage.people[name]), "ok:1:1")
    if known_ms is None:
        client.delete(redis_keys.PEOPLE_KNOWN)
    else:
        client.set(redis_keys.PEOPLE_KNOWN, known_ms)


def test_an_older_copy_of_the_store_is_told_again_of_whoever_changed_since(
    stage, guard, queue_redis, redis_client
) -> None:
    before = utcnow()
    assert introduce_again(stage.engine, sessions.end_all(stage.people["alice"]))
    set_back(stage, redis_client, "alice", to_ms(before))
    as_if_restarted(stage, queue_redis, redis_client)
    Guard(stage.engine, queue_redis, (), 0).round()
    assert paused(stage) == "" and bid(stage, "alice") == StaleSession()
    assert isinstance(bid(stage, "bob"), Accepted)


def test_a_change_long_before_the_copy_is_not_told_again(stage, guard, queue_redis, redis_client) -> None:
    assert introduce_again(stage.engine, sessions.end_all(stage.people["alice"]))
    set_back(stage, redis_client, "alice", to_ms(utcnow() + SLACK + timedelta(minutes=1)))
    as_if_restarted(stage, queue_redis, redis_client)
    Guard(stage.engine, queue_redis, (), 0).round()
    assert redis_client.hget(redis_keys.people(stage.id), str(stage.people["alice"])) == "ok:1:1"


def test_a_store_that_does_not_know_how_old_it_is_is_told_of_whoever_ever_changed(
    stage, guard, queue_redis, redis_client
) -> None:
    assert introduce_again(stage.engine, sessions.end_all(stage.people["alice"]))
    set_back(stage, redis_client, "alice", None)
    as_if_restarted(stage, queue_redis, redis_client)
    Guard(stage.engine, queue_redis, (), 0).round()
    assert bid(stage, "alice") == StaleSession() and isinstance(bid(stage, "bob"), Accepted)


def test_after_very_many_changes_everybody_is_forgotten_instead(
    stage, guard, queue_redis, redis_client, monkeypatch, caplog
) -> None:
    monkeypatch.setattr(untold_people, "TOLD_MAX", 1)
    for name in ("alice", "bob"):
        assert introduce_again(stage.engine, sessions.end_all(stage.people[name]))
    set_back(stage, redis_client, "alice", to_ms(utcnow() - SLACK))
    as_if_restarted(stage, queue_redis, redis_client)
    with caplog.at_level(logging.WARNING):
        Guard(stage.engine, queue_redis, (), 0).round()
    assert bid(stage, "carol", 155_000) == UnknownPerson() and "asks the tables once" in caplog.text


def test_nothing_is_resumed_while_many_are_still_to_be_told(
    stage, guard, queue_redis, redis_client, monkeypatch
) -> None:
    monkeypatch.setattr(untold_people, "A_ROUND_MAX", 1)
    for name in ("alice", "bob"):
        while_away(stage, end_sessions, name)
    as_if_restarted(stage, queue_redis, redis_client)
    guard.round()
    assert paused(stage) != ""
    for _ in range(3):
        guard.round()
    assert paused(stage) == "" and bid(stage, "bob") == StaleSession()


def test_an_operator_cannot_resume_what_does_not_know_whose_sessions_ended(stage) -> None:
    pausing.pause(stage.engine, stage.id, "looks like fraud", "olga")
    while_away(stage, end_sessions)
    pausing.resume(stage.engine, stage.id, "it was none", "olga")
    assert bid(stage, "alice") == StaleSession()


def test_an_auction_that_was_missing_on_the_index_forgets_whom_it_knew(stage, guard, redis_client) -> None:
    redis_client.srem(redis_keys.LIVE_AUCTIONS, stage.id)
    assert introduce_again(stage.engine, sessions.end_all(stage.people["alice"])), "nobody is there to be told"
    guard.round()
    assert bid(stage, "alice") == UnknownPerson()


def test_a_session_that_ends_while_an_auction_is_rebuilt_is_ended_there_too(stage) -> None:
    class Meanwhile(Away):
        """The engine of a rebuild; alice signs out while the auction is in no store."""

        def restore(self, restoration: Any) -> None:
            assert introduce_again(Elsewhere(), sessions.end_all(stage.people["alice"]))  # type: ignore[arg-type]
            stage.engine.restore(restoration)

        def introduce(self, *arguments: Any, **named: Any) -> None:
            stage.engine.introduce(*arguments, **named)

    rebuild(Meanwhile(stage), stage.id, replace=True, backlog_max=10, account_for=lambda facts: None)  # type: ignore[arg-type]
    assert paused(stage) == "" and bid(stage, "alice") == StaleSession()


def test_a_lost_auction_that_is_rebuilt_forgets_whom_it_knew(stage, redis_client) -> None:
    redis_client.delete(redis_keys.terms(stage.id), redis_keys.state(stage.id))
    assert introduce_again(stage.engine, sessions.end_all(stage.people["alice"])), "nobody is there to be told"
    rebuild(stage.engine, stage.id, replace=True, backlog_max=10, account_for=lambda facts: None)
    assert bid(stage, "alice") in (UnknownPerson(), StaleSession())


def test_a_hold_whose_process_died_ends_in_the_auctions_too(stage, guard) -> None:
    holds.hold(stage.people["alice"])
    guard.round()
    assert bid(stage, "alice") == Refused(Reason.BLOCKED)
    past = utcnow() - HOLD_MAX - timedelta(seconds=1)
    ended = update(Person).where(Person.id == stage.people["alice"]).values(bids_held_at=past)
    in_one_unit(lambda session: session.execute(ended))
    guard.round()
    assert isinstance(bid(stage, "alice"), Accepted)


def test_a_blocked_account_is_told_as_blocked(stage, guard) -> None:
    row = blocking.block(stage.people["alice"])
    guard.round()
    answer = stage.engine.place_bid(stage.id, row.id, row.session_epoch, 150_000, "blocked")
    assert answer == Refused(Reason.BLOCKED) and row.permission is Permission.BLOCKED
