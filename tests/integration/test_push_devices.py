"""Devices that people let us push to: at most ten a person, each of one person, gone with the session of theirs."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.accounts import people, push_devices, recovery, sessions
from cashticket.accounts.push_devices import DEVICES_MAX, UNSEEN_AGE, Device
from cashticket.accounts.sessions import Overtaken
from cashticket.auction.notice_topics import Topic
from cashticket.extensions import db
from cashticket.models import MutedTopic, PushSubscription, SignIn, SilentHours
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Channel
from cashticket.models.units import in_one_unit
from cashticket.notify import preferences
from cashticket.notify.preferences import Preferences
from cashticket.work import forgetting
from tests.staging.pushes import devices_of, session_of
from tests.staging.rows import add_people


@pytest.fixture
def alice(app: Flask) -> int:
    return add_people(1)[0]


def device(name: str) -> Device:
    return Device(f"https://push.example/{name}", "p" * 87, "a" * 22)


def subscribe(person_id: int, name: str, handle: str = "") -> str:
    """Subscribe a device in a session of its own, or in that of `handle`. Returns the handle."""
    handle = handle or session_of(person_id, f"{person_id}-{name}")
    push_devices.subscribe(person_id, handle, device(name), "ko")
    return handle


def names_of(person_id: int) -> list[str]:
    return [endpoint.rpartition("/")[2] for endpoint in devices_of(person_id)]


def test_a_device_that_subscribes_again_is_there_once_and_has_its_newest_keys(alice: int) -> None:
    handle = subscribe(alice, "phone")
    push_devices.subscribe(alice, handle, Device(device("phone").endpoint, "q" * 87, "b" * 22), "en")
    db.session.rollback()
    [row] = db.session.scalars(select(PushSubscription)).all()
    assert (row.p256dh, row.auth, row.locale) == ("q" * 87, "b" * 22, "en") and push_devices.count(alice) == 1


def test_the_device_that_was_unseen_for_the_longest_time_gives_its_place_to_an_eleventh(alice: int) -> None:
    for number in range(DEVICES_MAX):
        subscribe(alice, f"phone-{number}")
    subscribe(alice, "phone-0", handle=f"{alice}-phone-0")
    subscribe(alice, "new")
    assert set(names_of(alice)) == {"new", *(f"phone-{number}" for number in range(DEVICES_MAX))} - {"phone-1"}


def test_a_device_that_somebody_else_signs_in_to_is_theirs_from_then_on(alice: int) -> None:
    [bob] = add_people(1)
    subscribe(alice, "shared")
    subscribe(bob, "shared")
    assert (names_of(alice), names_of(bob)) == ([], ["shared"])


def test_nobody_takes_the_device_of_another_person_away(alice: int) -> None:
    [mallory] = add_people(1)
    subscribe(alice, "phone")
    assert not push_devices.unsubscribe(mallory, device("phone").endpoint)
    assert push_devices.unsubscribe_all(mallory) == 0 and names_of(alice) == ["phone"]
    assert push_devices.unsubscribe(alice, device("phone").endpoint) and names_of(alice) == []


def test_an_ended_session_subscribes_nothing(alice: int) -> None:
    handle = session_of(alice, "ended")
    sessions.end_session(alice, handle)
    with pytest.raises(Overtaken):
        subscribe(alice, "phone", handle=handle)
    with pytest.raises(Overtaken):
        subscribe(alice, "phone", handle="of nobody")
    assert names_of(alice) == []


ENDINGS: dict[str, Callable[[int], object]] = {
    "it is signed out": lambda alice: sessions.end_session(alice, f"{alice}-phone"),
    "all others are signed out": lambda alice: sessions.end_others(alice, keep=f"{alice}-laptop"),
    "the password is changed": lambda alice: recovery.change_password(
        alice, "another long one", keep=f"{alice}-laptop"
    ),
    "it is one of too many": lambda alice: _begin_many(alice),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_device_ends_with_its_session_and_the_others_stay(alice: int, ending: str) -> None:
    subscribe(alice, "phone")
    subscribe(alice, "laptop")
    in_one_unit(
        lambda session: session.execute(
            update(SignIn).where(SignIn.handle == f"{alice}-phone").values(started_at=utcnow() - timedelta(days=1))
        )
    )
    ENDINGS[ending](alice)
    assert names_of(alice) == ["laptop"]


def _begin_many(person_id: int) -> None:
    """Sign in until the oldest session has ended."""
    person = people.person(person_id)
    assert person is not None
    for _ in range(sessions.OPEN_MAX - 1):
        sessions.begin(person, "another browser")


def test_every_device_ends_when_the_account_is_recovered_or_blocked(alice: int) -> None:
    subscribe(alice, "phone")
    subscribe(alice, "laptop")
    sessions.end_all(alice)
    assert names_of(alice) == []


def test_closing_an_account_leaves_no_device_and_no_choice(alice: int) -> None:
    subscribe(alice, "phone")
    preferences.save(alice, Preferences(frozenset({(Channel.PUSH, Topic.RESULT)}), silent=(0, 60)))
    recovery.close(alice)
    db.session.rollback()
    for table in (PushSubscription, MutedTopic, SilentHours):
        assert db.session.scalars(select(table)).all() == [], table


def test_a_device_that_was_silent_for_half_a_year_is_forgotten(alice: int) -> None:
    subscribe(alice, "old")
    old = update(PushSubscription).values(seen_at=utcnow() - UNSEEN_AGE - timedelta(minutes=1))
    in_one_unit(lambda session: session.execute(old))
    subscribe(alice, "young")
    counts = forgetting.forget(utcnow(), dry=False, progress=lambda rule, count: None)
    assert counts["push_subscriptions"] == 1 and names_of(alice) == ["young"]


def test_what_is_chosen_replaces_what_was_chosen_before(alice: int) -> None:
    muted = frozenset({(Channel.PUSH, Topic.RANK_OUT), (Channel.MAIL, Topic.RESULT)})
    preferences.save(alice, Preferences(muted, silent=(23 * 60, 8 * 60)))
    assert preferences.preferences_of(alice) == Preferences(muted, silent=(23 * 60, 8 * 60))
    preferences.save(alice, Preferences(silent=(0, 1)))
    assert preferences.preferences_of(alice) == Preferences(silent=(0, 1))
    preferences.save(alice, Preferences())
    assert preferences.preferences_of(alice) == Preferences()
