"""What people do at the doors of second factors that write a line of the security log, beside `security_events`."""

from collections.abc import Callable

from cashticket.accounts.security_log import SecurityEvent
from tests.security.security_events import Stage
from tests.staging.authenticator import Authenticator
from tests.staging.second_factor import App, add_passkey, options, second_step, send, set_app, type_password


def alices_app(stage: Stage) -> App:
    return set_app(stage.alice(), stage.people["alice"].id)


def set_up_app(stage: Stage) -> None:
    client = stage.alice()
    stage.begin()
    set_app(client, stage.people["alice"].id)


def set_up_passkey(stage: Stage) -> None:
    client = stage.alice()
    stage.begin()
    assert add_passkey(client, Authenticator()).status_code == 200


def turn_off(stage: Stage) -> None:
    client = stage.alice()
    app = set_app(client, stage.people["alice"].id)
    code = app.next_code()
    stage.begin()
    assert send(client, "/off", code=code).status_code == 303


def reset_by_command(stage: Stage) -> None:
    alices_app(stage)
    stage.begin()
    stage.command("user", "reset-factor", "alice@example.com", "--why", "asked by alice@example.com", "--json")


def wrong_code(stage: Stage) -> None:
    app, client = alices_app(stage), stage.browser()
    type_password(client)
    stage.begin()
    assert second_step(client, code=app.wrong_code()).status_code == 422


def wrong_code_for_an_act(stage: Stage) -> None:
    client = stage.alice()
    app = set_app(client, stage.people["alice"].id)
    stage.begin()
    assert send(client, "/off", code=app.wrong_code()).status_code == 422


def unknown_passkey(stage: Stage) -> None:
    client = stage.browser()
    given = options(client, "/login/passkey/options", "/login")
    token = client.token()
    stage.begin()
    form = {"passkey": Authenticator().sign(given), "csrf_token": token}
    assert client.post("/login/passkey", data=form).status_code == 422


def first_step_alone(stage: Stage) -> None:
    app, client = alices_app(stage), stage.browser()
    type_password(client)
    stage.begin()
    assert second_step(client, code=app.next_code()).status_code == 303


FACTOR_ACTS: dict[str, tuple[SecurityEvent, Callable[[Stage], None]]] = {
    "set up an app": (SecurityEvent.SECOND_FACTOR_SET, set_up_app),
    "add a passkey": (SecurityEvent.SECOND_FACTOR_SET, set_up_passkey),
    "turn two-step verification off": (SecurityEvent.SECOND_FACTOR_REMOVED, turn_off),
    "reset factors by command": (SecurityEvent.SECOND_FACTOR_REMOVED, reset_by_command),
    "type a wrong code": (SecurityEvent.SECOND_FACTOR_FAILED, wrong_code),
    "type a wrong code for an act": (SecurityEvent.SECOND_FACTOR_FAILED, wrong_code_for_an_act),
    "sign in with an unknown passkey": (SecurityEvent.SIGN_IN_FAILED, unknown_passkey),
    "sign in with both steps": (SecurityEvent.NEW_BROWSER, first_step_alone),
}
"""Door → the event of its line, and the act."""

FACTOR_EXTRA = {"sign in with both steps": (SecurityEvent.SIGN_IN_OK,)}
"""Doors whose act is two events: the lines after the first."""
