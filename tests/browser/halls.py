"""Auctions with many bidders, and pages of them on screens of any width and with text of any size, in this process."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from flask import Flask
from playwright.sync_api import Browser, Page

from cashticket.auction.values import Accepted, Permission
from cashticket.models import Person
from cashticket.wiring import current_engine
from tests.fixtures.browser import LOCALES, PAGE_SECONDS, sign_in
from tests.staging.auctions import open_auction
from tests.web.live_server import serving

FIRST_PERSON = 1_000
STEP = 5_000
PLAIN_TEXT_PX = 16

Screens = Callable[..., Page]


def hall(seats: int, bidders: int) -> int:
    """An auction in which so many people have bid, each a step less than the one before, the last 100,000 won."""
    people = range(FIRST_PERSON, FIRST_PERSON + bidders)
    auction_id = open_auction(seats=seats, people=people)
    for person in people:
        place_bid(auction_id, person, 100_000 + STEP * (people[-1] - person))
    return auction_id


def place_bid(auction: int, person: int, amount: int) -> None:
    """An accepted bid of somebody who may bid."""
    engine = current_engine()
    engine.introduce(auction, person, Permission.OK, 1, 1)
    assert isinstance(engine.place_bid(auction, person, 1, amount, f"request-{amount}", sure=amount), Accepted)


def place_bid_of(auction: int, person: Person, rank: int, bidders: int) -> None:
    """A bid of a further person in such an auction that takes this rank."""
    place_bid(auction, person.id, 100_000 + STEP * (bidders - rank + 1))


def walk(
    open_page: Screens, paths: Iterable[str], width: int, *, name: str = "", text: float = 1, language: str = "ko"
) -> Iterator[Page]:
    """Each of the pages, one after the other on one screen."""
    first, *others = paths
    page = open_page(first, width, name=name, text=text, language=language)
    yield page
    site = "/".join(page.url.split("/")[:3])
    for path in others:
        _show(page, f"{site}{path}", text, language)
        yield page


def _show(page: Page, address: str, text: float, language: str) -> None:
    page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
    page.evaluate(f"document.documentElement.style.fontSize = '{PLAIN_TEXT_PX * text}px'")


@contextmanager
def screens(app: Flask, browser: Browser) -> Iterator[Screens]:
    """`open(path, width, name=…, text=…)` is a page, of somebody signed in if named, with text `text` times as large as
    usual."""
    with serving(app) as server:
        contexts = []

        def open_page(
            path: str, width: int, *, name: str = "", text: float = 1, language: str = "ko", height: int = 900
        ) -> Page:
            context = browser.new_context(
                viewport={"width": width, "height": height},
                locale=LOCALES[language],
                timezone_id="Asia/Seoul",
                has_touch=width < 900,
            )
            context.set_default_timeout(PAGE_SECONDS * 1000)
            contexts.append(context)
            page, site = context.new_page(), f"http://{server.address}"
            if name:
                sign_in(page, site, name)
            _show(page, f"{site}{path}", text, language)
            return page

        try:
            yield open_page
        finally:
            for context in contexts:
                context.close()
