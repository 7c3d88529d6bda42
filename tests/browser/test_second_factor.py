"""Two-step verification in a real browser, with the virtual authenticator of Chromium, in both languages, on phone and
desk, by keyboard and without JavaScript. Every page is checked with axe."""

import base64
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page, ViewportSize, expect

from cashticket.accounts.one_time_codes import app_code, step_at
from cashticket.models.columns import utcnow
from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.browser.axe import violations
from tests.fixtures.browser import DESKTOP, PAGE_SECONDS, PHONE, Phone
from tests.staging.installation import acted_before_its_end, add_user, shown
from tests.staging.rows import PASSWORD
from tests.story.visitor import Visitor

pytestmark = pytest.mark.sweep

expect.set_options(timeout=PAGE_SECONDS * 1000)

Phones = Callable[..., Phone]
SECURITY = "/me/profile/security"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
REFUSED = "status of 422"
TABS_MAX = 40

every_reader = pytest.mark.parametrize(
    ("language", "screen"),
    [
        ("ko", PHONE),
        ("en", DESKTOP),
        pytest.param("en", PHONE, marks=pytest.mark.trial),
        pytest.param("ko", DESKTOP, marks=pytest.mark.trial),
    ],
)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose first web process is reached as localhost, where browsers allow passkeys."""
    folder = tmp_path_factory.mktemp("second-factor")
    started = Installation(folder, f"sqlite:///{folder / 'installation.db'}")
    started.webs[0].url = started.environment["BASE_URL"] = f"http://localhost:{started.webs[0].port}"
    try:
        yield started.start()
    finally:
        started.stop()


@pytest.fixture
def person(installation: Installation, request: pytest.FixtureRequest) -> str:
    """The name of a new verified person, for this test alone."""
    name = re.sub(r"\W+", "-", request.node.name)[-40:].strip("-").lower()
    add_user(installation, name, called="Alice")
    return name


def of(phone: Phones, person: str, language: str = "ko", screen: ViewportSize = PHONE, **more: Any) -> Phone:
    """A new browser of this person, in their language."""
    made = phone(person, language=language, screen=screen, **more).open("/login")
    if language != "ko":
        made.page.click(f"footer a[hreflang={language}]")
        made.page.wait_for_url(f"**lang={language}*")
    return made


def authenticator(page: Page) -> tuple[CDPSession, str]:
    """A virtual authenticator in this browser."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return session, str(made["authenticatorId"])


def check(phone: Phone) -> None:
    """The page on the screen can be used by everybody."""
    assert phone.overflow() <= 0, f"{phone.page.url} is {phone.overflow()} pixels too wide"
    assert not (broken := violations(phone.page)), f"{phone.page.url}:\n" + "\n".join(broken)


def add_passkey(phone: Phone) -> list[str]:
    """Add a passkey on the page for it. Returns the recovery codes."""
    phone.open(f"{SECURITY}/passkeys/new")
    check(phone)
    phone.page.fill("#name", "my phone")
    phone.page.fill("#current-act", PASSWORD)
    phone.page.click("main form button[type=submit]")
    expect(phone.page.locator(".recovery-codes code")).to_have_count(10)
    check(phone)
    return phone.page.locator(".recovery-codes code").all_text_contents()


def sign_out(phone: Phone) -> None:
    phone.page.locator("form[action='/logout'] button").first.click()
    phone.page.wait_for_url(phone.web.url + "/")


def tab_to(page: Page, selector: str) -> None:
    """Move the focus by the keyboard until it is on `selector`."""
    for _ in range(TABS_MAX):
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the keyboard does not reach {selector}")


def next_code(secret: bytes) -> str:
    """A code of an app that no step before has used, and that works for half a minute at least: the next one."""
    return app_code(secret, step_at(utcnow()) + 1)


def set_app(phone: Phone) -> bytes:
    """Set up an authenticator app by the key on the page. Returns its secret."""
    phone.open(f"{SECURITY}/app")
    expect(phone.page.locator("img.qr")).to_be_visible()
    check(phone)
    secret = base64.b32decode((phone.page.locator(".setup-key").text_content() or "").replace(" ", ""))
    phone.page.fill("#new-code", app_code(secret, step_at(utcnow())))
    phone.page.fill("#current-act", PASSWORD)
    phone.page.click("main form button[type=submit]")
    expect(phone.page.locator(".recovery-codes code")).to_have_count(10)
    return secret


@every_reader
def test_a_passkey_is_added_and_signs_in_alone_by_keyboard(
    phone: Phones, person: str, language: str, screen: ViewportSize
) -> None:
    alice = of(phone, person, language, screen).sign_in("/me/profile")
    authenticator(alice.page)
    check(alice)
    alice.page.click(f"a[href='{SECURITY}']")
    check(alice)
    add_passkey(alice)
    alice.page.click(f"main a[href='{SECURITY}']")
    expect(alice.page.locator("main")).to_contain_text("my phone")
    check(alice)
    sign_out(alice)
    alice.open("/login?next=/me/bids")
    check(alice)
    tab_to(alice.page, "[data-passkey] button")
    alice.page.keyboard.press("Enter")
    alice.page.wait_for_url("**/me/bids")


