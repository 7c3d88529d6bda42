"""After a device slept, its clock has stood still: every page counts down rightly again within a second."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import until_connected
from tests.fixtures.browser import PAGE_SECONDS, Phone

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

# What a browser calls the time since the page was opened does not count the time in which the device slept.
MONOTONIC = """
  const plain = performance.now.bind(performance);
  window.sleptMs = 0;
  performance.now = () => plain() - window.sleptMs;
"""
SLEPT_MS = 20_000
# Seconds left as the page says them, and as the wall clock of this machine does, which the store's clock is, too.
SAID = "() => document.querySelector('[role=timer]').textContent.split(':').reduce((sum, part) => sum * 60 + +part, 0)"
TRUE = "() => (Number(document.getElementById('board').dataset.endsAtMs) - Date.now()) / 1000"
ANSWER_SECONDS = 2


def is_right(page: Page, said: str, true: str) -> bool:
    return abs(float(page.evaluate(said)) - float(page.evaluate(true))) < 1.5


def test_the_clock_of_an_auction_is_right_a_second_after_a_sleep(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    page = phone("alice").page
    page.add_init_script(MONOTONIC)
    page.goto(f"{installation.webs[0].url}/auctions/{auction}")
    until_connected(page)
    wait_until(lambda: is_right(page, SAID, TRUE), "a right clock")
    page.evaluate(f"window.sleptMs = {SLEPT_MS}")
    # 250 ms until it is written anew.
    assert not page.evaluate("window.auctionClock.tick()") and not is_right(page, SAID, TRUE), "it has fallen behind"
    wait_until(lambda: is_right(page, SAID, TRUE), "a right clock", seconds=ANSWER_SECONDS)
    expect(page.locator("#connection")).to_be_hidden()


LEFT = """() => {
  const left = [...document.querySelectorAll("[data-ends-at-ms]")].at(-1);
  const units = { 시간: 3600, 분: 60, 초: 1 };
  return [...left.textContent.matchAll(/(\\d+)(시간|분|초)/g)].reduce((sum, [, n, unit]) => sum + n * units[unit], 0);
}"""
LEFT_TRUE = """() => {
  const left = [...document.querySelectorAll("[data-ends-at-ms]")].at(-1);
  return (Number(left.dataset.endsAtMs) - Date.now()) / 1000;
}"""


def test_the_clocks_of_a_list_are_right_a_second_after_a_sleep(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    page = phone("alice").page
    page.add_init_script(MONOTONIC)
    page.goto(f"{installation.webs[0].url}/")
    wait_until(lambda: is_right(page, LEFT, LEFT_TRUE), "right clocks")
    page.evaluate(f"window.sleptMs = {SLEPT_MS}")
    wait_until(lambda: not is_right(page, LEFT, LEFT_TRUE), "clocks that have fallen behind", seconds=ANSWER_SECONDS)
    wait_until(lambda: is_right(page, LEFT, LEFT_TRUE), "right clocks", seconds=ANSWER_SECONDS)
