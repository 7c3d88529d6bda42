"""The live store loses an auction between two calls of a door: the answer is 503 or 504, never a wrong status."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from flask import Flask

from cashticket import redis_keys
from cashticket.engine.one_store import OneStore
from cashticket.models import Person
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import open_auction
from tests.web.bidding import JSON, PIECE

AMOUNT = "100000"


class Losing(OneStore):
    """The engine of a store that has lost the auction when the call `at` (from 1) arrives. `calls` counts them."""

    def __init__(
        self, engine: Any, client: redis.Redis, auction_id: int, at: int, *, people_only: bool = False
    ) -> None:
        self._engine, self._client, self._at, self.calls = engine, client, at, 0
        names = (redis_keys.terms, redis_keys.state, redis_keys.standings, redis_keys.people)
        self._keys = [name(auction_id) for name in (names[-1:] if people_only else names)]

    def __getattr__(self, verb: str) -> Any:
        real = getattr(self._engine, verb)

        def call(*given: Any, **named: Any) -> Any:
            self.calls += 1
            if self.calls >= self._at:
                self._client.delete(*self._keys)
            return real(*given, **named)

        return call


def bid(browser: Browser, auction_id: int, headers: dict[str, str]) -> Any:
    form = {"amount": AMOUNT, "request_id": "r1", "csrf_token": browser.token("/no-such-page")}
    return browser.post(f"/auctions/{auction_id}/bids", data=form, headers=headers)


def get(path: str, headers: dict[str, str] | None = None) -> Callable[[Browser, int], Any]:
    return lambda browser, auction_id: browser.get(f"/auctions/{auction_id}{path}", headers=headers)


DOORS = {
    "the page": get(""),
    "the board": get("/board"),
    "the standing": get("/standing"),
    "one's own part": get("/standing?with=account"),
    "the review": get(f"/confirm?amount={AMOUNT}"),
    "the review as a piece": get(f"/confirm?amount={AMOUNT}", PIECE),
    "the ladder": get("/ladder"),
    "the ladder as a piece": get("/ladder", PIECE),
    "the history": get("/history"),
    "the outcome": get("/outcome"),
    "a bid of a program": lambda browser, auction_id: bid(browser, auction_id, JSON),
    "a bid of a page": lambda browser, auction_id: bid(browser, auction_id, PIECE),
    "a bid of a form": lambda browser, auction_id: bid(browser, auction_id, {}),
    "one's auctions": lambda browser, auction_id: browser.get("/me/bids"),
    "the home page": lambda browser, auction_id: browser.get("/"),
}


@pytest.mark.parametrize("door", DOORS)
def test_an_auction_lost_between_two_calls_is_out_of_reach_and_nothing_else(
    app: Flask, people: dict[str, Person], browser: Callable[[], Browser], redis_client: redis.Redis, door: str
) -> None:
    alice, engine, auction_id = sign_in(browser(), "alice"), app.extensions["engine"], open_auction()
    terms = engine.read(auction_id).terms
    for at in range(1, 12):
        engine.open(terms)
        app.extensions["engine"] = losing = Losing(engine, redis_client, auction_id, at)
        status = DOORS[door](alice, auction_id).status_code
        app.extensions["engine"] = engine
        # Also when everything that the answer needs was read, or the bid was decided, before.
        assert status in (200, 201, 204, 303, 503, 504), f"{status} when call {at} finds it lost"
        if losing.calls < at:
            break
    else:
        pytest.fail("the door asks without an end")
    assert status in (200, 201, 303), f"{status} when nothing is lost"


@pytest.mark.parametrize("headers", [JSON, PIECE, {}], ids=["program", "page", "form"])
def test_a_bid_in_an_auction_that_forgets_everybody_is_no_matter_of_signing_in(
    app: Flask,
    people: dict[str, Person],
    browser: Callable[[], Browser],
    redis_client: redis.Redis,
    headers: dict[str, str],
) -> None:
    alice, auction_id = sign_in(browser(), "alice"), open_auction()
    app.extensions["engine"] = Losing(app.extensions["engine"], redis_client, auction_id, 1, people_only=True)
    answer = bid(alice, auction_id, headers)
    assert answer.status_code == 503 and answer.headers["Retry-After"]
