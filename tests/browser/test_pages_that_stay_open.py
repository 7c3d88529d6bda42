"""Auction pages that stay open through an evening: whatever happens, what they show is what is so now, and nothing
else. The table of `tests/staging/claims.py` says which sentence is true of which facts."""

from contextlib import suppress
from urllib.parse import urljoin

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from cashticket.engine.pauses import OPERATOR
from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.wiring import current_engine
from lab.waiting import wait_until
from tests.browser.evening import CONNECTED
from tests.browser.halls import Screens, screens
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.claims import NEUTRAL, OTHER_TIMES, PHASE_SAID, PLACE_SAID, Facts, claims_in, contradictions
from tests.web.auction_in_states import MINUTE_MS, Evening

pytestmark = [pytest.mark.parametrize("database_url", ["sqlite"], indirect=True), pytest.mark.sweep]

READERS = (("", 1280), ("alice", 360), ("carol", 1280))
LANGUAGES = ("ko", "en")
# Out of sight is what is about other times or about every auction. The site's policy allows no style of another kind.
HIDE = """selectors => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`${selectors} { display: none !important; }`);
  document.adoptedStyleSheets.push(sheet);
}"""
HIDDEN = ", ".join(f".{name}" for name in (*sorted(OTHER_TIMES), "history-table"))
SHOWN = """() => [document.title, ...["#connection", "#alerts", "main"]
  .map((part) => document.querySelector(part)?.innerText ?? "")].join(" ")"""
LATE_MS = 3_000
LENGTH_MS = 10 * MINUTE_MS
# The first bid moves the end.
TERMS = {"soft_close_seconds": 1_200, "soft_close_cap_seconds": 3_600}

Place = tuple[str, int]
NOBODY: Place = ("none", 3)


class Reader:
    """Somebody with a page in one language, which is never loaded again. `name` is empty for a stranger."""

    def __init__(self, open_page: Screens, name: str, width: int, language: str) -> None:
        self.name, self._language = name, language
        self._page: Page = open_page("/", width, name=name, language=language)
        self._troubles: list[str] = []
        self._page.on("pageerror", lambda error: self._troubles.append(f"script error: {error}"))

    def opens(self, auction: int) -> None:
        """Open the page of an auction; it is live from now on."""
        self._page.goto(urljoin(self._page.url, f"/auctions/{auction}?lang={self._language}"))
        self._page.evaluate(HIDE, HIDDEN)
        wait_until(lambda: self._page.evaluate(CONNECTED), "a live connection")

    def looks_again(self) -> None:
        """Come back to the page from another one, where something was done."""
        self._page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def reads(self, facts: Facts) -> None:
        """Wait until the page says what it must, and claims nothing that is not so."""
        faults: list[str] = []

        def is_so() -> bool:
            text = NEUTRAL.sub(" ", " ".join(str(self._page.evaluate(SHOWN)).split()))
            unsaid = self._wanted(facts) - claims_in(text, self._language)
            wrong = contradictions(text, self._language, facts, own=True)
            faults[:] = [*self._troubles, *wrong, *(f"does not say {each}" for each in sorted(unsaid))]
            return not faults

        with suppress(AssertionError):
            wait_until(is_so, f"what is so for {facts}", PAGE_SECONDS)
        assert not faults, f"{self.name or 'a stranger'} in {self._language}, {facts}:\n" + "\n".join(faults)

    def _wanted(self, facts: Facts) -> set[str]:
        # That the end has moved matters no more once the auction is void.
        is_said = facts.is_extended and facts.phase != "voided"
        wanted = {PHASE_SAID[facts.phase]} | ({"extended"} if is_said else set())
        is_running = facts.phase in ("open", "paused")
        if is_running or (self.name and facts.phase in ("settled", "voided")):
            wanted |= PLACE_SAID[facts.place]
        if is_running and facts.place == "out" and facts.chances:
            wanted.add("outbid")
        return wanted | ({"spent"} if is_running and not facts.chances else set())


