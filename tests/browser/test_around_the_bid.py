"""What stands around the bid form of an auction page says each thing once, where it belongs, and nothing untrue of its
reader."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from cashticket.models import Person
from tests.browser.halls import FIRST_PERSON, STEP, Screens, hall, place_bid, place_bid_of, screens
from tests.fixtures.browser import PAGE_SECONDS

pytestmark = [pytest.mark.sweep, pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)]
expect.set_options(timeout=PAGE_SECONDS * 1000)

WIDTHS = (360, 1280)
# How often the words of the step are seen in the form: in the empty field, or below it.
STEP_SHOWN = """() => {
  const field = document.getElementById("amount");
  const hint = document.getElementById("amount-hint");
  return [!field.value && field.placeholder, hint.innerText].filter((text) => /5,000/.test(text || "")).length;
}"""


@pytest.fixture
def open_page(app: Flask, people: dict[str, Person], chromium: Browser) -> Iterator[Screens]:
    with screens(app, chromium) as opened:
        yield opened


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_step_stands_once_beside_the_field_typed_in_or_not(open_page: Screens, language: str) -> None:
    page = open_page(f"/auctions/{hall(2, 3)}", 1280, language=language)
    assert page.evaluate(STEP_SHOWN) == 1
    page.locator("#amount").fill("200000")
    assert page.evaluate(STEP_SHOWN) == 1
    page.locator("#amount").fill("")
    assert page.evaluate(STEP_SHOWN) == 1


def test_on_a_desk_the_bell_button_stands_beside_the_head_and_moves_nothing(
    open_page: Screens, people: dict[str, Person]
) -> None:
    auction = hall(2, 3)
    place_bid_of(auction, people["alice"], 1, 3)
    page = open_page(f"/auctions/{auction}", 1280, name="alice")
    expect(page.locator("#ring")).to_be_visible()
    assert top(page, "#ring") + 44 <= top(page, ".deck")
    before = top(page, ".deck")
    page.evaluate("document.getElementById('ring').hidden = true")
    assert top(page, ".deck") == before
    page.evaluate("document.getElementById('own-part').hidden = false")
    assert top(page, "#own-part") < top(page, ".deck"), "it is read before what it is about"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_on_a_phone_the_bell_button_stands_below_the_status(
    open_page: Screens, people: dict[str, Person], language: str
) -> None:
    auction = hall(2, 3)
    place_bid_of(auction, people["alice"], 1, 3)
    page = open_page(f"/auctions/{auction}", 360, name="alice", language=language)
    expect(page.locator("#ring")).to_be_visible()
    before = top(page, ".state-line")
    assert before < top(page, "#ring") < top(page, ".stage")
    page.evaluate("document.getElementById('ring').hidden = true")
    assert top(page, ".state-line") == before


@pytest.mark.parametrize(
    ("typed", "field", "told"),
    [("1,50", "1,50", "쉼표의 자리"), ("150000,00", "150,000,00", "쉼표의 자리"), ("120,000", "120,000", "120,000원")],
)
def test_a_comma_that_was_typed_is_never_dropped(
    open_page: Screens, people: dict[str, Person], typed: str, field: str, told: str
) -> None:
    page = open_page(f"/auctions/{hall(2, 3)}", 360, name="alice")
    amount = page.locator("#amount")
    amount.press_sequentially("1500")
    amount.press("Backspace")
    assert amount.input_value() == "150", "commas of ours move along"
    amount.fill("")
    amount.press_sequentially(typed)
    assert amount.input_value() == field
    # As a keyboard does that offers whole words.
    amount.fill("")
    amount.fill("1,50")
    assert amount.input_value() == "1,50"
    amount.fill("")
    amount.press_sequentially(typed)
    amount.press("Enter")
    expect(page.locator("#confirm")).to_contain_text(told)


def top(page: Page, place: str) -> float:
    box = page.locator(place).bounding_box()
    assert box, place
    return box["y"]


@pytest.mark.parametrize("width", WIDTHS)
def test_whose_chances_are_used_is_offered_no_alert_and_reads_of_none_when_out(
    open_page: Screens, people: dict[str, Person], width: int
) -> None:
    auction, alice = hall(2, 3), people["alice"]
    for amount in (120_000, 125_000, 130_000):
        place_bid(auction, alice.id, amount)
    page = open_page(f"/auctions/{auction}", width, name="alice")
    expect(page.locator("#standing[data-position=winning][data-chances='0']")).to_be_visible()
    expect(page.locator("#standing")).to_contain_text("밀려나도 알림은 가지 않아요")
    expect(page.locator("#ring")).to_be_hidden()
    for person in (FIRST_PERSON, FIRST_PERSON + 1):
        place_bid(auction, person, 150_000 + STEP * person % 2)
    page.reload()
    expect(page.locator("#standing[data-position=out]")).to_contain_text("기회를 모두 썼어요")
    expect(page.locator("#standing")).not_to_contain_text(re.compile("밀려나도"))
    expect(page.locator("#ring")).to_be_hidden()
