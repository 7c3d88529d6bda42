"""What fails on our side in the middle of a proof is never counted as a wrong password or a wrong code.

Each proof is sent again and again, right each time; the n-th time the n-th statement of the request fails.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from cashticket.accounts.people import find_by_email
from cashticket.extensions import db
from cashticket.models import PendingSignIn, Person
from tests.fixtures.people import Browser, sign_in
from tests.security.limited import HOME, browser_at
from tests.staging.account_acts import ask_reset
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD
from tests.staging.second_factor import App, age_proofs, set_app, type_password
from tests.staging.settlement import add_settled_auction, award_of
from tests.web.sign_ups import ALICE, sign_up

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROUNDS_MAX = 60
NEW = "another fine phrase"
Send = Callable[[], int]
"""Sends the right proof. Returns the status of the answer."""
Prepare = Callable[[], Send]


class Away:
    """Lets the statement `number` of a request fail, and with `for_good` every one after it."""

    def __init__(self, number: int, error: Callable[[], Exception], *, for_good: bool) -> None:
        self.number, self.error, self.for_good, self.done = number, error, for_good, False

    def __call__(self, *_: Any) -> None:
        self.number -= 1
        if self.number == 0 or (self.for_good and self.number < 0):
            self.done = True
            raise self.error()


FAILURES: dict[str, tuple[Callable[[], Exception], bool]] = {
    "the database for a moment": (lambda: OperationalError("SELECT 1", {}, Exception("gone away")), False),
    "a bug": (lambda: RuntimeError("a bug"), False),
}


@contextmanager
def failing(number: int, kind: str) -> Iterator[Away]:
    error, for_good = FAILURES[kind]
    listener = Away(number, error, for_good=for_good)
    event.listen(db.engine, "before_cursor_execute", listener)
    try:
        yield listener
    finally:
        event.remove(db.engine, "before_cursor_execute", listener)
        db.session.remove()


def alice() -> Person:
    person = find_by_email("alice@example.com")
    assert person is not None
    return person


def sending(client: Browser, path: str, page: str, **fields: str) -> Prepare:
    form = fields | {"csrf_token": client.token(page)}
    return lambda: lambda: client.post(path, data=form).status_code


def by_password(app: Flask) -> Prepare:
    return sending(browser_at(app, HOME), "/login", "/login", email="alice@example.com", password=PASSWORD)


def by_second_step(app: Flask) -> Prepare:
    factor = set_app(sign_in(browser_at(app), "alice"), alice().id)
    client = browser_at(app, HOME)

    def prepare() -> Send:
        used = select(PendingSignIn.failures).order_by(PendingSignIn.id.desc())
        assert not db.session.scalar(used.where(PendingSignIn.ended_at.is_(None))), "a try was used"
        # Also once the code was right, and what came after it failed.
        if 'name="code"' not in client.get("/login/second").text:
            client.delete_cookie("cashticket")
            type_password(client)
        return by_code(client, factor, "/login/second", "/login/second")()

    return prepare


def by_current_password(app: Flask) -> Prepare:
    client = sign_in(browser_at(app, HOME), "alice")
    path = "/me/profile/email"
    return sending(client, path, "/me/profile", email="new@example.com", current_password=PASSWORD)


def by_code_of_a_purchase(app: Flask) -> Prepare:
    client = sign_in(browser_at(app, HOME), "alice")
    auction = add_settled_auction([(alice().id, 150_000)])
    award, factor = award_of(auction, alice().id).id, set_app(client, alice().id)
    age_proofs(factor.person_id, 16 * 60)
    return by_code(client, factor, f"/awards/{award}/buy", f"/awards/{award}/confirm")


def by_password_of_a_sign_up(app: Flask) -> Prepare:
    sign_up(browser_at(app), email="dora@example.com")
    link = Mailbox(app).link("dora@example.com")
    return sending(browser_at(app, HOME), link, link, password=ALICE["password"])


def by_link_of_a_reset(app: Flask) -> Prepare:
    client = browser_at(app, HOME)
    link = ask_reset(client, Mailbox(app), "alice@example.com")
    return sending(client, link, link, password=NEW)


def by_code(client: Browser, factor: App, path: str, page: str) -> Prepare:
    token = client.token(page)

    def prepare() -> Send:
        form = {"code": factor.next_code(), "csrf_token": token}
        return lambda: client.post(path, data=form).status_code

    return prepare


DOORS: dict[str, Callable[[Flask], Prepare]] = {
    "signing in": by_password,
    "second step": by_second_step,
    "current password": by_current_password,
    "buying": by_code_of_a_purchase,
    "confirming a sign-up": by_password_of_a_sign_up,
    "reset": by_link_of_a_reset,
}


# A link whose act was done before something else failed says that it was used.
DONE = {"confirming a sign-up": (303, 200), "reset": (303, 410)}


@pytest.mark.parametrize("kind", FAILURES)
@pytest.mark.parametrize("door", DOORS)
def test_no_failure_of_ours_counts_as_a_wrong_proof(limited: Flask, door: str, kind: str) -> None:
    limited.config["PROPAGATE_EXCEPTIONS"] = False
    prepare = DOORS[door](limited)
    statuses: list[int] = []
    for number in range(1, ROUNDS_MAX):
        send = prepare()
        with failing(number, kind) as listener:
            statuses.append(send())
        if not listener.done or statuses[-1] < 400:
            break
    assert statuses[-1] in DONE.get(door, (303,)) and len(statuses) > 4, statuses
    assert set(statuses[:-1]) <= {500, 503}, statuses
