"""The cut style sheet of Bootstrap: a browser computes the same for every element as with the whole one."""

from collections.abc import Iterator
from itertools import product
from typing import Literal

import pytest
from flask import Flask
from playwright.sync_api import Browser, CDPSession, Page, expect

from cashticket.extensions import db
from cashticket.models import Auction, Person
from lab.styles.bootstrap import RESULT, SOURCE
from lab.styles.markup import STATIC
from tests.browser.halls import Screens, hall, place_bid_of, screens
from tests.fixtures.browser import PAGE_SECONDS
from tests.staging.final_ranks import add_results
from tests.staging.settlement import add_settled_auction

pytestmark = [pytest.mark.sweep, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
expect.set_options(timeout=PAGE_SECONDS * 1000)

WIDTHS = (360, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
EVERYTHING = "html, body, body *"
TOUCHED = "a, button, input:not([type=hidden]), select, summary"
STATES = (["hover"], ["active"], ["focus", "focus-visible"])
WHOLE = f"/static/{SOURCE.relative_to(STATIC).as_posix()}"
# The whole sheet beside the cut one, no timers, so that nothing changes by itself, and everything unfolded: what is
# folded away is not drawn, so that its transitions never end.
PREPARE = """async ([cut, whole]) => {
  for (let id = setTimeout(() => {}); id > 0; id -= 1) clearTimeout(id);
  document.querySelectorAll("details").forEach((each) => { each.open = true; });
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: whole, id: "whole-sheet" });
  const loaded = new Promise((done, failed) => Object.assign(link, { onload: done, onerror: failed }));
  const before = document.querySelector(`link[href*="/static/${cut}"]`);
  before.id = "cut-sheet";
  before.after(link);
  await loaded;
}"""
# What differs between the whole sheet and the cut one, as lines; variables are not part of what is computed. Every
# element has the same properties.
DIFFERENCES = r"""(selector) => {
  const sheet = (id) => document.getElementById(id).sheet;
  const isDrawn = (each, part) => !/before|after/.test(part) || getComputedStyle(each, part).content !== "none";
  const parts = (each) => ["", "::before", "::after", ...(each.matches("input") ? ["::placeholder"] : [])]
    .filter((part) => isDrawn(each, part));
  const names = [...getComputedStyle(document.body)].filter((name) => !name.startsWith("--"));
  const values = (style) => names.map((name) => style.getPropertyValue(name)).join("\n");
  const computed = (shown, hidden) => {
    sheet(hidden).disabled = true;
    sheet(shown).disabled = false;
    document.documentElement.getBoundingClientRect();
    document.getAnimations().forEach((each) => each.finish());
    return [...document.querySelectorAll(selector)]
      .flatMap((each) => parts(each).map((part) => [each, part, values(getComputedStyle(each, part || null))]));
  };
  const whole = computed("whole-sheet", "cut-sheet");
  const cut = computed("cut-sheet", "whole-sheet");
  if (whole.length !== cut.length) return [`${whole.length} elements with parts, cut ${cut.length}`];
  const different = (text, other) => names.map((name, nth) => `${name}: ${text.split("\n")[nth]}`)
    .filter((_, nth) => text.split("\n")[nth] !== other.split("\n")[nth]);
  return whole.flatMap(([each, part, text], at) => (text === cut[at][2] ? [] : different(text, cut[at][2]))
    .map((line) => `${each.outerHTML.slice(0, 90)}${part} has ${line}`)).slice(0, 20);
}"""
SET = """([selector, name, isOn]) => document.querySelectorAll(selector).forEach((each) => {
  if (name === "disabled") each.disabled = isOn;
  else each.classList.toggle(name, isOn);
})"""
# Every rule of a plain button goes.
TAKE_AWAY = """() => {
  const sheet = document.getElementById("cut-sheet").sheet;
  const places = [...sheet.cssRules].flatMap((rule, place) => (rule.selectorText === ".btn" ? [place] : []));
  places.reverse().forEach((place) => sheet.deleteRule(place));
}"""


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


class Forced:
    """The states of what can be touched on a page, as a browser's developer tools force them."""

    def __init__(self, page: Page) -> None:
        self._session: CDPSession = page.context.new_cdp_session(page)
        self._session.send("DOM.enable")
        self._session.send("CSS.enable")
        root = self._session.send("DOM.getDocument", {"depth": 0})["root"]["nodeId"]
        self._nodes = self._session.send("DOM.querySelectorAll", {"nodeId": root, "selector": TOUCHED})["nodeIds"]

    def into(self, states: list[str]) -> None:
        for node in self._nodes:
            self._session.send("CSS.forcePseudoState", {"nodeId": node, "forcedPseudoClasses": states})


def differences(page: Page, forced: Forced) -> dict[str, list[str]]:
    """By state of the page, what looks otherwise with the cut sheet."""
    found: dict[str, list[str]] = {"as it is": page.evaluate(DIFFERENCES, EVERYTHING)}
    for name, selector in (("is-invalid", ".form-control"), ("disabled", "button, input, select")):
        page.evaluate(SET, [selector, name, True])
        found[name] = page.evaluate(DIFFERENCES, TOUCHED)
        page.evaluate(SET, [selector, name, False])
    for states in STATES:
        forced.into(states)
        found[" ".join(states)] = page.evaluate(DIFFERENCES, TOUCHED)
        page.evaluate(SET, [".form-control", "is-invalid", True])
        found[f"{' '.join(states)} is-invalid"] = page.evaluate(DIFFERENCES, "input")
        page.evaluate(SET, [".form-control", "is-invalid", False])
    forced.into([])
    return {state: lines for state, lines in found.items() if lines}


def check(page: Page) -> None:
    page.evaluate(PREPARE, [RESULT.name, WHOLE])
    forced = Forced(page)
    for width, scheme in product(WIDTHS, SCHEMES):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme)
        assert differences(page, forced) == {}, f"{page.url} {width} {scheme}"


def site_of(page: Page) -> str:
    return "/".join(page.url.split("/")[:3])


def test_strangers_see_every_page_as_with_the_whole_sheet(open_page: Screens) -> None:
    auction, ended = hall(20, 30), add_results(60)
    concert = db.session.get_one(Auction, auction).concert_id
    page = open_page(f"/auctions/{auction}", 360)
    expect(page.locator("#header a[href^='/login']")).to_be_visible()
    check(page)
    for path in (
        *("/", "/concerts/", "/concerts/?q=x", f"/concerts/{concert}", "/login", "/signup", "/reset", "/no-such-page"),
        *(f"/auctions/{auction}/ladder", f"/auctions/{ended}/results", f"/auctions/{ended}/results?page=9"),
    ):
        page.goto(site_of(page) + path)
        check(page)


def test_bidders_see_every_page_as_with_the_whole_sheet(open_page: Screens, people: dict[str, Person]) -> None:
    auction, alice = hall(20, 30), people["alice"]
    place_bid_of(auction, alice, 25, 30)
    ended = add_settled_auction([(alice.id, 300_000), (people["bob"].id, 200_000)], seats=1)
    page = open_page(f"/auctions/{auction}", 360, name="alice")
    expect(page.locator("#standing .own-bid")).to_be_visible()
    page.fill("#amount", "900000")
    page.click(".bid-row button")
    expect(page.locator("#confirm .review-amount")).to_be_visible()
    check(page)
    for path in (
        *("/", "/me", "/me/bids", "/me/tickets", "/me/notifications", "/me/profile", "/me/profile/security"),
        *(f"/auctions/{auction}/confirm?amount=900000", f"/auctions/{ended}/results"),
    ):
        page.goto(site_of(page) + path)
        check(page)


def test_a_rule_that_is_missing_is_seen(open_page: Screens) -> None:
    page = open_page("/login", 360)
    page.evaluate(PREPARE, [RESULT.name, WHOLE])
    assert page.evaluate(DIFFERENCES, EVERYTHING) == []
    page.evaluate(TAKE_AWAY)
    assert page.evaluate(DIFFERENCES, EVERYTHING) != []
