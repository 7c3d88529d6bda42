"""The first visit, in both languages, on phone and desk, by day and by night, by keyboard alone and without JavaScript.

On every page: no violation of WCAG 2.2 AA that axe finds, nothing wider than the screen, and (by the phone itself) no
complaint on the console, of which a breach of the content security policy would be one.
"""

import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.axe import violations
from tests.fixtures.browser import DESKTOP, PAGE_SECONDS, PHONE, Phone
from tests.staging.installation import acted_before_its_end, add_concert, open_auction, shown
from tests.staging.mails import text_of
from tests.staging.rows import NAMES, PASSWORD
from tests.story.visitor import Visitor

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

expect.set_options(timeout=PAGE_SECONDS * 1000)

LINK = re.compile(r"https?://[^/\s]+(/confirm/\S+)")
WON = {"ko": "{:,}원", "en": "₩{:,}"}
TABS_MAX = 60


@dataclass(frozen=True)
class Reader:
    """Who reads: the language, the screen and the time of day; `closely`, whether axe looks at every page too."""

    language: str
    screen: ViewportSize
    scheme: Literal["light", "dark"]
    closely: bool = False

    def __str__(self) -> str:
        return f"{self.language}-{self.screen['width']}-{self.scheme}"


READERS = (
    Reader("ko", PHONE, "light", closely=True),
    Reader("en", PHONE, "dark"),
    Reader("ko", DESKTOP, "light"),
    Reader("en", DESKTOP, "dark", closely=True),
)
# CI has those at whose pages axe looks, and `make storm` the others.
MARKS = [[] if reader.closely else [pytest.mark.trial] for reader in READERS]
every_reader = pytest.mark.parametrize(
    "reader", [pytest.param(reader, marks=marks) for reader, marks in zip(READERS, MARKS, strict=True)], ids=str
)

Phones = Callable[..., Phone]


def phone_of(phone: Phones, reader: Reader, name: str) -> Phone:
    """On the home page, in their language."""
    found = phone(name, language=reader.language, screen=reader.screen, scheme=reader.scheme).open("/")
    if reader.language != "ko":
        found.page.click(f"footer a[hreflang={reader.language}]")
        found.page.wait_for_url(f"**lang={reader.language}*")
    return found


def check(phone: Phone, reader: Reader, *, closely: bool | None = None) -> None:
    """The page on the screen is one that everybody can use."""
    path = phone.page.url.removeprefix(phone.web.url)
    expect(phone.page.locator("html")).to_have_attribute("lang", reader.language)
    assert phone.overflow() <= 0, f"{path} is {phone.overflow()} pixels too wide"
    if reader.closely if closely is None else closely:
        assert not (found := violations(phone.page)), f"{path}:\n" + "\n".join(found)


def letter_link(installation: Installation, address: str) -> str:
    """The path of the link in the first mail to `address`."""

    def look() -> str | None:
        for path in sorted((Path(installation.folder) / "mail").glob("*.eml")):
            letter = message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default)
            if letter["To"] == address and (found := LINK.search(text_of(letter))):
                return found[1]
        return None

    return wait_until(look, f"a mail with a link to {address}") or ""


def sign_up(page: Page, address: str) -> None:
    """Fill the form and send it."""
    page.fill("#field-email", address)
    page.fill("#field-password", PASSWORD)
    page.fill("#field-name", "김하나")
    page.fill("#field-birth_date", "1999-02-03")
    page.fill("#field-phone", f"010-{secrets.randbelow(9000) + 1000}-{secrets.randbelow(9000) + 1000}")
    page.check("#field-terms")
    page.check("#field-privacy")
    page.click("form[action='/signup'] button[type=submit]")
    page.wait_for_url("**/signup/sent")


def sign_in(page: Page, address: str) -> None:
    page.fill("#email", address)
    page.fill("#password", PASSWORD)
    page.click("form[action='/login'] button[type=submit]")


@pytest.fixture(scope="module")
def concert(installation: Installation) -> int:
    return add_concert(installation)


@pytest.fixture(scope="module")
def auction(installation: Installation, concert: int) -> int:
    """An auction with a seat for everybody who bids in these tests. It ends before those of other tests, so that the
    home page, which lists the first to end, has it."""
    return open_auction(installation, concert, seats=20, closes="+25m")


@every_reader
def test_a_stranger_becomes_a_bidder(
    installation: Installation, phone: Phones, concert: int, auction: int, reader: Reader
) -> None:
    address = f"visitor-{secrets.token_hex(4)}@example.com"
    visitor = phone_of(phone, reader, "stranger")
    page, language = visitor.page, reader.language

    expect(page.locator(f"a[href='/auctions/{auction}']")).to_be_visible()
    check(visitor, reader)
    visitor.open(f"/concerts/{concert}")
    check(visitor, reader)
    page.click(f"a[href='/auctions/{auction}']")
    expect(page.locator("#standing[data-position=watching]")).to_be_visible()
    check(visitor, reader)
    page.click("#bid a[href^='/login']")
    check(visitor, reader)
    page.click("main a[href^='/signup']")
    check(visitor, reader)
    sign_up(page, address)
    check(visitor, reader)
    visitor.open(letter_link(installation, address))
    check(visitor, reader)
    page.click("form:not([action]) button[type=submit]")
    page.wait_for_url("**/confirm/done")
    check(visitor, reader)
    page.click("main a[href^='/login']")
    sign_in(page, address)
    page.wait_for_url(f"{visitor.web.url}/auctions/{auction}")
    page.locator("#amount").press_sequentially("120000")
    expect(page.locator("#amount")).to_have_value("120,000")
    expect(page.locator("#amount-words")).to_have_text(
        {"ko": "십이만 원", "en": "one hundred twenty thousand won"}[language]
    )
    page.click("form[action$='/confirm'] button")
    expect(page.locator("#confirm-title")).to_be_focused()
    check(visitor, reader)
    page.click("#confirm form[action$='/bids'] button[type=submit]")
    expect(page.locator("#standing[data-position=winning]")).to_be_visible()
    expect(page.locator("#standing .own-amount")).to_have_text(WON[language].format(120_000))
    expect(page.locator("#announcements")).not_to_be_empty()
    check(visitor, reader)


