"""The watch list: forms without scripts, pieces, and pages for everybody that say nothing of one reader."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.test import TestResponse

from cashticket.accounts import watch_lists
from cashticket.auction.values import State
from cashticket.blueprints.request.rate_limits import FOLLOW_CHANGES
from cashticket.extensions import db
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser
from tests.staging.auctions import HOUR_MS, open_auction
from tests.staging.settlement import award_of
from tests.web.my_page import add_notice, text_of, words_of

# The rows are tested on both databases elsewhere.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = "/me/watchlist"
JSON = {"Accept": "application/json"}
HTMX = {"HX-Request": "true"}


def send(browser: Browser, auction_id: int, watch: str, headers: dict[str, str] | None = None) -> TestResponse:
    form = {"watch": watch, "csrf_token": browser.token(PAGE)}
    return browser.post(f"/auctions/{auction_id}/reminder", data=form, headers=headers)


def follows(person: Person) -> list[int]:
    db.session.rollback()
    return [auction.id for auction in watch_lists.watch_list(person.id)]


def change(auction: Auction, **values: Any) -> None:
    in_one_unit(lambda session: session.execute(update(Auction).where(Auction.id == auction.id).values(**values)))


def test_an_auction_goes_on_the_list_and_off_again_without_scripts(
    alice: Browser, people: dict[str, Person], live_auction: Auction
) -> None:
    form = f"/auctions/{live_auction.id}/reminder"
    page = alice.get(form).get_data(as_text=True)
    assert f'<form method="post" action="{form}"' in page and 'name="watch" value="yes"' in page
    answer = send(alice, live_auction.id, "yes")
    assert (answer.status_code, answer.location) == (303, PAGE) and follows(people["alice"]) == [live_auction.id]
    words = words_of(alice, PAGE)
    assert "한여름 밤의 공연" in words and "Bidding ends" in words and "알림을 신청했어요." in words
    assert 'name="watch" value="no"' in alice.get(form).get_data(as_text=True)
    assert send(alice, live_auction.id, "no").status_code == 303 and follows(people["alice"]) == []
    assert "empty" in words_of(alice, PAGE)


def test_htmx_gets_the_piece_and_programs_json(
    alice: Browser, people: dict[str, Person], live_auction: Auction
) -> None:
    piece = send(alice, live_auction.id, "yes", HTMX).get_data(as_text=True)
    assert piece.lstrip().startswith(f'<div id="reminder-{live_auction.id}"') and 'value="no"' in piece
    assert "<html" not in piece and "알림 해제" in piece
    answer = send(alice, live_auction.id, "no", JSON)
    assert answer.json == {"auction_id": live_auction.id, "watched": False} and follows(people["alice"]) == []


def test_pages_for_everybody_have_a_link_and_no_form(
    client: Browser, alice: Browser, people: dict[str, Person], live_auction: Auction
) -> None:
    link = f'href="/auctions/{live_auction.id}/reminder"'
    page, concert = f"/auctions/{live_auction.id}", f"/concerts/{live_auction.concert_id}"
    before = [client.get(path).get_data(as_text=True) for path in (page, concert)]
    assert all(link in text and "csrf_token" not in text for text in before)
    send(alice, live_auction.id, "yes")
    assert link in alice.get(page).get_data(as_text=True), "the auction page reads no session"
    answer = client.get(f"/auctions/{live_auction.id}/reminder")
    assert answer.status_code == 303 and answer.location.startswith("/login?next=%2Fauctions")


def test_ones_own_part_of_the_auction_page_brings_the_form(
    client: Browser, alice: Browser, live_auction: Auction
) -> None:
    own = f"/auctions/{live_auction.id}/standing?lang=en&with=account"
    assert "Remind me" in alice.get(own).get_data(as_text=True)
    send(alice, live_auction.id, "yes")
    piece = alice.get(own).get_data(as_text=True)
    assert (
        f'<div id="reminder-{live_auction.id}" hx-swap-oob="outerMorph" data-until-end>' in piece
        and "Stop reminding me" in piece
    )
    assert "reminder-" not in alice.get(own.replace("&with=account", "")).get_data(as_text=True)
    assert "reminder-" not in client.get(own).get_data(as_text=True)


def test_a_concert_page_loads_the_forms_of_its_auctions_for_whoever_is_signed_in(
    client: Browser, alice: Browser, live_auction: Auction
) -> None:
    forms = f"/concerts/{live_auction.concert_id}/reminders"
    assert f'hx-get="{forms}' in alice.get(f"/concerts/{live_auction.concert_id}").get_data(as_text=True)
    assert f'hx-get="{forms}' not in client.get(f"/concerts/{live_auction.concert_id}").get_data(as_text=True)
    answer = alice.get(forms, headers=HTMX)
    assert re.findall(r'id="(reminder-\d+)" hx-swap-oob', answer.get_data(as_text=True)) == [
        f"reminder-{live_auction.id}"
    ]
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(forms).get_data() == b""
    change(live_auction, state=State.SETTLED)
    assert "reminder-" not in alice.get(forms).get_data(as_text=True)


def test_what_a_follower_reads_names_the_reminders_that_are_still_to_come(
    alice: Browser, live_auction: Auction
) -> None:
    # It is open for two hours more, so its opening comes no more.
    piece = send(alice, live_auction.id, "yes", HTMX).get_data(as_text=True)
    doors = ("reminder", "standing?lang=ko&with=account")
    said = [piece, *(alice.get(f"/auctions/{live_auction.id}/{door}").get_data(as_text=True) for door in doors)]
    said.append(alice.get(f"/concerts/{live_auction.concert_id}/reminders").get_data(as_text=True))
    assert [("마감 1시간 전과 10분 전에 알려 드려요." in text, "입찰 시작" in text) for text in said] == [
        (True, False)
    ] * 4


def test_what_cannot_be_followed_is_refused_with_a_sentence(
    mallory: Browser, people: dict[str, Person], live_auction: Auction, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/auctions/{live_auction.id}/reminder"
    assert mallory.post(path, data={"watch": "yes"}).status_code == 400, "without the token"
    assert send(mallory, live_auction.id, "maybe").status_code == 400
    assert (
        send(mallory, 999_999, "yes").status_code == 404 and mallory.get("/auctions/999999/reminder").status_code == 404
    )
    monkeypatch.setattr(watch_lists, "FOLLOWS_MAX", 0)
    answer = send(mallory, live_auction.id, "yes", JSON)
    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    monkeypatch.undo()
    change(live_auction, state=State.SETTLED)
    assert send(mallory, live_auction.id, "yes", JSON).status_code == 409
    assert "입찰이 끝난 경매예요." in send(mallory, live_auction.id, "yes", HTMX).get_data(as_text=True)
    assert follows(people["mallory"]) == []


def test_without_scripts_a_refusal_stands_on_the_watch_list(mallory: Browser, live_auction: Auction) -> None:
    change(live_auction, state=State.SETTLED)
    answer = send(mallory, live_auction.id, "yes")
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert "입찰이 끝난 경매예요." in words_of(mallory, PAGE)


def test_the_list_of_one_person_is_nobody_elses(
    alice: Browser, bob: Browser, people: dict[str, Person], live_auction: Auction
) -> None:
    send(alice, live_auction.id, "yes")
    assert 'class="empty"' in text_of(bob, PAGE) and follows(people["bob"]) == []
    own = f"/auctions/{live_auction.id}/standing?with=account"
    for path in (f"/auctions/{live_auction.id}/reminder", own, f"/concerts/{live_auction.concert_id}/reminders"):
        assert 'name="watch" value="yes"' in text_of(bob, path), path
    send(bob, live_auction.id, "no")
    assert follows(people["alice"]) == [live_auction.id]


def test_what_can_still_be_bid_in_stands_first_and_what_is_over_leads_to_its_results(
    alice: Browser, people: dict[str, Person], live_auction: Auction
) -> None:
    sooner, over = open_auction(ends_in_ms=HOUR_MS // 2), open_auction(ends_in_ms=HOUR_MS // 4)
    for auction_id in (over, live_auction.id, sooner):
        send(alice, auction_id, "yes")
    settle = update(Auction).where(Auction.id == over).values(state=State.SETTLED)
    in_one_unit(lambda session: session.execute(settle))
    links = re.findall(r'class="mine-title">\s*<a href="/auctions/([^"]+)"', text_of(alice, PAGE))
    assert links == [str(sooner), str(live_auction.id), f"{over}/results"]
    assert words_of(alice, PAGE).count("Bidding is over") == 1


def test_the_watch_list_is_changed_only_so_often(app: Flask, mallory: Browser, live_auction: Auction) -> None:
    token = mallory.token(PAGE)
    app.extensions["settings"] = replace(app.extensions["settings"], rate_limits=True)
    form = {"watch": "no", "csrf_token": token}
    path = f"/auctions/{live_auction.id}/reminder"
    statuses = [mallory.post(path, data=form).status_code for _ in range(FOLLOW_CHANGES.tries_max + 1)]
    assert statuses == [303] * FOLLOW_CHANGES.tries_max + [429]


def test_a_reminder_that_is_read_late_speaks_of_the_present_end_and_then_of_the_past(
    alice: Browser, people: dict[str, Person], live_auction: Auction
) -> None:
    written = (utcnow() + timedelta(minutes=5)).isoformat()
    add_notice(people["alice"].id, live_auction.id, "auction_reminder", 3, why="minutes", ends_at=written)
    change(live_auction, ends_at=utcnow() + timedelta(days=400))
    words = words_of(alice, "/me/notifications")
    assert f"{(utcnow() + timedelta(days=400)):%Y}" in words and "Bidding ends" in words
    current_engine().close(live_auction.id, current_engine().read(live_auction.id).ends_at_ms)
    change(live_auction, ends_at=utcnow() - timedelta(seconds=1))
    words = words_of(alice, "/me/notifications")
    assert "Bidding ends" not in words and "This was a reminder" in words


def test_a_reminder_of_a_seat_says_so_when_the_seat_is_bought_or_gone(
    alice: Browser, carol: Browser, people: dict[str, Person], settled_auction: int
) -> None:
    later = (utcnow() + timedelta(hours=3)).isoformat()
    facts = {"why": "half", "seat": "VIP-1", "price": 120_000, "expires_at": later}
    add_notice(people["carol"].id, settled_auction, "right_reminder", 1, **facts)
    add_notice(people["alice"].id, settled_auction, "right_reminder", 1, **facts)
    words = words_of(alice, "/me/notifications")
    assert "Seat VIP-1 at ₩120,000 can be bought until" in words and "This was a reminder" not in words
    awards.buy(award_of(settled_auction, people["alice"].id).id, people["alice"].id, utcnow())
    words = words_of(alice, "/me/notifications")
    assert "You have bought seat VIP-1 since then." in words and "can be bought until" not in words
    # Hers is a reminder of a seat that she does not have.
    words = words_of(carol, "/me/notifications")
    assert "Seat VIP-1 can no longer be bought." in words and "can be bought until" not in words
