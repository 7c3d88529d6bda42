"""Going back: a browser that has kept a page in its memory shows it at once, its line is opened again, and nobody sees
what it showed of somebody who has signed out.

Playwright turns this memory off, so the browser runs without it.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.bare_chromium import Tab, bare_chromium
from tests.browser.evening import CONNECTED, bid
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

WHY_NOT = "JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons)"
CUTOFF = "document.querySelector('#board [data-figure=cutoff]').textContent"
ELSEWHERE = "/robots.txt"
SIGN_IN_LINK = "document.querySelector(`#header a[href^='/login']`) !== null"
SIGN_OUT_FORM = "document.querySelector('#header form') !== null"
# How the page looked at the moment when it came back, written where a reload does not forget it.
NOTE_HOW_IT_COMES_BACK = """window.addEventListener("pageshow", (event) => {
  sessionStorage.setItem("came", `${event.persisted} ${getComputedStyle(document.body).display}`);
})"""


@pytest.fixture
def tab(chromium_binary: str, tmp_path: Path) -> Iterator[Tab]:
    """The tab of somebody who is not signed in."""
    with bare_chromium(chromium_binary, tmp_path) as browser:
        shown = browser.new_tab()
        yield shown
        assert not shown.troubles


def leave(tab: Tab, web_url: str) -> None:
    """Mark the page that is shown, and go on to another one."""
    tab.says("window.isTheSame = true")
    tab.open(web_url + ELSEWHERE)
    assert not tab.says("window.isTheSame")


def go_back(tab: Tab, path: str) -> None:
    """Go back to `path`, and have found there the very page that was left."""
    tab.says("void history.back()")
    wait_until(lambda: tab.says_by_now("location.pathname") == path, f"the way back to {path}")
    assert tab.says("window.isTheSame") is True, tab.says(WHY_NOT)


def test_the_pages_for_everybody_are_kept_by_the_browser(
    installation: Installation, concert: int, auction: int, tab: Tab
) -> None:
    url, kept = installation.webs[0].url, 0
    for path in ("/", "/concerts/", f"/concerts/{concert}", f"/auctions/{auction}/ladder"):
        tab.open(url + path)
        leave(tab, url)
        tab.says("void history.back()")
        wait_until(lambda path=path: tab.says_by_now("location.pathname") == path, f"the way back to {path}")
        # A busy browser lets go of a page for reasons of its own, which it masks; those of a page have names.
        is_kept, why_not = tab.says("window.isTheSame") is True, str(tab.says(WHY_NOT))
        assert is_kept or why_not.count('"reason":"') == why_not.count('"reason":"masked"') > 0, why_not
        kept += is_kept
    assert kept >= 3


def test_an_auction_that_was_kept_opens_its_line_again_and_shows_what_it_missed(
    installation: Installation, auction: int, tab: Tab
) -> None:
    url = installation.webs[0].url
    tab.open(f"{url}/auctions/{auction}")
    wait_until(lambda: tab.says(CONNECTED), "the line")
    leave(tab, url)
    bid(installation, "bob", auction, 110_000)
    go_back(tab, f"/auctions/{auction}")
    wait_until(lambda: tab.says(CONNECTED), "a new line")
    wait_until(lambda: "110,000" in tab.says(CUTOFF), "what was missed")
    bid(installation, "alice", auction, 120_000)
    wait_until(lambda: "120,000" in tab.says(CUTOFF), "what comes over the new line")
    assert tab.says("document.getElementById('connection').hidden") is True


def test_an_auction_that_is_left_twice_comes_back_twice(installation: Installation, auction: int, tab: Tab) -> None:
    url = installation.webs[0].url
    tab.open(f"{url}/auctions/{auction}")
    for _ in range(2):
        wait_until(lambda: tab.says(CONNECTED), "the line")
        leave(tab, url)
        go_back(tab, f"/auctions/{auction}")
    wait_until(lambda: tab.says(CONNECTED), "the third line")


def test_whoever_goes_back_after_somebody_signed_out_sees_nothing_of_them(
    installation: Installation, auction: int, tab: Tab
) -> None:
    web = installation.webs[0]
    alice = Visitor("alice").sign_in(web)
    assert alice.bid(web, auction, 100_000).status == 201
    for name, value in alice.cookies.items():
        tab.ask("Network.setCookie", name=name, value=value, url=web.url)
    tab.open(f"{web.url}/auctions/{auction}")
    wait_until(lambda: tab.says("document.querySelector('#standing .own-bid') !== null"), "alice's own bid")
    tab.says(NOTE_HOW_IT_COMES_BACK)
    leave(tab, web.url)
    tab.ask("Network.clearBrowserCookies")
    tab.says("void history.back()")
    wait_until(lambda: tab.says_by_now("location.pathname") == f"/auctions/{auction}", "the way back")
    wait_until(lambda: tab.says(SIGN_IN_LINK) and not tab.says("window.isTheSame"), "the page of a stranger")
    came = tab.says("sessionStorage.getItem('came')")
    assert came == "true none", f"kept, and hidden when it came back: {tab.says(WHY_NOT)}"
    assert tab.says("document.querySelector('.own-bid, .own-row') === null")
    assert tab.says("document.body.checkVisibility()") is True


@pytest.mark.parametrize("path", ["", "/ladder"])
def test_a_page_of_a_stranger_comes_back_with_the_own_part_of_whoever_signed_in(
    installation: Installation, auction: int, tab: Tab, path: str
) -> None:
    web = installation.webs[0]
    tab.open(f"{web.url}/auctions/{auction}{path}")
    wait_until(lambda: tab.says(SIGN_IN_LINK), "a stranger's page")
    if not path:
        wait_until(lambda: tab.says(CONNECTED), "the line")
    leave(tab, web.url)
    for name, value in Visitor("bob").sign_in(web).cookies.items():
        tab.ask("Network.setCookie", name=name, value=value, url=web.url)
    go_back(tab, f"/auctions/{auction}{path}")
    wait_until(lambda: tab.says(SIGN_OUT_FORM), "bob's own part")
    assert tab.says("window.isTheSame") is True