@pytest.fixture(scope="module")
def settled(installation: Installation) -> int:
    """A settled auction in which each of the four won a seat that is still to be bought."""
    web = installation.webs[1]
    visitors = [Visitor(name).sign_in(web) for name in NAMES]

    def bid(auction: int) -> None:
        for place, visitor in enumerate(visitors):
            answer = visitor.bid(web, auction, 100_000 + 10_000 * place)
            assert answer.status == 201, answer.text

    auction = acted_before_its_end(installation, bid, seconds=8, seats=len(NAMES))
    wait_until(lambda: shown(installation, auction)["state"] == "settled", "a settled auction")
    return auction


@pytest.mark.parametrize(
    ("name", "reader"),
    [pytest.param(name, reader, marks=marks) for name, reader, marks in zip(NAMES, READERS, MARKS, strict=True)],
    ids=str,
)
def test_a_winner_reads_the_result_and_buys(
    installation: Installation, phone: Phones, settled: int, name: str, reader: Reader
) -> None:
    winner = phone_of(phone, reader, name).sign_in()
    page = winner.page
    for path in ("/me", "/me/notifications"):
        winner.open(path)
        check(winner, reader, closely=True)
    winner.open(f"/auctions/{settled}/results")
    expect(page.locator(".own-outcome")).to_contain_text("VIP-")
    expect(page.locator("#history [data-told]")).to_contain_text(WON[reader.language].format(100_000))
    check(winner, reader, closely=True)
    page.click(".own-outcome a[href^='/me/tickets#award-']")
    check(winner, reader, closely=True)
    # Other evenings of the same installation may have left this person a ticket already.
    award = page.locator("form[action$='/buy']").first.get_attribute("action").split("/")[2]
    page.click(f"form[action='/awards/{award}/buy'] button")
    expect(page.locator(f"#award-{award}.award-bought")).to_be_visible()
    page.click(f"#award-{award} summary")
    check(winner, reader, closely=True)


@pytest.mark.parametrize("reader", READERS[1:3], ids=str)
def test_the_pages_beside_the_way_are_for_everybody_too(
    installation: Installation, phone: Phones, reader: Reader
) -> None:
    someone = phone_of(phone, reader, "bob")
    for path in ("/concerts/", "/concerts/?q=nothing-like-this", "/reset", "/no-such-page"):
        someone.open(path)
        check(someone, reader, closely=True)
    someone.expect_trouble("status of 404")
    someone.sign_in("/me/bids")
    check(someone, reader, closely=True)
    someone.open("/me/profile")
    check(someone, reader, closely=True)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the focus, which must be seen, is there."""
    for _ in range(TABS_MAX):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement)['outline-style']")
            shadow = page.evaluate("getComputedStyle(document.activeElement)['box-shadow']")
            assert (outline, shadow) != ("none", "none"), f"the focus on {selector} cannot be seen"
            return
    raise AssertionError(f"no way by keyboard to {selector} on {page.url}")


def test_the_keyboard_alone_leads_from_the_home_page_to_a_bid(
    installation: Installation, auction: int, phone: Phones
) -> None:
    bob = phone("bob").open("/")
    page, place = bob.page, f"{bob.web.url}/auctions/{auction}"
    tab_to(page, f"a[href='/auctions/{auction}']")
    page.keyboard.press("Enter")
    page.wait_for_url(place)
    tab_to(page, "#bid a[href^='/login']")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/login"))
    tab_to(page, "#email")
    page.keyboard.type("bob@example.com")
    tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(place)
    tab_to(page, "#amount")
    page.keyboard.type("100000")
    page.keyboard.press("Enter")
    expect(page.locator("#confirm-title")).to_be_focused()
    tab_to(page, "#confirm button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#standing[data-position=winning]")).to_be_visible()
    expect(page.locator(".notice-plain")).to_be_focused()


def test_without_javascript_the_first_visit_is_plain_forms_and_words(
    installation: Installation, auction: int, phone: Phones
) -> None:
    address = f"visitor-{secrets.token_hex(4)}@example.com"
    visitor = phone("stranger", scripts=False).open("/signup")
    page = visitor.page
    sign_up(page, address)
    visitor.open(letter_link(installation, address))
    page.click("form:not([action]) button[type=submit]")
    page.click("main a[href='/login']")
    sign_in(page, address)
    visitor.open(f"/auctions/{auction}")
    expect(page.locator("#history [data-told]")).to_contain_text("100,000원")
    expect(page.locator("#history [data-chart]")).to_be_hidden()
    page.fill("#amount", "130,000")
    page.click("form[action$='/confirm'] button")
    expect(page.locator("#confirm")).to_contain_text("십삼만 원")
    page.click("form[action$='/bids'] button[type=submit]")
    page.wait_for_url("**/me/bids")
    expect(page.locator("main .notice-plain")).to_contain_text("130,000원")
    expect(page.locator(".mine-winning")).to_contain_text("한강의 밤")
