"""No page contradicts the model: an auction is brought to each of its states, and every page that speaks of it says in
both languages what is so, to whom it is so, and nothing that is not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import redis
from flask import Flask

from cashticket.models import Person
from cashticket.wiring import page_cache
from tests.fixtures.people import Browser, sign_in
from tests.staging.claims import PHASE_SAID, PLACE_SAID, Facts, claims_in, contradictions, said
from tests.web.auction_in_states import STATES, Evening, bid_in, everybody

# The kind of database changes nothing of what pages say.
pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.sweep]

LANGUAGES = ("ko", "en")
FOR_ALL = {
    "home": "/",
    "catalogue": "/concerts/",
    "concert": "/concerts/{concert}",
    "auction": "/auctions/{auction}",
    "board": "/auctions/{auction}/board",
    "ladder": "/auctions/{auction}/ladder",
    "results": "/auctions/{auction}/results",
    "record": "/auctions/{auction}/record",
    "lineage": "/auctions/{auction}/lineage",
}
OWN = {
    "standing": "/auctions/{auction}/standing?with=account",
    "review": "/auctions/{auction}/confirm?amount=150000",
    "outcome": "/auctions/{auction}/outcome",
    "overview": "/me",
    "bids": "/me/bids",
    "tickets": "/me/tickets",
    "notices": "/me/notifications",
    "bell": "/me/notifications/latest",
    "strip": "/me/needs",
}
NOTICES = ("notices", "bell")
HAS_NOTHING_BEFORE_THE_END = ("results", "record", "lineage", "outcome")

# What the style sheet hides of the auction page, by what `data-phase` and the class of the clock say, and the label of
# the time left, which comes with a script.
NOT_COMING = {"clock-opens", "clock-label", "while-scheduled", "bidder-early"}
HIDDEN = {
    "coming": {"clock-ends", "clock-label", "bid-results"},
    "open": NOT_COMING | {"bid-results"},
    "closing": NOT_COMING | {"bid-form", "bidder", "bid-results"},
    "settled": NOT_COMING | {"bid-form", "bidder"},
}
HIDDEN |= {"paused": HIDDEN["open"], "voided": HIDDEN["settled"], "away": HIDDEN["open"]}


def wanted_of_all(page: str, facts: Facts) -> set[str]:
    """What a page for everybody must claim."""
    if page in ("home", "catalogue", "concert", "auction") or (page == "results" and facts.phase == "voided"):
        is_moved = page == "auction" and facts.is_extended
        return {PHASE_SAID[facts.phase]} | ({"extended"} if is_moved else set())
    if page == "board":
        return (
            {"running"}
            if facts.phase in ("open", "paused")
            else {"over"} - ({"over"} if facts.phase == "coming" else set())
        )
    return {"over"} if page == "results" and facts.phase == "settled" else set()


def wanted_of_own(page: str, facts: Facts) -> set[str]:
    """What a page of one reader must claim."""
    bids_count = facts.phase in ("open", "paused")
    # Whoever did not bid in an auction that is void reads that it is, and nothing else.
    place = "void" if facts.phase == "voided" else facts.place
    if page == "standing":
        # While an end that has passed is held by a pause, the place waits until bidding goes on.
        wanted = (
            PLACE_SAID[place] if (bids_count and not facts.is_held) or facts.phase in ("settled", "voided") else set()
        )
        return wanted | ({PHASE_SAID[facts.phase]} if facts.phase not in ("open",) else set())
    if page == "outcome":
        return PLACE_SAID[place] if facts.phase in ("settled", "voided") else set()
    if page == "bids" and facts.place != "none":
        return {PHASE_SAID["closing"]} if facts.phase == "closing" else PLACE_SAID[facts.place] - {"won"}
    if page == "strip":
        has_news = facts.place in ("won", "offered") or (bids_count and facts.place == "out" and facts.chances)
        return {"to buy" if facts.place in ("won", "offered") else "outbid"} if has_news else set()
    if page == "tickets" and facts.place in ("won", "offered", "bought", "waiting"):
        return PLACE_SAID[facts.place] - {"won"}
    return set()


class Reading:
    """Every page of one auction, as one visitor reads it in both languages; what is wrong with it is collected."""

    def __init__(self, evening: Evening) -> None:
        row = evening.row()
        self._ids = {"auction": row.id, "concert": row.concert_id}
        self.wrong: list[str] = []

    def read(
        self, visitor: Browser, pages: dict[str, str], facts: Facts, wanted: Callable[[str, Facts], set[str]]
    ) -> None:
        for page, path in pages.items():
            for language in LANGUAGES:
                text = self._text(visitor, path, language, facts)
                own, notices = pages is OWN, page in NOTICES
                faults = contradictions(text, language, facts, own=own, notices=notices)
                faults += [f"does not say {each}" for each in wanted(page, facts) - claims_in(text, language)]
                self.wrong += [f"{page} in {language} for {facts}: {fault}" for fault in faults]

    def _text(self, visitor: Browser, path: str, language: str, facts: Facts) -> str:
        address = path.format(**self._ids) + ("&" if "?" in path else "?") + f"lang={language}"
        answer = visitor.get(address, follow_redirects=True)
        assert answer.status_code in (200, 404) or facts.phase == "away", (address, answer.status_code)
        return "" if answer.status_code == 404 else said(answer.get_data(as_text=True), HIDDEN[facts.phase])


@pytest.mark.parametrize("state", STATES)
def test_every_page_says_what_is_so(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], state: str
) -> None:
    evening, facts = STATES[state](people)
    readers = {name: sign_in(browser(), name) for name in people}
    reading = Reading(evening)
    of_all = next(iter(facts.values()))
    reading.read(browser(), FOR_ALL, replace(of_all, place="none"), wanted_of_all)
    for name, own in facts.items():
        reading.read(readers[name], OWN, own, wanted_of_own)
    assert not reading.wrong, "\n".join(reading.wrong)


def test_without_the_live_store_no_page_says_how_things_stand(
    app: Flask, browser: Callable[[], Browser], people: dict[str, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    evening, _ = bid_in(people)
    readers = {name: sign_in(browser(), name) for name in people}
    reading = Reading(evening)

    def refused(*args: Any, **kwargs: Any) -> None:
        raise redis.ConnectionError

    page_cache().drop()
    monkeypatch.setattr(app.extensions["engine"]._client.connection_pool, "get_connection", refused)
    of_all = lambda page, facts: {"away"} if page in ("home", "concert", "auction") else set()  # noqa: E731
    reading.read(browser(), FOR_ALL, Facts("away"), of_all)
    for name, facts in everybody("away").items():
        # Nobody can say now who is in or out.
        own = Facts("away", "none" if facts.place == "none" else "unknown", facts.chances)
        reading.read(readers[name], OWN, own, lambda page, _: set())
    assert not reading.wrong, "\n".join(reading.wrong)
