"""Leaving the line: the page before, the three forms of the answer, and who is refused."""

from collections.abc import Callable

import pytest
from sqlalchemy import update
from werkzeug.test import TestResponse

from cashticket.extensions import db
from cashticket.models import Award, FinalRank, Notification, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.wiring import queue
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.staging.rows import HOUR
from tests.staging.settlement import award_of, holders, position
from tests.web.my_page import text_of, words_of

# The rows are tested on both databases elsewhere.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

JSON = {"Accept": "application/json"}
PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


def leave(browser: Browser, auction: int, headers: dict[str, str] | None = None) -> TestResponse:
    form = {"csrf_token": browser.token("/")}
    return browser.post(f"/auctions/{auction}/leave?lang=en", data=form, headers=headers or {})


def test_whoever_waits_finds_the_way_out_everywhere_and_it_says_first_that_it_is_for_good(
    carol: Browser, settled_auction: int
) -> None:
    path = f"/auctions/{settled_auction}/leave"
    for page in ("/me/bids", "/me/tickets", f"/auctions/{settled_auction}/outcome"):
        assert f'href="{path}"' in carol.get(page).get_data(as_text=True), page
    page = carol.get(path).get_data(as_text=True)
    assert f'<form method="post" action="{path}"' in page
    words = words_of(carol, path)
    assert "Waitlist no. 1" in words and "This can’t be undone" in words


def test_a_plain_form_leads_to_my_bids_which_say_so(
    carol: Browser, settled_auction: int, people: dict[str, Person]
) -> None:
    answer = leave(carol, settled_auction)
    assert (answer.status_code, answer.location) == (303, "/me/bids")
    assert position(settled_auction, people["carol"].id) is None
    words = words_of(carol, "/me/bids")
    assert "You left the waitlist." in words and "You left the waitlist on" in words
    for page in (
        "/me/bids",
        "/me/tickets",
        f"/auctions/{settled_auction}/outcome",
        f"/auctions/{settled_auction}/leave",
    ):
        text = carol.get(page).get_data(as_text=True)
        assert (
            f'href="/auctions/{settled_auction}/leave"' not in text
            and '<form method="post" action="/auctions' not in text
        )
    assert "waitlist" not in words_of(carol, "/me/tickets").lower()
    assert "You left the waitlist on" in text_of(carol, f"/auctions/{settled_auction}/outcome")


def test_a_program_gets_json_and_a_repeat_the_same(carol: Browser, settled_auction: int) -> None:
    answer = leave(carol, settled_auction, JSON)
    assert answer.status_code == 200 and answer.json is not None
    assert answer.json["auction_id"] == settled_auction and answer.json["left_at"].endswith("Z")
    again = leave(carol, settled_auction, JSON)
    assert (again.status_code, again.json) == (200, answer.json)


def test_htmx_gets_the_piece_without_the_form(carol: Browser, settled_auction: int) -> None:
    answer = leave(carol, settled_auction, PIECE)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 200 and body.lstrip().startswith('<section id="leave"') and 'role="status"' in body
    assert "<form" not in body


def test_a_freed_seat_passes_by_whoever_left(
    carol: Browser, alice: Browser, settled_auction: int, people: dict[str, Person]
) -> None:
    leave(carol, settled_auction)
    awards.decline(award_of(settled_auction, people["alice"].id).id, people["alice"].id, utcnow())
    assert holders(settled_auction) == {2: people["bob"].id}
    kinds = [
        kind for (kind,) in db.session.execute(db.select(Notification.kind).filter_by(person_id=people["carol"].id))
    ]
    assert "offered" not in kinds


@pytest.mark.parametrize(
    ("act", "reason", "words"),
    [
        (None, "offered", "decline it"),
        (awards.buy, "bought", "cancel your ticket"),
        (awards.decline, "had_one", "already"),
    ],
    ids=["offered", "bought", "declined"],
)
def test_holders_cannot_leave_and_read_what_they_can_do(  # type: ignore[no-untyped-def]
    alice: Browser, settled_auction: int, people: dict[str, Person], act, reason: str, words: str
) -> None:
    me = people["alice"].id
    if act:
        act(award_of(settled_auction, me).id, me, utcnow())
    state = award_of(settled_auction, me).state
    answer = leave(alice, settled_auction, JSON)
    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    assert answer.get_json(force=True)["reason"] == reason and words in answer.get_json(force=True)["detail"]
    piece = leave(alice, settled_auction, PIECE)
    text = piece.get_data(as_text=True)
    assert piece.status_code == 409 and 'role="alert"' in text and words in text and "<form" not in text
    assert leave(alice, settled_auction).status_code == 303 and award_of(settled_auction, me).state == state


def test_an_offer_that_lapses_meanwhile_reaches_the_next_in_line_with_its_mail(
    carol: Browser, settled_auction: int, people: dict[str, Person]
) -> None:
    past, me = utcnow() - HOUR / 60, people["carol"].id
    lapsing = update(Award).where(Award.person_id == people["alice"].id).values(expires_at=past)
    in_one_unit(lambda session: session.execute(lapsing))
    answer = leave(carol, settled_auction, JSON)
    assert answer.status_code == 409 and answer.get_json(force=True)["reason"] == "offered"
    assert holders(settled_auction)[1] == me
    assert [job.func_name for job in queue("mail").jobs] == ["cashticket.jobs.deliver_due"]


def test_nobody_leaves_for_somebody_else_and_who_is_in_no_line_is_told_so(
    mallory: Browser, settled_auction: int, people: dict[str, Person]
) -> None:
    assert leave(mallory, settled_auction, JSON).get_json(force=True)["reason"] == "not_waiting"
    assert position(settled_auction, people["carol"].id) == 1
    running = open_auction()
    assert leave(mallory, running, JSON).get_json(force=True)["reason"] == "not_settled"
    assert "is not final yet" in words_of(mallory, f"/auctions/{running}/leave")
    for unknown in (4711, 9007199254740991):
        assert leave(mallory, unknown, JSON).status_code == 404
        assert mallory.get(f"/auctions/{unknown}/leave").status_code == 404


def test_strangers_are_asked_to_sign_in_and_a_request_without_the_token_changes_nothing(
    browser: Callable[[], Browser], settled_auction: int, people: dict[str, Person]
) -> None:
    stranger, path = browser(), f"/auctions/{settled_auction}/leave"
    assert stranger.get(path).status_code == 303 and stranger.post(path, headers=JSON).status_code == 401
    assert stranger.post(path, headers=PIECE).headers["HX-Redirect"].startswith("/login")
    assert sign_in(stranger, "carol").post(path, headers=JSON).status_code == 400
    assert position(settled_auction, people["carol"].id) == 1


def test_nobody_else_sees_that_somebody_left(carol: Browser, client: Browser, settled_auction: int) -> None:
    def seen() -> str:
        return client.get(f"/auctions/{settled_auction}/results?lang=en").get_data(as_text=True)

    before = seen()
    leave(carol, settled_auction)
    assert db.session.scalar(db.select(FinalRank.left_at).where(FinalRank.left_at.is_not(None))) is not None
    assert seen() == before
