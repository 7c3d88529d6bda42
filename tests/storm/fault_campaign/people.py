"""The people of a storm: accounts with a living session each, so that nobody waits for passwords to be hashed."""

import secrets
from dataclasses import dataclass

from flask import Flask, g, session
from flask_wtf.csrf import generate_csrf

from cashticket.accounts.sessions import Principal
from cashticket.extensions import db
from cashticket.models import Person, SignIn
from cashticket.models.columns import utcnow


@dataclass(frozen=True, slots=True)
class Guest:
    """What a signed-in person's browser sends."""

    person: int
    cookie: str
    token: str


def invite(app: Flask, count: int) -> list[Guest]:
    """New verified people, signed in."""
    with app.app_context():
        now = utcnow()
        known = {"password_hash": "no log-in", "verified_at": now, "locale": "ko", "is_staff": False}
        known |= {"session_epoch": 1, "revision": 1, "created_at": now}
        rows = [{"email": f"guest{n}@example.org", "name": f"guest {n}", **known} for n in range(count)]
        with db.engine.begin() as connection:
            connection.execute(db.insert(Person), rows)
            people = list(connection.execute(db.select(Person.id).order_by(Person.id)).scalars())
            handles = {person: secrets.token_hex(16) for person in people}
            sign_ins = [{"person_id": person, "handle": handle} for person, handle in handles.items()]
            connection.execute(
                db.insert(SignIn), [{**each, "browser": "storm", "started_at": now} for each in sign_ins]
            )
    return [_signed_in(app, person, handle) for person, handle in handles.items()]


def _signed_in(app: Flask, person: int, handle: str) -> Guest:
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    with app.test_request_context():
        g.pop("csrf_token", None)
        session["_user_id"] = Principal(person, 1, handle).get_id()
        session["_fresh"] = True
        token = generate_csrf()
        return Guest(person, f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps(dict(session))}", token)
