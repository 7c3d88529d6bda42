"""What to be told of, and by which device: the form without scripts, and the doors that a script speaks to."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.notice_topics import Topic
from cashticket.blueprints.request.rate_limits import DEVICE_CHANGES
from cashticket.extensions import db
from cashticket.models import Person, PushSubscription
from cashticket.models.outbox import Channel
from cashticket.notify import preferences
from cashticket.notify.preferences import Preferences
from cashticket.notify.vapid_keys import make_pair
from tests.fixtures.people import Browser, sign_in
from tests.staging.pushes import devices_of

# The rows are tested on both databases elsewhere.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = "/me/notifications/settings"
DEVICES = "/me/notifications/devices"
JSON = {"Accept": "application/json"}
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"
MORE = ["line", "followed", "deadline"]
"""Topics that stay as they are in these tests."""

PUBLIC, PRIVATE = make_pair()


@pytest.fixture
def pushing(app: Flask) -> Flask:
    """A site that can push to the usual services."""
    app.extensions["settings"] = replace(app.extensions["settings"], vapid_public_key=PUBLIC)
    return app


def fields(**changes: str) -> dict[str, str]:
    """A device as `push.js` sends it."""
    return {"endpoint": ENDPOINT, "p256dh": make_pair()[0], "auth": "A" * 22, "lang": "ko"} | changes


def post(browser: Browser, path: str, headers: dict[str, str] | None = None, **form: object) -> object:
    return browser.post(path, data=form | {"csrf_token": browser.token("/me/notifications/settings")}, headers=headers)


def choices(person: Person) -> Preferences:
    db.session.rollback()
    return preferences.preferences_of(person.id)


def test_the_form_saves_topics_and_hours_without_scripts(
    pushing: Flask, alice: Browser, people: dict[str, Person]
) -> None:
    hours = {"silent": "yes", "silent_from": "23:00", "silent_until": "07:30"}
    answer = post(alice, PAGE, push=["rank_out", "seat", *MORE], mail=["result", *MORE], **hours)
    assert (answer.status_code, answer.location) == (303, PAGE)
    muted = {(Channel.PUSH, Topic.RESULT), (Channel.MAIL, Topic.RANK_OUT)}
    assert choices(people["alice"]) == Preferences(frozenset(muted), silent=(1380, 450))
    page = alice.get(PAGE).get_data(as_text=True)
    assert 'value="23:00"' in page and 'value="07:30"' in page
    ticked = re.findall(r'name="(push|mail)" value="(\w+)" checked', page)
    more = [(channel, topic) for topic in MORE for channel in ("push", "mail")]
    assert ticked == [("push", "rank_out"), ("push", "seat"), ("mail", "result"), *more]


def test_unasked_everything_is_told_and_nobody_is_left_alone(pushing: Flask, alice: Browser) -> None:
    page = alice.get(PAGE).get_data(as_text=True)
    assert page.count(" checked") == 11 and 'name="silent" value="yes" checked' not in page


def test_the_mail_about_a_seat_is_not_offered_and_a_forged_form_does_not_turn_it_off(
    pushing: Flask, alice: Browser, people: dict[str, Person]
) -> None:
    assert 'name="mail" value="seat"' not in alice.get(PAGE).get_data(as_text=True)
    post(alice, PAGE)
    assert (Channel.MAIL, Topic.SEAT) not in choices(people["alice"]).muted
    assert len(choices(people["alice"]).muted) == 11


@pytest.mark.parametrize(("first", "until"), [("", "08:00"), ("23:00", "23:00"), ("24:00", "08:00"), ("x", "y")])
def test_hours_that_are_none_come_back_with_a_sentence_and_save_nothing(
    pushing: Flask, alice: Browser, people: dict[str, Person], first: str, until: str
) -> None:
    answer = post(alice, PAGE, mail=["result"], silent="yes", silent_from=first, silent_until=until)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422 and 'role="alert"' in page and "<title>오류: " in page
    assert f'name="silent_from" type="time" value="{first}"' in page, "what was typed is still there"
    assert 'name="mail" value="rank_out" checked' not in page and 'name="mail" value="result" checked' in page
    assert choices(people["alice"]) == Preferences()


def test_without_a_key_no_page_speaks_of_devices_and_what_was_chosen_of_them_stays(
    app: Flask, alice: Browser, people: dict[str, Person], live_auction
) -> None:
    chosen = Preferences(frozenset({(Channel.PUSH, Topic.SEAT)}), silent=(0, 60))
    preferences.save(people["alice"].id, chosen)
    page = alice.get(PAGE).get_data(as_text=True)
    assert "push" not in page and "silent" not in page and 'name="mail"' in page
    assert "push.js" not in alice.get(f"/auctions/{live_auction.id}").get_data(as_text=True)
    post(alice, PAGE, mail=["rank_out", "result", *MORE])
    assert choices(people["alice"]) == chosen
    assert post(alice, DEVICES, JSON, **fields()).status_code == 404


def test_a_page_that_offers_pushes_names_the_public_key_and_never_the_private_one(
    pushing: Flask, alice: Browser, live_auction
) -> None:
    pushing.extensions["settings"] = replace(pushing.extensions["settings"], vapid_private_key=PRIVATE)
    for path in (PAGE, f"/auctions/{live_auction.id}"):
        page = alice.get(path).get_data(as_text=True)
        assert f'data-push-key="{PUBLIC}"' in page and PRIVATE not in page and "push.js" in page


def test_a_device_subscribes_and_leaves_by_a_script(pushing: Flask, alice: Browser, people: dict[str, Person]) -> None:
    device = fields(lang="en")
    answer = post(alice, DEVICES, JSON, **device)
    assert (answer.status_code, answer.json) == (201, {"subscribed": True})
    db.session.rollback()
    row = db.session.scalars(select(PushSubscription)).one()
    assert (row.person_id, row.endpoint, row.locale) == (people["alice"].id, ENDPOINT, "en")
    answer = post(alice, f"{DEVICES}/remove", JSON, endpoint=ENDPOINT)
    assert (answer.status_code, answer.json) == (200, {"subscribed": False})
    assert devices_of(people["alice"].id) == []


def test_the_page_counts_the_devices_and_turns_all_of_them_off_without_scripts(
    pushing: Flask, alice: Browser, people: dict[str, Person]
) -> None:
    assert f'action="{DEVICES}/remove"' not in alice.get(PAGE).get_data(as_text=True)
    post(alice, DEVICES, JSON, **fields())
    assert f'action="{DEVICES}/remove"' in alice.get(PAGE).get_data(as_text=True)
    answer = post(alice, f"{DEVICES}/remove", all="yes")
    assert (answer.status_code, answer.location) == (303, PAGE) and devices_of(people["alice"].id) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"endpoint": "http://fcm.googleapis.com/fcm/send/abc"},
        {"endpoint": "https://127.0.0.1:6379/"},
        {"endpoint": "https://169.254.169.254/latest/meta-data"},
        {"endpoint": "https://push.evil.example/"},
        {"endpoint": "https://fcm.googleapis.com@evil.example/"},
        {"endpoint": ""},
        {"p256dh": "AAAA"},
        {"p256dh": "x" * 5_000},
        {"auth": "AAAA"},
        {"auth": "가나다"},
        {"auth": ""},
    ],
)
def test_what_is_no_device_of_a_push_service_is_refused_with_a_problem_document(
    pushing: Flask, mallory: Browser, people: dict[str, Person], changes: dict[str, str]
) -> None:
    answer = post(mallory, DEVICES, JSON, **fields(**changes))
    assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
    assert answer.json["status"] == 422 and "evil" not in answer.get_data(as_text=True)
    assert devices_of(people["mallory"].id) == []


def test_a_script_without_the_token_or_a_session_changes_nothing(
    pushing: Flask, alice: Browser, client: Browser, people: dict[str, Person]
) -> None:
    forged = alice.post(DEVICES, data=fields(), headers=JSON)
    assert (forged.status_code, forged.content_type) == (400, "application/problem+json")
    assert client.post(DEVICES, data=fields(), headers=JSON).status_code == 401
    assert devices_of(people["alice"].id) == []


def test_devices_are_changed_only_so_often(pushing: Flask, alice: Browser) -> None:
    pushing.extensions["settings"] = replace(pushing.extensions["settings"], rate_limits=True)
    token = alice.token(PAGE)
    device = fields() | {"csrf_token": token}
    statuses = [alice.post(DEVICES, data=device, headers=JSON).status_code for _ in range(DEVICE_CHANGES.tries_max + 1)]
    assert statuses == [201] * DEVICE_CHANGES.tries_max + [429]
    assert "Retry-After" in alice.post(DEVICES, data=device, headers=JSON).headers


def test_signing_out_ends_the_pushes_of_this_browser_and_of_no_other(
    pushing: Flask, browser: Callable[[], Browser], alice: Browser, people: dict[str, Person]
) -> None:
    phone = sign_in(browser(), "alice")
    post(alice, DEVICES, JSON, **fields(endpoint=f"{ENDPOINT}-laptop"))
    post(phone, DEVICES, JSON, **fields(endpoint=f"{ENDPOINT}-phone"))
    assert len(devices_of(people["alice"].id)) == 2
    phone.post("/logout", data={"csrf_token": phone.token(PAGE)})
    assert devices_of(people["alice"].id) == [f"{ENDPOINT}-laptop"]


def test_the_list_of_notices_leads_to_the_settings(alice: Browser) -> None:
    assert f'href="{PAGE}"' in alice.get("/me/notifications").get_data(as_text=True)
