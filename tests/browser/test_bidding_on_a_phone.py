"""An auction on a phone: the way to a bid, the news that comes by itself, and the end."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.evening import own_alerts
from tests.fixtures.browser import PAGE_SECONDS, Phone
from tests.staging.installation import acted_before_its_end, shown
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

NEVER_RELOADED = "window.neverReloaded = true"
BOX = "(element) => element.getBoundingClientRect().toJSON()"
# All at one moment: a page may move between two questions.
BOXES = "(parts) => parts.map((part) => document.querySelector(part).getBoundingClientRect().toJSON())"
REFUSED_BID = r"status of 422"


# The rest of an auction's time, closing, recording and settlement, on a machine that is busy.
SETTLED_MS = 90_000


def standing(page: Page, position: str, within_ms: float | None = None) -> None:
    """Wait until the own standing says so."""
    expect(page.locator(f"#standing[data-position={position}]")).to_be_visible(timeout=within_ms)


def review_and_bid(page: Page, amount: int) -> None:
    """Through the form and the review, as a thumb does it. Far above the cut-off there is a box to tick."""
    page.locator("#amount").fill("")
    page.locator("#amount").press_sequentially(str(amount))
    page.click("form[action$='/confirm'] button")
    expect(page.locator("#confirm .review-amount")).to_contain_text(f"{amount:,}원")
    if page.locator("#confirm input[name=sure]").count():
        page.check("#confirm input[name=sure]")
    page.click("#confirm form[action$='/bids'] button[type=submit]")


def test_the_way_from_a_look_to_a_winning_bid(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice").open(f"/auctions/{auction}")
    page = alice.page
    standing(page, "watching")
    page.click("#bid a[href^='/login']")
    alice.fill_sign_in()
    page.wait_for_url(f"**/auctions/{auction}")
    page.evaluate(NEVER_RELOADED)
    page.locator("#amount").press_sequentially("1500000")
    assert page.locator("#amount").input_value() == "1,500,000"
    review_and_bid(page, 1_500_000)
    standing(page, "winning")
    expect(page.locator("#standing .own-amount")).to_have_text("1,500,000원")
    expect(page.locator("#standing .chances")).to_contain_text("2")
    expect(page.locator("#standing .mark-recorded")).to_be_visible()
    expect(page.locator("#board [data-figure=cutoff]")).to_have_text("1,500,000원")
    expect(page.locator("#confirm form")).to_have_count(0)
    assert page.evaluate("window.neverReloaded") is True
    assert shown(installation, auction)["accepted"] == 1


def test_being_outbid_is_seen_at_once_without_disturbing_what_is_typed(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    bob = phone("bob", web=2).sign_in(f"/auctions/{auction}")
    review_and_bid(alice.page, 100_000)
    standing(alice.page, "winning")
    answer = alice.page.locator("main .notice-plain")
    expect(answer).to_contain_text("100,000원 접수됐어요")
    expect(alice.page.locator("#amount")).to_have_value("")
    title = alice.page.title()
    alice.page.locator("#amount").press_sequentially("12345")
    review_and_bid(bob.page, 110_000)

    alert = own_alerts(alice.page)
    expect(alert).to_have_count(1)
    expect(alert).to_have_attribute("data-sequence", "2")
    expect(alice.page.get_by_role("alert")).to_contain_text("밀려")
    standing(alice.page, "out")
    expect(answer).to_have_count(0)
    expect(alice.page.locator("#standing")).to_contain_text("20,000원")
    assert alice.page.title() == f"[순위 밖] {title}"
    expect(alice.page.locator("#amount")).to_have_value("12,345")
    expect(alice.page.locator("#amount")).to_be_focused()
    standing(bob.page, "winning")
    expect(own_alerts(bob.page)).to_have_count(0)

    review_and_bid(alice.page, 120_000)
    standing(alice.page, "winning")
    expect(alert).to_have_count(0)
    assert alice.page.title() == title


def test_the_facts_stand_on_the_first_screen_of_a_phone(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    page = alice.page
    expect(page.locator("#ring")).to_be_hidden()
    clock = page.locator("#clock")
    expect(clock.locator(".clock-cutoff")).to_have_text("커트라인 100,000원")
    review_and_bid(page, 120_000)
    standing(page, "winning")
    expect(clock.locator(".clock-cutoff")).to_have_text("커트라인 120,000원")
    page.mouse.wheel(0, -10_000)
    wait_until(lambda: page.evaluate("window.scrollY") == 0, "the top of the page")
    expect(clock.locator(".clock-label.clock-ends")).to_have_text("남은 시간")
    facts = ["#clock", "#standing .state-line", "#standing .own-amount", "#standing .chances"]
    one_line = ["#clock [role=timer]", "#clock .clock-ends.clock-at", "#clock .clock-cutoff"]
    boxes = page.evaluate(BOXES, ["#bid", "#clock .clock-label.clock-ends", *facts, *one_line])
    shown_until, above, line = boxes[0]["top"], boxes[1], boxes[-3:]
    for fact, box in zip(facts, boxes[2:-3], strict=True):
        assert box["top"] >= 0 and box["bottom"] <= shown_until, fact
    assert max(box["top"] for box in line) < min(box["bottom"] for box in line), "one line"
    assert above["height"] >= 12 and above["bottom"] <= line[0]["top"] + 2 and above["top"] >= 0, above
    assert clock.evaluate(BOX)["height"] <= 46, "what sticks below it stands under it"
    assert alice.overflow() <= 0


def test_after_the_third_chance_the_form_is_gone_and_no_alert_comes(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    page = alice.page
    for left, amount in ((2, 100_000), (1, 110_000), (0, 120_000)):
        review_and_bid(page, amount)
        expect(page.locator("#standing .own-amount")).to_have_text(f"{amount:,}원")
        expect(page.locator("#standing .chances")).to_contain_text(str(left))
    expect(page.locator("#bid form")).to_have_count(0)
    expect(page.locator("#standing .quick")).to_have_count(0)
    expect(page.locator("#standing")).to_contain_text("기회를 모두")
    bob = Visitor("bob").sign_in(installation.webs[1])
    assert bob.bid(installation.webs[1], auction, 130_000).status == 201
    standing(page, "out")
    expect(own_alerts(page)).to_have_count(0)
    assert shown(installation, auction)["accepted"] == 4


def test_a_bid_that_became_too_low_is_refused_in_words_and_costs_nothing(
    installation: Installation, auction: int, phone: Callable[..., Phone]
) -> None:
    alice = phone("alice").sign_in(f"/auctions/{auction}")
    page = alice.page
    page.locator("#amount").press_sequentially("130000")
    page.click("form[action$='/confirm'] button")
    expect(page.locator("#confirm form")).to_be_visible()
    # On another device she bids more, between the review and the confirmation here.
    elsewhere = Visitor("alice").sign_in(installation.webs[1])
    assert elsewhere.bid(installation.webs[1], auction, 150_000).status == 201
    page.click("#confirm form button[type=submit]")
    expect(page.locator(".notice-error")).to_contain_text("160,000원")
    standing(page, "winning")
    expect(page.locator("#standing .chances")).to_contain_text("2")
    alice.expect_trouble(REFUSED_BID)
    assert shown(installation, auction)["accepted"] == 1


def test_the_end_and_the_result_come_without_a_reload(installation: Installation, phone: Callable[..., Phone]) -> None:
    alice = phone("alice").sign_in()
    stranger = phone("carol")

    def bid(auction: int) -> None:
        for each in (alice, stranger):
            each.open(f"/auctions/{auction}")
            each.page.evaluate(NEVER_RELOADED)
        expect(alice.page.locator("[role=timer]")).to_contain_text("00:")
        review_and_bid(alice.page, 100_000)
        standing(alice.page, "winning")

    auction = acted_before_its_end(installation, bid, seconds=12, again=alice.troubles.clear, seats=1)
    concert = shown(installation, auction)["concert_id"]
    for each in (alice, stranger):
        standing(each.page, "settled", SETTLED_MS)
        expect(each.page.locator("#bid form")).to_have_count(0)
        expect(each.page.locator(f"a[href='/auctions/{auction}/results']").first).to_be_visible()
        assert each.page.evaluate("window.neverReloaded") is True
    expect(alice.page.locator("#standing .outcome")).to_contain_text("VIP-1")
    expect(alice.page.locator("#standing .state-won")).to_contain_text("축하해요! VIP-1 낙찰")
    buy = alice.page.locator("#standing .outcome a.btn")
    expect(buy).to_contain_text("원에 구매하기")
    buy.click(trial=True)  # Nothing covers it.
    alice.page.click(f"a[href='/auctions/{auction}/results']")
    expect(alice.page.locator(".own-outcome")).to_contain_text("100,000원")
    alice.open("/me/tickets")
    award = alice.page.locator(".award", has=alice.page.locator(f"a[href='/concerts/{concert}']"))
    award.locator("form[action$='/buy'] button").click()
    # Before it is bought an award has something to open, too.
    award.locator("summary", has_text="구매 취소").click()
    expect(award.locator("form[action$='/cancel'] button")).to_be_visible()
