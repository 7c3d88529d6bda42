"""Smoke run through the bid door: alice bids from a browser, double-clicks, and repeats."""

from datetime import datetime
from typing import Any, cast

from cashticket.auction.values import CHANCES, Entry
from cashticket.locale import to_ms
from tests.fixtures.people import Browser, make_person, sign_in
from tests.storm.proving.bidding import steps
from tests.storm.proving.stage import SmokeStage

JSON = {"Accept": "application/json"}


def bid_from_browser(stage: SmokeStage) -> None:
    """A double click, a repeat after somebody else's bid, the same request with another amount, and a raise."""
    auction = stage.open(running=True)
    stage.app.test_client_class = Browser
    name = f"alice.{auction}"
    alice = make_person(name).id
    browser = sign_in(cast(Browser, stage.app.test_client()), name)
    token = browser.token("/no-such-page")
    stage.bid(auction, stage.people[0], steps(1))
    for amount, request in ((steps(2), "click"), (steps(2), "click"), (steps(4), "click")):
        _send(stage, browser, auction, alice, {"amount": amount, "request_id": request, "csrf_token": token})
    stage.bids(auction, [(stage.people[1], steps(3)), (stage.people[0], steps(3))])
    for amount, request in ((steps(2), "click"), (steps(5), "raise"), (steps(1), "lower")):
        _send(stage, browser, auction, alice, {"amount": amount, "request_id": request, "csrf_token": token})
    stage.record(auction)


def _send(stage: SmokeStage, browser: Browser, auction: int, person: int, form: dict[str, Any]) -> None:
    question = {"auction": auction, "person": person, "amount": form["amount"], "request_id": form["request_id"]}
    pending = stage.recorder.invoke("bid", **question)
    answer = browser.post(f"/auctions/{auction}/bids", data=form, headers=JSON)
    body = answer.get_json() or {}
    if answer.status_code in (200, 201):
        pending.ok(**_answer(stage, auction, body))
    elif answer.status_code == 422:
        pending.fail(body["reason"])
    else:
        pending.unknown(f"status {answer.status_code}")


def _answer(stage: SmokeStage, auction: int, body: dict[str, Any]) -> dict[str, Any]:
    """The answer with what HTTP leaves out: the moment of the bid, from the list in which it waits."""
    waiting = [entry for entry in stage.engine.peek(auction, 100) if isinstance(entry, Entry)]
    at_ms = next((entry.at_ms for entry in waiting if entry.sequence == body["sequence"]), 0)
    facts = {name: value for name, value in body.items() if name not in ("outcome", "ends_at")}
    ends_at_ms = to_ms(datetime.fromisoformat(body["ends_at"]))
    return {**facts, "nth": CHANCES - body["chances_left"], "at_ms": at_ms, "ends_at_ms": ends_at_ms}
