"""Steps of the tests of second factors, through the doors: setting one up, and proving it."""

import base64
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import update
from werkzeug.test import TestResponse

from cashticket.accounts.one_time_codes import app_code, step_at
from cashticket.models import AuthenticatorApp, SignIn
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser
from tests.staging.authenticator import Authenticator
from tests.staging.rows import PASSWORD

PAGE = "/me/profile/security"


@dataclass
class App:
    """An authenticator app with the secret of one account, and the recovery codes that came with it."""

    person_id: int
    secret: bytes
    codes: list[str]

    def code(self, steps_ahead: int = 0) -> str:
        """The code of the present step."""
        return app_code(self.secret, step_at(utcnow()) + steps_ahead)

    def next_code(self) -> str:
        """A code that was not used yet, without waiting for half a minute."""
        forget = update(AuthenticatorApp).where(AuthenticatorApp.person_id == self.person_id).values(last_step=0)
        in_one_unit(lambda session: session.execute(forget))
        return self.code()

    def wrong_code(self) -> str:
        """Six digits that are no code of these minutes."""
        near = {self.code(steps) for steps in range(-3, 4)}
        return next(digits for digits in ("000000", "111111", "222222", "333333") if digits not in near)


def send(client: Browser, path: str, **fields: str) -> TestResponse:
    """A form of the security pages, or at a whole path, with the password unless another one is given."""
    token = client.token("/me/profile")
    address = path if path.startswith("/me/") else PAGE + path
    return client.post(address, data={"current_password": PASSWORD} | fields | {"csrf_token": token})


def shown_codes(answer: TestResponse) -> list[str]:
    """The recovery codes on a page."""
    return re.findall(r"<code>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</code>", answer.get_data(as_text=True))


def shown_secret(client: Browser) -> bytes:
    """The secret on the page that sets up an app."""
    page = client.get(f"{PAGE}/app").get_data(as_text=True)
    field = re.search(r'class="setup-key">([A-Z2-7 ]+)<', page)
    assert field, page
    return base64.b32decode(field[1].replace(" ", ""))


def set_app(client: Browser, person_id: int, **proof: str) -> App:
    """Set up an app, with `proof` where a factor is set already."""
    secret = shown_secret(client)
    answer = send(client, "/app", new_code=app_code(secret, step_at(utcnow())), **proof)
    assert answer.status_code in (200, 303), answer.get_data(as_text=True)
    return App(person_id, secret, shown_codes(answer))


def options(client: Browser, path: str = "/passkeys/options", page: str = "/me/profile") -> dict[str, Any]:
    """The options that the script of a page asks for."""
    answer = client.post(path, headers={"X-CSRFToken": client.token(page), "Accept": "application/json"})
    assert answer.status_code == 200 and answer.json is not None, answer.get_data(as_text=True)
    return answer.json


def add_passkey(client: Browser, authenticator: Authenticator, **fields: str) -> TestResponse:
    """Add a passkey of this authenticator, with a proof in `fields` where a factor is set already."""
    made = authenticator.make(options(client, f"{PAGE}/passkeys/options"))
    return send(client, "/passkeys/new", **({"name": "phone", "created": made} | fields))


def type_password(client: Browser, name: str = "alice", **fields: str) -> TestResponse:
    """The first step of a sign-in."""
    token = client.token("/login")
    form = {"email": f"{name}@example.com", "password": PASSWORD, "csrf_token": token}
    return client.post("/login", data=form | fields)


def second_step(client: Browser, **proof: str) -> TestResponse:
    """The second step of a sign-in."""
    return client.post("/login/second", data=proof | {"csrf_token": client.token("/login/second")})


def is_signed_in(client: Browser) -> bool:
    return client.get("/me").status_code == 200


def age_proofs(person_id: int, seconds: float) -> None:
    """Let every session of a person have proved its second factor this long ago."""
    past = utcnow() - timedelta(seconds=seconds)
    old = update(SignIn).where(SignIn.person_id == person_id).values(proved_at=past)
    in_one_unit(lambda session: session.execute(old))
