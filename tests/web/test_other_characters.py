"""What is not UTF-8 is refused politely by every form, and nothing of it is kept."""

import pytest
from flask import Flask

from cashticket.blueprints.request.security import PROVEN_BY_ADDRESS
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.inputs.other_characters import BODIES
from tests.web.sign_ups import ALICE, drafts
from tests.web.test_security_every_door import doors

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize("name", BODIES)
def test_no_form_takes_what_is_not_utf_8(app: Flask, client: Browser, people: dict[str, Person], name: str) -> None:
    kind, body = BODIES[name]
    sign_in(client, "alice")
    token = client.token("/no-such-page")
    for door in doors(app):
        if door.method != "POST" or door.endpoint in PROVEN_BY_ADDRESS:
            continue
        headers = {"Content-Type": kind, "X-CSRFToken": token}
        answer = client.post(door.path, data=body, headers=headers)
        assert answer.status_code in (400, 415), (door, answer.status_code)
        assert "요청을 읽을 수 없어요" in answer.text, door
        program = client.post(door.path, data=body, headers=headers | {"Accept": "application/json"})
        assert (program.status_code, program.content_type) == (answer.status_code, "application/problem+json"), door


def test_no_sign_up_keeps_what_is_not_utf_8(client: Browser) -> None:
    form = ALICE | {"csrf_token": client.token("/signup")}
    body = "&".join(f"{key}={value}" for key, value in form.items() if key != "name").encode() + b"&name=%B1%E8%BE%D9"
    answer = client.post("/signup", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 400 and drafts() == []


@pytest.mark.parametrize("query", ["q=%B1%E8", "q=%FF", "%FF=1", "n_query=%B1%E8"])
def test_a_page_is_shown_also_to_who_comes_by_an_address_of_other_characters(client: Browser, query: str) -> None:
    """Advertisements add what was searched for elsewhere, in the characters of that place."""
    assert client.get(f"/concerts/?{query}").status_code == 200
