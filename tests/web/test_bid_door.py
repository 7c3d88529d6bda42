"""The bid door: one decision, three forms of answer, and its cost."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from cashticket.auction.values import Accepted, State
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Person, RecordedBid
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, sign_in, sign_in_unconfirmed
from tests.staging.auctions import HOUR_MS, open_auction
from tests.web.bidding import JSON, PIECE, counting, send


class Silent:
    """A live store whose every bid raises `failure`."""

    def __init__(self, failure: Exception) -> None:
        self._failure = failure

    def place_bid(self, *given: object, sure: int | None) -> Accepted:
        raise self._failure


# What it costs


def test_an_introduced_person_bids_without_sql_and_in_one_round_trip(auction: int, alice: Browser) -> None:
    alice.get(f"/auctions/{auction}")
    assert send(alice, auction, 100_000, "warm").status_code == 201
    form = {"amount": 105_000, "request_id": "counted", "csrf_token": alice.token("/no-such-page")}
    with counting() as counted:
        answer = alice.post(f"/auctions/{auction}/bids", data=form, headers=JSON)
    assert answer.status_code == 201
    assert counted == {"sql": 0, "redis": 1}


def test_a_plain_form_and_a_refusal_cost_no_more(auction: int, alice: Browser) -> None:
    alice.get(f"/auctions/{auction}")
    assert send(alice, auction, 1, "warm").status_code == 422
    token = alice.token("/no-such-page")
    for amount, headers, status in ((100_000, {}, 303), (99_000, JSON, 422), (100_000, JSON, 422)):
        form = {"amount": amount, "request_id": f"r{amount}{status}", "csrf_token": token}
        with counting() as counted:
            answer = alice.post(f"/auctions/{auction}/bids", data=form, headers=headers)
        assert (answer.status_code, counted) == (status, {"sql": 0, "redis": 1})


def test_the_bid_door_introduces_an_unknown_person(auction: int, alice: Browser) -> None:
    assert send(alice, auction, 100_000).status_code == 201


# What it answers


def test_an_accepted_bid_answers_the_contract(auction: int, alice: Browser) -> None:
    answer = send(alice, auction, "100,000")
    assert answer.status_code == 201 and answer.json is not None
    assert list(answer.json) == [
        *("outcome", "sequence", "amount", "rank", "winning", "chances_left", "cutoff", "ends_at", "replayed")
    ]
    ends_at = answer.json["ends_at"]
    assert ends_at.endswith("Z") and len(ends_at) == len("2031-05-01T12:00:00.000Z")
    assert answer.json | {"ends_at": ""} == {
        "outcome": "accepted",
        "sequence": 1,
        "amount": 100_000,
        "rank": 1,
        "winning": True,
        "chances_left": 2,
        "cutoff": 100_000,
        "ends_at": "",
        "replayed": False,
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_the_same_request_has_the_same_answer_and_costs_no_second_chance(auction: int, alice: Browser) -> None:
    first, again = send(alice, auction, 100_000), send(alice, auction, 100_000)
    assert first.json is not None and again.json == first.json | {"replayed": True}
    assert again.status_code == 200
    other = send(alice, auction, 105_000)
    assert other.status_code == 422 and other.json is not None
    assert (other.json["reason"], other.json["chances_left"]) == ("request_reused", 2)


def test_two_people_may_use_the_same_request_id(auction: int, alice: Browser, bob: Browser) -> None:
    assert send(alice, auction, 100_000, "same").status_code == 201
    answer = send(bob, auction, 105_000, "same")
    assert answer.status_code == 201 and answer.json is not None and answer.json["sequence"] == 2


@pytest.mark.parametrize(
    ("amount", "reason", "says"),
    [
        (95_000, "below_minimum", "100,000원"),
        (0, "below_minimum", "100,000원"),
        (102_500, "not_a_step", "5,000원"),
        (2_147_483_648, "too_high", "2,147,483,647원"),
        ("9" * 40, "too_high", "2,147,483,647원"),
    ],
)
def test_a_refusal_says_what_would_be_accepted_and_costs_nothing(
    auction: int, alice: Browser, amount: object, reason: str, says: str
) -> None:
    answer = send(alice, auction, amount)
    assert answer.status_code == 422 and answer.json is not None
    assert list(answer.json) == ["outcome", "reason", "message", "chances_left"]
    assert (answer.json["outcome"], answer.json["reason"], answer.json["chances_left"]) == ("refused", reason, 3)
    assert says in answer.json["message"]
    assert current_engine().read(auction).sequence == 0


def test_a_refusal_is_said_in_the_readers_language(auction: int, alice: Browser) -> None:
    alice.set_cookie("lang", "en")
    answer = send(alice, auction, 95_000)
    assert answer.json is not None and "₩100,000" in answer.json["message"]


def test_the_fourth_bid_is_refused(auction: int, alice: Browser) -> None:
    for nth, left in ((1, 2), (2, 1), (3, 0)):
        answer = send(alice, auction, 100_000 + 5_000 * nth, f"r{nth}")
        assert answer.json is not None and answer.json["chances_left"] == left
    answer = send(alice, auction, 200_000, "r4")
    assert answer.json is not None
    assert (answer.status_code, answer.json["reason"], answer.json["chances_left"]) == (422, "no_chances_left", 0)


def test_bidding_before_the_opening_is_refused_with_the_moment_it_opens(app: Flask, alice: Browser) -> None:
    answer = send(alice, open_auction(starts_in_ms=HOUR_MS), 100_000)
    assert answer.status_code == 422 and answer.json is not None
    assert answer.json["reason"] == "not_open" and "년" in answer.json["message"]


def test_bidding_after_the_end_is_refused(app: Flask, alice: Browser) -> None:
    answer = send(alice, open_auction(starts_in_ms=-4 * HOUR_MS), 100_000)
    assert answer.json is not None and (answer.status_code, answer.json["reason"]) == (422, "closed")


def test_an_unverified_person_is_refused(app: Flask, auction: int, browser: Callable[[], Browser]) -> None:
    answer = send(sign_in_unconfirmed(browser(), "dave"), auction, 100_000)
    assert answer.json is not None and (answer.status_code, answer.json["reason"]) == (422, "not_verified")


# How it answers


def test_a_plain_form_leads_to_ones_bids_with_the_outcome_on_top(auction: int, alice: Browser) -> None:
    answer = send(alice, auction, 100_000, headers={})
    assert (answer.status_code, answer.location) == (303, "/me/bids")
    page = alice.get(answer.location).get_data(as_text=True)
    assert "notice-plain" in page and "100,000원" in page
    assert "notice-plain" not in alice.get(answer.location).get_data(as_text=True), "the outcome is shown once"


def test_a_refused_plain_form_keeps_what_was_typed(auction: int, alice: Browser) -> None:
    answer = send(alice, auction, 102_500, headers={})
    assert answer.status_code == 303
    page = alice.get(answer.location).get_data(as_text=True)
    assert "notice-error" in page and f"/auctions/{auction}?amount=102500#bid" in page
    assert 'value="102,500"' in alice.get(f"/auctions/{auction}?amount=102500").get_data(as_text=True)


def test_htmx_gets_the_standing_with_the_answer_on_it(auction: int, alice: Browser) -> None:
    accepted, refused = (
        send(alice, auction, amount, f"r{amount}", PIECE).get_data(as_text=True) for amount in (100_000, 99_000)
    )
    assert accepted.lstrip().startswith('<section id="standing"') and 'data-position="winning"' in accepted
    assert "notice-plain" in accepted and "notice-error" in refused
    assert "<html" not in accepted and "data-alert" not in accepted + refused
    assert send(alice, auction, 98_000, "r3", PIECE).status_code == 422


def test_a_bid_outside_the_seats_is_answered_in_the_same_plain_box(
    people: dict[str, Person], auction: int, browser: Callable[[], Browser]
) -> None:
    for name, amount in (("alice", 120_000), ("bob", 130_000)):
        send(sign_in(browser(), name), auction, amount)
    answer = send(sign_in(browser(), "carol"), auction, 100_000, headers=PIECE).get_data(as_text=True)
    assert 'data-position="out"' in answer and "notice-plain" in answer and "notice-success" not in answer


def test_the_form_field_may_be_sent_as_json(auction: int, alice: Browser) -> None:
    headers = JSON | {"X-CSRFToken": alice.token("/no-such-page")}
    body = {"amount": 100_000, "request_id": "r1"}
    assert alice.post(f"/auctions/{auction}/bids", json=body, headers=headers).status_code == 201


# Who may bid


def test_nobody_bids_without_signing_in(auction: int, client: Browser) -> None:
    form = {"amount": 100_000, "request_id": "r1"}
    path = f"/auctions/{auction}/bids"
    program = client.post(path, data=form, headers=JSON)
    assert (program.status_code, program.content_type) == (401, "application/problem+json")
    piece = client.post(path, data=form, headers=PIECE)
    assert piece.status_code == 204 and piece.headers["HX-Redirect"].startswith("/login?next=")
    plain = client.post(path, data=form)
    assert plain.status_code == 303 and plain.location.startswith("/login?next=")
    assert current_engine().read(auction).sequence == 0


def test_a_bid_is_of_whoever_is_signed_in_and_of_the_auction_in_the_address(
    auction: int, alice: Browser, people: dict[str, Person]
) -> None:
    bob = str(people["bob"].id)
    strange = {
        "person_id": bob,
        "person": bob,
        "user_id": bob,
        "id": bob,
        "auction_id": "99",
        "epoch": "9",
        "rank": "1",
    }
    form = strange | {"amount": "100000", "request_id": "r1", "csrf_token": alice.token("/no-such-page")}
    assert alice.post(f"/auctions/{auction}/bids", data=form, headers=JSON).status_code == 201
    record_waiting(current_engine(), auction)
    db.session.rollback()
    assert [(bid.auction_id, bid.person_id) for bid in db.session.scalars(select(RecordedBid))] == [
        (auction, people["alice"].id)
    ]


def test_a_bid_without_the_token_is_refused(auction: int, alice: Browser) -> None:
    answer = alice.post(f"/auctions/{auction}/bids", data={"amount": 100_000, "request_id": "r1"}, headers=JSON)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert current_engine().read(auction).sequence == 0


# When a store fails


def test_no_answer_from_the_store_is_unknown_and_the_same_request_can_be_sent_again(
    app: Flask, auction: int, alice: Browser
) -> None:
    engine = app.extensions["engine"]
    app.extensions["engine"] = Silent(OutcomeUnknown("no answer"))
    answer = send(alice, auction, 100_000)
    assert (answer.status_code, answer.json) == (504, {"outcome": "unknown"})
    piece = send(alice, auction, 100_000, "same-again", PIECE)
    page = send(alice, auction, 100_000, "same-again", {})
    for response in (piece, page):
        text = response.get_data(as_text=True)
        assert response.status_code == 504
        assert 'name="request_id" value="same-again"' in text and 'name="amount" value="100000"' in text
    app.extensions["engine"] = engine
    assert send(alice, auction, 100_000).status_code == 201


def test_a_store_that_takes_no_calls_is_503_and_worth_another_try(app: Flask, auction: int, alice: Browser) -> None:
    engine, app.extensions["engine"] = app.extensions["engine"], Silent(StoreUnavailable("away"))
    answer = send(alice, auction, 100_000)
    app.extensions["engine"] = engine
    assert answer.status_code == 503 and "Retry-After" in answer.headers


def test_an_auction_the_store_lost_is_503_and_an_unknown_one_404(app: Flask, alice: Browser) -> None:
    lost = open_auction(in_engine=False)
    assert send(alice, lost, 100_000).status_code == 503
    assert send(alice, 999_999, 100_000).status_code == 404
    assert send(alice, 2**53, 100_000).status_code == 404


def test_after_the_auction_left_the_store_the_ledger_answers_replays(
    app: Flask, auction: int, alice: Browser, people: dict[str, Person]
) -> None:
    first = send(alice, auction, 100_000)
    engine = app.extensions["engine"]
    assert record_waiting(engine, auction) == 1
    in_one_unit(lambda session: setattr(session.get_one(Auction, auction), "state", State.SETTLED))
    engine._client.flushall()
    db.session.remove()
    again = send(alice, auction, 100_000)
    assert first.json is not None and again.status_code == 200
    assert again.json == first.json | {"replayed": True}
    other = send(alice, auction, 110_000)
    late = send(alice, auction, 110_000, "late")
    assert other.json is not None and other.json["reason"] == "request_reused"
    assert late.json is not None and (late.json["reason"], late.json["chances_left"]) == ("closed", 2)
