"""People signed in without hashing passwords: rows in the database, and session cookies as the site sets them."""

import secrets
from dataclasses import dataclass

from flask import Flask, g, session

from cashticket.accounts.open_sessions import IDLE_MAX
from cashticket.accounts.sessions import Principal
from cashticket.auction.values import Permission
from cashticket.blueprints.request.form_tokens import form_token
from cashticket.engine.interface import Engine
from cashticket.extensions import db
from cashticket.models import Person, SignIn
from cashticket.models.columns import utcnow


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person's session cookie and CSRF token, as their browser sends them."""

    person: int
    cookie: str
    token: str


def invite(app: Flask, engine: Engine, auction_id: int, people: list[int]) -> list[SignedIn]:
    """Sign people in and introduce them to the auction."""
    guests = sign_in(app, people)
    for person in people:
        engine.introduce(auction_id, person, Permission.OK, 1, 1)
    return guests


def sign_in(app: Flask, people: list[int]) -> list[SignedIn]:
    """Sign people in without hashing passwords. Needs the application's context."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    name = app.config["SESSION_COOKIE_NAME"]
    good_until = int((utcnow() + IDLE_MAX).timestamp())
    guests = []
    sign_ins = [{"person_id": person, "handle": f"bench-{person}", "browser": "bench"} for person in people]
    if sign_ins:
        with db.engine.begin() as connection:
            connection.execute(db.insert(SignIn), sign_ins)
    for person in people:
        with app.test_request_context():
            # Otherwise the application's context still has the token of the guest before.
            g.pop("csrf_token", None)
            session["_user_id"] = Principal(person, 1, f"bench-{person}", good_until).get_id()
            session["_fresh"] = True
            token = form_token()
            guests.append(SignedIn(person, f"{name}={signer.dumps(dict(session))}", token))
    return guests


def add_people(count: int) -> list[int]:
    """Add verified people with names and addresses of their own. Returns their ids."""
    group = secrets.token_hex(4)
    rows = [
        {
            "email": f"guest{number}.{group}@bench.invalid",
            "name": f"Guest {number}",
            "password_hash": "!",
            "locale": "ko",
            "is_staff": False,
            "verified_at": utcnow(),
            "phone_proven_at": utcnow(),
            "session_epoch": 1,
            "revision": 1,
            "created_at": utcnow(),
        }
        for number in range(count)
    ]
    with db.engine.begin() as connection:
        connection.execute(db.insert(Person), rows)
        ids = connection.execute(db.select(Person.id).order_by(Person.id.desc()).limit(count)).scalars()
        return sorted(ids)
