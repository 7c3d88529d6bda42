"""Pushes as a phone shows them: what the pages promise, what the real worker sends, and what the service worker shows.

Chromium has no push service in a test, so the address at which it is reached is one of this machine, with keys of the
test; what arrived there is handed to the browser as its push service would. Everything else is real.
"""

import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import CDPSession, Page, expect

from cashticket.notify.vapid_keys import make_pair
from lab.servers.installation import Installation, ServerProcess, WebProcess
from lab.waiting import wait_until
from tests.browser.axe import violations
from tests.browser.evening import Phones, bid, until
from tests.fixtures.browser import DESKTOP, Phone
from tests.staging.push_service import Phone as Receiver
from tests.staging.push_service import PushService, running_push_service

pytestmark = [pytest.mark.parametrize("installation", ["sqlite"], indirect=True), pytest.mark.sweep]

SETTINGS = "/me/notifications/settings"
RING, PROMISE = "#ring button", "#ring [role=status]"
# What the browser's push service would hand out. It outlives a page, as a subscription does.
REACHED_HERE = """
  (() => {
    const { endpoint, keys } = %s;
    const mine = {
      endpoint, toJSON: () => ({ endpoint, keys }),
      unsubscribe: async () => { sessionStorage.removeItem("subscribed"); return true; },
    };
    PushManager.prototype.subscribe = async () => { sessionStorage.setItem("subscribed", "yes"); return mine; };
    PushManager.prototype.getSubscription = async () => (sessionStorage.getItem("subscribed") ? mine : null);
  })();
"""
NOTIFICATIONS = """
  async () => (await (await navigator.serviceWorker.ready).getNotifications())
    .map(({ title, body, tag, data }) => ({ title, body, tag, link: data.link }))
"""


@dataclass
class Site:
    """A web process and a worker that can push, beside the installation that cannot."""

    web: WebProcess
    service: PushService


@pytest.fixture(scope="module")
def site(installation: Installation) -> Iterator[Site]:
    public, private = make_pair()
    with running_push_service() as service:
        keys = {"VAPID_PUBLIC_KEY": public, "VAPID_PRIVATE_KEY": private, "PUSH_HOSTS": service.origin}
        environment = installation.environment | keys
        web = WebProcess("web-push", environment, installation.folder)
        worker = ServerProcess("worker-push", [sys.executable, "worker.py", "push"], environment, installation.folder)
        web.start()
        worker.start()
        try:
            wait_until(web.is_ready, "the web process that can push")
            yield Site(web, service)
        finally:
            web.stop()
            worker.stop()


@pytest.fixture
def reachable(site: Site, phone: Phones) -> Callable[[str, str], tuple[Phone, Receiver]]:
    """Signs somebody in on a device that may show notifications and is reached at the test's push service."""

    def make(name: str, path: str) -> tuple[Phone, Receiver]:
        receiver = Receiver(site.service, f"/push/{uuid4().hex}")
        made = phone(name, screen=DESKTOP)
        made.web = site.web
        made.page.context.grant_permissions(["notifications"], origin=site.web.url)
        reached = {name: value for name, value in receiver.fields.items() if name != "lang"}
        keys = {"endpoint": reached["endpoint"], "keys": {"p256dh": reached["p256dh"], "auth": reached["auth"]}}
        made.page.add_init_script(REACHED_HERE % json.dumps(keys))
        return made.sign_in(path), receiver

    return make


def hand_over(page: Page, origin: str, message: dict[str, Any]) -> None:
    """Give a push to the service worker of a page, as a push service does."""
    session = page.context.new_cdp_session(page)
    session.send("ServiceWorker.deliverPushMessage", {
        "origin": origin, "registrationId": registration_of(page, session, origin), "data": json.dumps(message)
    })  # fmt: skip


def registration_of(page: Page, session: CDPSession, origin: str) -> str:
    """The number under which Chromium knows the service worker of a site."""
    known: list[str] = []

    def hear(update: dict[str, Any]) -> None:
        known.extend(each["registrationId"] for each in update["registrations"] if each["scopeURL"] == f"{origin}/")

    session.on("ServiceWorker.workerRegistrationUpdated", hear)
    session.send("ServiceWorker.enable")
    page.wait_for_function("navigator.serviceWorker.ready")
    wait_until(lambda: page.evaluate("1") and known, "a registration")
    return known[-1]


