"""What people do at the doors that verify an identity and write a line of the security log, beside `phone_events`."""

from collections.abc import Callable

from cashticket.accounts.security_log import SecurityEvent
from tests.fixtures.people import Browser
from tests.security.security_events import Stage
from tests.staging.identities import begin as press
from tests.staging.identities import finish, give_birth_date, seen, turn_on


def alice_who_may(stage: Stage) -> Browser:
    turn_on(stage.app)
    give_birth_date(*stage.people.values())
    return stage.alice()


def begin(stage: Stage) -> None:
    client = alice_who_may(stage)
    stage.begin()
    press(client)


def fail(stage: Stage) -> None:
    client = alice_who_may(stage)
    way_back = seen(client, press(client), name="Bob")
    stage.begin()
    assert finish(client, way_back).status_code == 422


def prove(stage: Stage) -> None:
    client = alice_who_may(stage)
    way_back = seen(client, press(client))
    stage.begin()
    assert finish(client, way_back).status_code == 303


IDENTITY_ACTS: dict[str, tuple[SecurityEvent, Callable[[Stage], None]]] = {
    "begin to verify an identity": (SecurityEvent.IDENTITY_BEGUN, begin),
    "verify an identity as somebody else": (SecurityEvent.IDENTITY_REFUSED, fail),
    "verify an identity": (SecurityEvent.IDENTITY_PROVEN, prove),
}
"""Door → the event of its line, and the act."""
