"""Goes through a verification of identity as a browser does: the button, the pretended provider, the way back."""

import html
import re
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qs, urlsplit

from flask import Flask
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from cashticket.extensions import db
from cashticket.models import Person, PersonKey
from cashticket.models.units import in_one_unit
from tests.fixtures.people import Browser

PAGE = "/me/profile/identity"
LOCAL, BACK = f"{PAGE}/local", f"{PAGE}/back"
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')
BORN = date(1999, 2, 3)
KEY = "ci-of-alice/0123456789+ABCDEF=="


def turn_on(app: Flask, url: str = "local:") -> None:
    """Let people be identified by this provider."""
    app.extensions["settings"] = replace(app.extensions["settings"], identity_url=url)


def give_birth_date(*people: Person, born: date = BORN) -> None:
    """Let the accounts have a date of birth."""
    ids = [person.id for person in people]

    in_one_unit(lambda session: session.execute(update(Person).where(Person.id.in_(ids)).values(birth_date=born)))


def begin(client: Browser, **fields: str) -> str:
    """Press the button. Returns where it leads."""
    answer = client.post(PAGE, data={"csrf_token": client.token("/me/profile"), **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def seen(client: Browser, path: str, *, name: str = "Alice", born: str = "1999-02-03", key: str = KEY) -> str:
    """Say at the provider's page who one is. Returns the way back."""
    [request] = parse_qs(urlsplit(path).query)["request"]
    typed = {"name": name, "birth_date": born, "key": key, "request": request}
    answer = client.post(LOCAL, data=typed | {"csrf_token": client.token(path)})
    assert answer.status_code == 303, answer.text
    return str(answer.location)


def finish(client: Browser, way_back: str, **changed: str) -> TestResponse:
    """Send the form to which the browser came back, with fields `changed`."""
    page = client.get(way_back)
    assert page.status_code == 200
    brought = {name: html.unescape(value) for name, value in HIDDEN.findall(page.text.partition("<main")[2])}
    return client.post(BACK, data=brought | changed)


def verify(client: Browser, **person: str) -> TestResponse:
    """Go all the way as this person."""
    return finish(client, seen(client, begin(client), **person))


def present(person: Person) -> Person:
    """The account as it is now."""
    db.session.rollback()
    return db.session.get_one(Person, person.id, populate_existing=True)


def keys() -> list[PersonKey]:
    """Every key that is kept."""
    db.session.rollback()
    return list(db.session.scalars(select(PersonKey).order_by(PersonKey.id)))