class Hall:
    """The open pages of a stranger, of alice and of carol, each in both languages. `is_extended`: the end has moved."""

    def __init__(self, open_page: Screens, people: dict[str, Person]) -> None:
        self.is_extended = False
        self._open_page = open_page
        self._readers = [Reader(open_page, *each, language) for each in READERS for language in LANGUAGES]
        self.evening = self._open_before_it_opens(people)

    def _open_before_it_opens(self, people: dict[str, Person]) -> Evening:
        """The auction of the evening. A machine that is too slow to show it to all before it opens gets more time."""
        for seconds in (15, 75, 375):
            evening = Evening(people, **TERMS, starts_in_ms=1_000 * seconds, ends_in_ms=1_000 * seconds + LENGTH_MS)
            for reader in self._readers:
                reader.opens(evening.id)
            if current_engine().clock() < current_engine().read(evening.id).terms.opens_at_ms - LATE_MS:
                break
        return evening

    def strangers_come(self) -> None:
        for language in LANGUAGES:
            late = Reader(self._open_page, "", 360, language)
            late.opens(self.evening.id)
            self._readers.append(late)

    def looks_again(self, name: str) -> None:
        for reader in self._readers:
            if reader.name == name:
                reader.looks_again()

    def reads(self, phase: str, alice: Place = NOBODY, carol: Place = NOBODY, *, was_won: bool = True) -> None:
        """Everybody reads how things stand, alice and carol also what their own place is and how many chances they
        have left. `was_won`: the seats were."""
        for reader in self._readers:
            place, chances = {"alice": alice, "carol": carol}.get(reader.name, NOBODY)
            is_won = was_won or reader.name != "carol"
            reader.reads(Facts(phase, place, chances, was_won=is_won, is_extended=self.is_extended))


def bids_go_to_and_fro(hall: Hall) -> None:
    hall.reads("open")
    hall.evening.bid("carol", 100_000)
    hall.is_extended = True
    hall.reads("open", NOBODY, ("winning", 2))
    hall.evening.bid("bob", 110_000)
    hall.evening.bid("alice", 120_000)
    hall.reads("open", ("winning", 2), ("out", 2))
    hall.evening.bid("carol", 130_000)
    hall.reads("open", ("winning", 2), ("winning", 1))
    hall.evening.bid("bob", 135_000)
    hall.reads("open", ("out", 2), ("winning", 1))
    hall.evening.bid("alice", 140_000)
    hall.reads("open", ("winning", 1), ("out", 1))
    hall.evening.bid("carol", 145_000)
    hall.reads("open", ("winning", 1), ("winning", 0))
    hall.evening.bid("bob", 150_000)
    hall.reads("open", ("out", 1), ("winning", 0))
    hall.evening.bid("alice", 160_000)
    # Whoever has no chance left reads it, and is not alerted.
    hall.reads("open", ("winning", 0), ("out", 0))


def bidding_pauses(hall: Hall) -> None:
    current_engine().pause(hall.evening.id, OPERATOR)
    hall.strangers_come()
    hall.reads("paused", ("winning", 0), ("out", 0))
    current_engine().resume(hall.evening.id, OPERATOR)
    hall.reads("open", ("winning", 0), ("out", 0))


def seats_are_won_and_handed_on(hall: Hall) -> None:
    evening, engine = hall.evening, current_engine()
    engine.close(evening.id, engine.read(evening.id).ends_at_ms)
    hall.reads("closing", ("winning", 0), ("out", 0))
    evening.settle()
    hall.reads("settled", ("won", 0), ("waiting", 0))
    # Alice buys on another page and comes back. Carol does nothing, and is offered what bob leaves.
    evening.buy("alice")
    hall.looks_again("alice")
    awards.decline(evening.award("bob"), evening.people["bob"], utcnow())
    hall.reads("settled", ("bought", 0), ("offered", 0), was_won=False)


def test_pages_that_stay_open_say_what_is_so_through_a_whole_evening(
    app: Flask, people: dict[str, Person], chromium: Browser
) -> None:
    with screens(app, chromium) as open_page:
        hall = Hall(open_page, people)
        hall.reads("coming")
        bids_go_to_and_fro(hall)
        bidding_pauses(hall)
        seats_are_won_and_handed_on(hall)
        hall.evening.void()
        hall.reads("voided", ("void", 0), ("void", 0))