@every_reader
def test_the_second_step_takes_a_code_a_passkey_or_a_recovery_code(
    phone: Phones, person: str, language: str, screen: ViewportSize
) -> None:
    alice = of(phone, person, language, screen).sign_in("/me")
    secret = set_app(alice)
    code = alice.page.locator(".recovery-codes code").first.text_content() or ""
    sign_out(alice)
    alice.open("/login?next=/me/bids").fill_sign_in()
    alice.page.wait_for_url("**/login/second")
    check(alice)
    alice.page.fill("#code", "000000")
    alice.page.keyboard.press("Enter")
    expect(alice.page.locator("#second-problem")).to_be_visible()
    alice.expect_trouble(REFUSED)
    check(alice)
    alice.page.fill("#code", next_code(secret))
    alice.page.keyboard.press("Enter")
    alice.page.wait_for_url("**/me/bids")
    sign_out(alice)
    alice.open("/login?next=/me/bids").fill_sign_in()
    alice.page.click("details summary:has-text('복구 코드'), details summary:has-text('recovery')")
    alice.page.fill("#recovery-code", code)
    alice.page.keyboard.press("Enter")
    alice.page.wait_for_url("**/me/bids")


def test_the_password_and_a_passkey_sign_in(phone: Phones, person: str) -> None:
    alice = of(phone, person).sign_in("/me")
    authenticator(alice.page)
    add_passkey(alice)
    sign_out(alice)
    alice.open("/login?next=/me/tickets").fill_sign_in()
    alice.page.wait_for_url("**/login/second")
    check(alice)
    alice.page.click("[data-passkey] button")
    alice.page.wait_for_url("**/me/tickets")


def test_a_browser_without_the_passkey_says_so_and_offers_a_recovery_code(phone: Phones, person: str) -> None:
    alice = of(phone, person).sign_in("/me")
    session, device = authenticator(alice.page)
    code = add_passkey(alice)[0]
    session.send("WebAuthn.clearCredentials", {"authenticatorId": device})
    sign_out(alice)
    alice.open("/login").fill_sign_in()
    alice.page.click("[data-passkey] button")
    expect(alice.page.locator("[data-passkey] [role=status]")).not_to_be_empty()
    check(alice)
    alice.page.fill("#recovery-code", code)
    alice.page.keyboard.press("Enter")
    alice.page.wait_for_url(alice.web.url + "/")


def test_a_change_of_the_password_takes_a_passkey_in_the_same_form(phone: Phones, person: str) -> None:
    alice = of(phone, person).sign_in("/me")
    authenticator(alice.page)
    add_passkey(alice)
    alice.open("/me/profile")
    check(alice)
    alice.page.fill("#current-password", PASSWORD)
    alice.page.fill("form[action='/me/profile/password'] input[name=password]", "another fine phrase")
    alice.page.click("form[action='/me/profile/password'] [data-passkey] button")
    expect(alice.page.locator(".notice-success")).to_be_visible()


def test_every_page_of_the_settings_is_finished(phone: Phones, person: str) -> None:
    for language, screen in (("ko", PHONE), ("en", DESKTOP)):
        alice = of(phone, person, language, screen)
        if language == "ko":
            alice.sign_in("/me")
            codes = add_passkey_here(alice)
        else:
            alice.open("/login").fill_sign_in()
            alice.page.fill("#recovery-code", codes[0])
            alice.page.keyboard.press("Enter")
            alice.page.wait_for_url(alice.web.url + "/")
        alice.open(SECURITY)
        paths = [str(link.get_attribute("href")) for link in alice.page.locator(f"main a[href^='{SECURITY}/']").all()]
        assert len(paths) >= 6
        for path in paths:
            alice.open(path)
            check(alice)


def add_passkey_here(phone: Phone) -> list[str]:
    authenticator(phone.page)
    return add_passkey(phone)


def test_codes_work_without_javascript(phone: Phones, person: str) -> None:
    secret = set_app(of(phone, person).sign_in("/me"))
    plain = phone(person, scripts=False)
    plain.open("/login?next=/me/bids").fill_sign_in()
    plain.page.wait_for_url("**/login/second")
    assert not plain.page.locator("[data-passkey]").first.is_visible()
    plain.page.fill("#code", next_code(secret))
    plain.page.click("form:has(#code) button")
    plain.page.wait_for_url("**/me/bids")


def test_another_address_of_the_site_offers_no_passkeys(phone: Phones, installation: Installation) -> None:
    stranger = phone("stranger")
    stranger.page.goto(f"http://127.0.0.1:{installation.webs[0].port}/login")
    expect(stranger.page.locator("#password")).to_be_visible()
    expect(stranger.page.locator("[data-passkey]")).to_be_hidden()


def test_buying_asks_for_the_passkey_again_and_loses_nothing(
    phone: Phones, installation: Installation, person: str
) -> None:
    web = installation.webs[1]
    visitor = Visitor(person).sign_in(web)

    def bid(auction: int) -> None:
        answer = visitor.bid(web, auction, 120_000)
        assert answer.status == 201, answer.text

    auction = acted_before_its_end(installation, bid, seconds=8, seats=1)
    alice = of(phone, person).sign_in("/me")
    authenticator(alice.page)
    add_passkey(alice)
    wait_until(lambda: shown(installation, auction)["state"] == "settled", "a settled auction")
    forget_proofs(installation)
    alice.open("/me/tickets")
    alice.page.click("form[action$='/buy'] button")
    alice.page.wait_for_url("**/awards/*/confirm")
    expect(alice.page.locator("main")).to_contain_text("120,000원")
    check(alice)
    alice.page.click("[data-passkey] button")
    alice.page.wait_for_url("**/me/tickets")
    expect(alice.page.locator(".award-bought")).to_be_visible()


def forget_proofs(installation: Installation) -> None:
    """Let every session have proved its second factor long ago."""
    with sqlite3.connect(Path(installation.folder) / "installation.db", timeout=20) as connection:
        connection.execute("UPDATE sign_ins SET proved_at = '2020-01-01 00:00:00.000000'")
    connection.close()