def test_a_closed_page_is_told_of_being_outbid_and_the_notification_leads_back(
    installation: Installation, auction: int, site: Site, reachable: Callable[[str, str], tuple[Phone, Receiver]]
) -> None:
    bid(installation, "alice", auction, 100_000)
    made, receiver = reachable("alice", f"/auctions/{auction}")
    page = made.page
    until(page, "winning")
    page.click(RING)
    expect(page.locator(PROMISE)).to_contain_text("닫아도")
    # An answer without a page: while any page is open, that is told and nothing is pushed.
    page.goto(f"{site.web.url}/healthz")
    bid(installation, "bob", auction, 110_000)
    [message] = wait_until(receiver.shown, "a push")
    assert "밀려" in message["title"] and message["link"] == f"/auctions/{auction}#bid"
    hand_over(page, site.web.url, message)
    [shown] = wait_until(lambda: page.evaluate(NOTIFICATIONS), "a notification")
    assert shown["title"] == message["title"] and shown["link"] == message["link"]
    # A newer one of the auction takes its place.
    hand_over(page, site.web.url, message | {"id": message["id"] + 1, "title": "다시 밀려났어요"})
    wait_until(lambda: [each["title"] for each in page.evaluate(NOTIFICATIONS)] == ["다시 밀려났어요"], "the newer one")


@pytest.mark.parametrize(
    ("link", "opened"),
    [
        ("/me/tickets", "/me/tickets"),
        ("https://evil.example/login", "/me/notifications"),
        ("//evil.example/login", "/me/notifications"),
        ("javascript:alert(1)", "/me/notifications"),
    ],
)
def test_a_notification_opens_pages_of_ours_alone(
    site: Site, reachable: Callable[[str, str], tuple[Phone, Receiver]], link: str, opened: str
) -> None:
    made, _ = reachable("bob", SETTINGS)
    made.page.click("[data-push-turn=on]")
    expect(made.page.locator("[data-push-state=on]")).to_be_visible()
    [worker] = wait_until(lambda: made.page.context.service_workers, "the service worker")
    address = worker.evaluate("(link) => ours(link).href", link)
    assert address == f"{site.web.url}{opened}"


def test_the_settings_turn_this_device_on_and_off_again(
    installation: Installation, site: Site, reachable: Callable[[str, str], tuple[Phone, Receiver]]
) -> None:
    made, _ = reachable("carol", SETTINGS)
    page = made.page
    expect(page.locator("[data-push-state=off]")).to_be_visible()
    page.click("[data-push-turn=on]")
    expect(page.locator("[data-push-state=on]")).to_be_visible()
    assert not violations(page) and made.overflow() <= 0
    made.open(SETTINGS)
    expect(page.locator("[data-push-state=on]")).to_be_visible()
    expect(page.locator(f"form[action='{SETTINGS}']")).to_be_visible()
    expect(page.locator("form[action$='/devices/remove']")).to_be_visible()
    page.click("[data-push-turn=off]")
    expect(page.locator("[data-push-state=off]")).to_be_visible()
    made.open(SETTINGS)
    expect(page.locator("form[action$='/devices/remove']")).to_have_count(0)


def test_where_the_site_has_no_key_the_ring_promises_nothing_for_a_closed_page(
    installation: Installation, auction: int, phone: Phones
) -> None:
    bid(installation, "alice", auction, 100_000)
    made = phone("alice")
    made.page.context.grant_permissions(["notifications"], origin=made.web.url)
    until(made.sign_in(f"/auctions/{auction}").page, "winning")
    made.page.click(RING)
    expect(made.page.locator(PROMISE)).not_to_be_empty()
    expect(made.page.locator(PROMISE)).not_to_contain_text("닫아도")
    made.open(SETTINGS)
    expect(made.page.locator("#push-device")).to_have_count(0)


def test_topics_are_chosen_without_javascript_on_a_narrow_screen(installation: Installation, phone: Phones) -> None:
    made = phone("alice", scripts=False, screen={"width": 280, "height": 600}).sign_in(SETTINGS)
    box = made.page.locator("input[name=mail][value=result]")
    box.uncheck()
    made.page.click(f"form[action='{SETTINGS}'] button[type=submit]")
    expect(box).not_to_be_checked()
    assert made.overflow() <= 0
    box.check()
    made.page.click(f"form[action='{SETTINGS}'] button[type=submit]")
    expect(box).to_be_checked()
