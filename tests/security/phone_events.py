"""What people do at the doors that prove a phone and write a line of the security log, beside `security_events`."""

from collections.abc import Callable

from cashticket.accounts.security_log import SecurityEvent
from tests.fixtures.people import Browser
from tests.security.security_events import Stage
from tests.staging.sms import Phones

PAGE = "/me/profile/phone"
NUMBER = "010-1234-5678"


def alice_with_sms(stage: Stage) -> tuple[Browser, Phones]:
    phones = Phones(stage.app, stage.app.extensions["settings"].instance / "sms")
    return stage.alice(), phones


def send(client: Browser, path: str, **fields: str) -> int:
    return client.post(path, data=fields | {"csrf_token": client.token(PAGE)}).status_code


def ask(stage: Stage) -> None:
    client, _ = alice_with_sms(stage)
    stage.begin()
    assert send(client, PAGE, phone=NUMBER) == 303


def type_nonsense(stage: Stage) -> None:
    client, _ = alice_with_sms(stage)
    send(client, PAGE, phone=NUMBER)
    stage.begin()
    assert send(client, f"{PAGE}/code", code="none") == 422


def prove(stage: Stage) -> None:
    client, phones = alice_with_sms(stage)
    send(client, PAGE, phone=NUMBER)
    code = phones.code("+821012345678")
    stage.begin()
    assert send(client, f"{PAGE}/code", code=code) == 303


PHONE_ACTS: dict[str, tuple[SecurityEvent, Callable[[Stage], None]]] = {
    "ask for a code": (SecurityEvent.PHONE_CODE_REQUESTED, ask),
    "type a wrong code of a phone": (SecurityEvent.PHONE_CODE_REFUSED, type_nonsense),
    "prove a phone": (SecurityEvent.PHONE_PROVEN, prove),
}
"""Door → the event of its line, and the act."""
