"""Decisions of holders: who may decide, the three forms of the answer, and what is refused."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, update

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Award, Notification, OutboxMessage, Person
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Priority
from cashticket.models.units import in_one_unit
from cashticket.wiring import queue
from tests.fixtures.people import Browser, sign_in
from tests.staging.rows import HOUR
from tests.staging.settlement import award_of, holders

JSON = {"Accept": "application/json"}
PIECE = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def alices_award(settled_auction: int, people: dict[str, Person]) -> int:
    """The id of the award of alice."""
    return award_of(settled_auction, people["alice"].id).id


def post(browser: Browser, path: str, headers: dict[str, str] | None = None):  # type: ignore[no-untyped-def]
    return browser.post(path, data={"csrf_token": browser.token("/")}, headers=headers or {})


def test_a_winner_buys_by_a_plain_form(
    alice: Browser, alices_award: int, settled_auction: int, people: dict[str, Person]
) -> None:
    answer = post(alice, f"/awards/{alices_award}/buy")
    assert (answer.status_code, answer.location) == (303, "/me/tickets")
    assert award_of(settled_auction, people["alice"].id).state == "bought"


def test_a_program_gets_json(alice: Browser, alices_award: int, settled_auction: int) -> None:
    answer = post(alice, f"/awards/{alices_award}/buy", JSON)
    assert answer.status_code == 200 and answer.json is not None
    assert {key: answer.json[key] for key in ("id", "state", "seat", "price", "rank", "auction_id")} == {
        "id": alices_award,
        "state": "bought",
        "seat": "VIP-1",
        "price": 150_000,
        "rank": 1,
        "auction_id": settled_auction,
    }
    assert answer.json["expires_at"].endswith("Z") and answer.json["decided_at"].endswith("Z")
    again = post(alice, f"/awards/{alices_award}/buy", JSON)
    assert (again.status_code, again.json) == (200, answer.json)


def test_htmx_gets_the_piece_with_what_may_be_done_next(alice: Browser, alices_award: int) -> None:
    answer = post(alice, f"/awards/{alices_award}/buy", PIECE)
    body = answer.get_data(as_text=True)
    assert answer.status_code == 200 and body.lstrip().startswith("<article") and f'id="award-{alices_award}"' in body
    assert f'action="/awards/{alices_award}/cancel"' in body and f'action="/awards/{alices_award}/buy"' not in body


def test_a_declined_seat_goes_to_the_next_in_line_and_its_mail_leaves(
    alice: Browser, alices_award: int, settled_auction: int, people: dict[str, Person]
) -> None:
    answer = post(alice, f"/awards/{alices_award}/decline", JSON)
    assert answer.json is not None and answer.json["state"] == "declined"
    assert holders(settled_auction) == {1: people["carol"].id, 2: people["bob"].id}
    offered = db.session.scalars(select(Notification.id).where(Notification.kind == NoticeKind.OFFERED)).one()
    mail = db.session.scalars(select(OutboxMessage).where(OutboxMessage.reference == offered)).one()
    assert (mail.kind, mail.priority) == ("offered", Priority.URGENT)
    assert [job.func_name for job in queue("mail").jobs] == ["cashticket.jobs.deliver_due"]
    assert queue("settlement").count == 0, "the seat has been handed over already"


def test_a_decision_that_comes_too_late_is_a_conflict_with_its_reason(alice: Browser, alices_award: int) -> None:
    post(alice, f"/awards/{alices_award}/decline")
    answer = post(alice, f"/awards/{alices_award}/buy", JSON)
    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    assert answer.get_json(force=True)["reason"] == "declined" and answer.get_json(force=True)["detail"]
    piece = post(alice, f"/awards/{alices_award}/buy", PIECE)
    assert piece.status_code == 409 and 'role="alert"' in piece.get_data(as_text=True)
    assert (post(alice, f"/awards/{alices_award}/buy").status_code) == 303


def test_an_offer_that_ran_out_has_no_form_to_buy(alice: Browser, alices_award: int) -> None:
    past = utcnow() - HOUR / 60
    in_one_unit(lambda session: session.execute(update(Award).where(Award.id == alices_award).values(expires_at=past)))
    answer = post(alice, f"/awards/{alices_award}/buy", PIECE)
    assert answer.status_code == 409 and "/buy" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("move", ["buy", "decline", "cancel"])
def test_other_peoples_awards_and_unknown_ones_are_not_found(
    client: Browser, alices_award: int, settled_auction: int, people: dict[str, Person], move: str
) -> None:
    mallory = sign_in(client, "mallory")
    for award_id in (alices_award, 4711, 9007199254740991):
        assert post(mallory, f"/awards/{award_id}/{move}", JSON).status_code == 404
    assert award_of(settled_auction, people["alice"].id).state == "offered"


@pytest.mark.parametrize("path", ["/awards/x/buy", "/awards/-1/buy", "/awards/1/sell", f"/awards/{10**30}/buy"])
def test_malformed_addresses_are_not_found(alice: Browser, path: str) -> None:
    assert post(alice, path, JSON).status_code == 404


def test_strangers_are_asked_to_sign_in(browser: Callable[[], Browser], alices_award: int, app: Flask) -> None:
    stranger = browser()
    assert stranger.post(f"/awards/{alices_award}/buy", headers=JSON).status_code == 401
    plain = stranger.post(f"/awards/{alices_award}/buy")
    assert plain.status_code == 303 and plain.location.startswith("/login")
    piece = stranger.post(f"/awards/{alices_award}/buy", headers=PIECE)
    assert piece.status_code == 204 and piece.headers["HX-Redirect"].startswith("/login")


def test_a_request_without_the_token_changes_nothing(
    alice: Browser, alices_award: int, settled_auction: int, people: dict[str, Person]
) -> None:
    assert alice.post(f"/awards/{alices_award}/buy", headers=JSON).status_code == 400
    assert award_of(settled_auction, people["alice"].id).state == "offered"
