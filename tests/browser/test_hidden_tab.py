"""A tab that is really hidden, behind another one of its window, where browsers slow timers down: being pushed out is
in its title and its alert region at once, and, for who asked for it, heard and seen outside of the page."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.bare_chromium import Tab, bare_chromium
from tests.browser.evening import bid
from tests.story.visitor import Visitor

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

# Notices and tones are the browser's own; only a note is made of each.
TAKE_NOTE = """
  window.notices = [];
  const Real = Notification;
  window.Notification = class extends Real {
    constructor(title, options) {
      super(title, options);
      const note = { title, body: this.body, shown: false };
      window.notices.push(note);
      this.addEventListener("show", () => { note.shown = true; });
    }
  };
  window.tones = [];
  const start = OscillatorNode.prototype.start;
  OscillatorNode.prototype.start = function (...when) {
    window.tones.push(this.context.state);
    return start.apply(this, when);
  };
"""
STANDS = "document.querySelector('#standing').dataset.position"
ALERTED = "[...document.querySelectorAll('#alerts[role=alert] [data-alert]')].map((each) => each.dataset.sequence)"
CONNECTED = "document.getElementById('auction')._htmx?.ws?.connection?.socket?.readyState === WebSocket.OPEN"


@pytest.fixture
def alice(installation: Installation, auction: int, chromium_binary: str, tmp_path: Path) -> Iterator[Tab]:
    """Alice winning on the auction's page, in the front tab of a window."""
    web = installation.webs[0]
    visitor = Visitor("alice").sign_in(web)
    assert visitor.bid(web, auction, 100_000).status == 201
    with bare_chromium(chromium_binary, tmp_path) as browser:
        browser.ask("Browser.grantPermissions", permissions=["notifications"], origin=web.url)
        for name, value in visitor.cookies.items():
            browser.ask("Storage.setCookies", cookies=[{"name": name, "value": value, "url": web.url}])
        tab = browser.new_tab()
        tab.before_scripts(TAKE_NOTE)
        tab.open(f"{web.url}/auctions/{auction}")
        wait_until(lambda: tab.says(STANDS) == "winning" and tab.says(CONNECTED), "alice's page")
        yield tab
        assert not tab.troubles


def hide(browser_tab: Tab) -> None:
    """Open another tab before it."""
    browser_tab.another().bring_to_front()
    wait_until(lambda: browser_tab.says("document.visibilityState") == "hidden", "the tab to be hidden")


def test_a_tab_behind_another_tells_by_title_and_alert_and_makes_no_noise_unasked(
    installation: Installation, auction: int, alice: Tab
) -> None:
    title = alice.says("document.title")
    hide(alice)
    bid(installation, "bob", auction, 110_000)
    wait_until(lambda: alice.says("document.title") == f"[순위 밖] {title}", "the title")
    wait_until(lambda: alice.says(ALERTED) == ["2"], "the alert")
    assert alice.says(STANDS) == "out"
    assert (alice.says("window.notices"), alice.says("window.tones")) == ([], [])
    assert alice.says("document.visibilityState") == "hidden"


def test_who_asked_for_it_hears_tones_and_gets_a_notice_of_the_system_once(
    installation: Installation, auction: int, alice: Tab
) -> None:
    alice.click("#ring button")
    wait_until(lambda: alice.says("document.querySelector('#ring button').ariaPressed") == "true", "the button")
    tried = len(wait_until(lambda: alice.says("window.tones"), "the tones that were tried"))
    hide(alice)
    bid(installation, "bob", auction, 110_000)
    [notice] = wait_until(lambda: alice.says("window.notices"), "a notice")
    wait_until(lambda: alice.says("window.notices[0].shown"), "a notice that the system shows")
    assert notice["body"] == "한강의 밤" and "밀려" in notice["title"]
    assert len(alice.says("window.tones")) == 2 * tried, "as many tones again as were tried"
    assert alice.says("window.tones.at(-1)") == "running"
    # Somebody overtakes bob: alice has been out before, and is not rung again.
    bid(installation, "carol", auction, 120_000)
    wait_until(
        lambda: "120,000" in alice.says("document.querySelector('#board [data-figure=cutoff]').textContent"), "it"
    )
    assert len(alice.says("window.notices")) == 1 and alice.says(ALERTED) == ["2"]
