"""Sending a bid over a bad line or with an impatient thumb: it counts once, and the page learns what became of it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from lab.servers.installation import Installation
from tests.fixtures.browser import PAGE_SECONDS, Phone
from tests.staging.installation import shown

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

SEND = "#confirm form[action$='/bids'] button[type=submit]"
LOST_ANSWER = r"ERR_FAILED|Failed to fetch"


def review(page: Page, amount: int) -> None:
    """Up to the button that bids."""
    page.locator("#amount").press_sequentially(str(amount))
    page.click("form[action$='/confirm'] button")
    expect(page.locator(SEND)).to_be_visible()


def test_a_lost_answer_is_asked_for_again_until_it_is_known(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    sent: list[str | None] = []

    def lose_the_first_answer(route: Route) -> None:
        sent.append(route.request.post_data)
        if len(sent) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    alice.page.route("**/bids?lang=ko", lose_the_first_answer)
    review(alice.page, 100_000)
    alice.page.click(SEND)
    expect(alice.page.locator("#confirm [data-unknown]")).to_be_visible()
    expect(alice.page.locator("main .notice-plain")).to_be_visible()
    expect(alice.page.locator("#standing .chances")).to_contain_text("2")
    assert len(sent) == 2 and sent[0] == sent[1]
    assert shown(installation, auction)["accepted"] == 1
    alice.expect_trouble(LOST_ANSWER)


def test_an_unknown_outcome_is_being_checked_and_then_told(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    review(alice.page, 100_000)
    with installation.store.client() as store:
        # Longer than the door waits for the store, shorter than anybody else minds.
        store.execute_command("CLIENT", "PAUSE", 2500, "WRITE")
        alice.page.click(SEND)
        expect(alice.page.locator("#confirm #checking")).to_be_visible()
        store.execute_command("CLIENT", "UNPAUSE")
    expect(alice.page.locator("#standing[data-position=winning]")).to_be_visible()
    expect(alice.page.locator("main .notice-plain")).to_be_visible()
    expect(alice.page.locator("#checking")).to_have_count(0)
    facts = shown(installation, auction)
    assert facts["accepted"] == 1
    alice.expect_trouble(r"\b50[34]\b")


@pytest.mark.parametrize("scripts", [True, False])
def test_two_quick_taps_are_one_bid(
    installation: Installation, auction: int, phone: Callable[..., Phone], scripts: bool
) -> None:
    alice = phone("alice", scripts=scripts).sign_in(f"/auctions/{auction}")
    page = alice.page
    page.fill("#amount", "100000")
    page.click("form[action$='/confirm'] button")
    page.dblclick(SEND)
    if scripts:
        expect(page.locator("#standing[data-position=winning]")).to_be_visible()
        expect(page.locator("#standing .chances")).to_contain_text("2")
    else:
        # No wait for a navigation: the second tap breaks off the first one.
        expect(page).to_have_url(re.compile("/me/bids$"))
        expect(page.locator("main")).to_contain_text("100,000원")
    assert shown(installation, auction)["accepted"] == 1


def test_changing_ones_mind_leads_back_to_the_amount(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    review(alice.page, 150_000)
    alice.page.click("#confirm [data-dismiss-review]")
    expect(alice.page.locator("#amount")).to_be_focused()
    expect(alice.page.locator("#amount")).to_have_value("150,000")
    expect(alice.page.locator("#confirm form")).to_have_count(0)
    assert shown(installation, auction)["accepted"] == 0
