"""What strangers are told about the installation: alive, ready or not, and where to report a weakness."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from cashticket import config, create_app
from cashticket.config import SettingsError
from tests.fixtures.people import Browser
from tests.staging.rows import add_concert

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PASSED_ON = [{"X-Forwarded-For": "10.0.0.5"}, {"Forwarded": "for=127.0.0.1"}]
PRIVATE = ["127.0.0.1", "10.1.2.3", "172.18.0.4", "192.168.7.7", "fd00::7", "::1", "::ffff:10.1.2.3", ""]
PUBLIC = ["203.0.114.9", "8.8.8.8", "2001:4860:4860::8888", "::ffff:8.8.8.8", "who knows"]


def asked_from(client: Browser, address: str, path: str, headers: dict[str, str] | None = None) -> tuple[int, str]:
    answer = client.get(path, headers=headers, environ_overrides={"REMOTE_ADDR": address})
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.parametrize("address", PRIVATE)
def test_the_inside_sees_every_part_and_every_figure(client: Browser, address: str) -> None:
    assert "live_store" in asked_from(client, address, "/readyz")[1]
    assert "cashticket_live_store_up" in asked_from(client, address, "/metrics")[1]


@pytest.mark.parametrize("address", PUBLIC)
def test_the_outside_sees_ready_or_not(client: Browser, address: str) -> None:
    assert asked_from(client, address, "/readyz") == (200, '{"status": "ok"}')
    status, text = asked_from(client, address, "/metrics")
    assert status == 404 and "cashticket_" not in text


@pytest.mark.parametrize("proxies", [0, 1])
@pytest.mark.parametrize("headers", PASSED_ON)
def test_whoever_comes_through_a_proxy_is_outside(
    settings: config.Settings, proxies: int, headers: dict[str, str]
) -> None:
    app = create_app(replace(settings, proxies=proxies))
    app.test_client_class = Browser
    client = app.test_client()
    assert asked_from(client, "127.0.0.1", "/readyz", headers) == (200, '{"status": "ok"}')
    assert asked_from(client, "127.0.0.1", "/metrics", headers)[0] == 404


def test_the_outside_is_told_of_no_missing_part(settings: config.Settings) -> None:
    app = create_app(replace(settings, redis_url="unix:///nowhere.sock"))
    app.test_client_class = Browser
    assert asked_from(app.test_client(), "8.8.8.8", "/readyz") == (503, '{"status": "unready"}')


class TestSecurityTxt:
    def told(self, client: Browser) -> dict[str, str]:
        answer = client.get("/.well-known/security.txt")
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/plain; charset=utf-8")
        return dict(row.split(": ", 1) for row in answer.get_data(as_text=True).splitlines())

    def test_it_names_the_mailbox_of_the_site(self, settings: config.Settings) -> None:
        app = create_app(replace(settings, base_url="https://tickets.example:8443"))
        app.test_client_class = Browser
        told = self.told(app.test_client())
        assert told["Contact"] == "mailto:security@tickets.example"
        assert told["Canonical"] == "https://tickets.example:8443/.well-known/security.txt"
        assert told["Preferred-Languages"] == "ko, en"

    def test_it_names_the_contact_that_is_set(self, settings: config.Settings) -> None:
        app = create_app(replace(settings, security_contact="https://tickets.example/report"))
        app.test_client_class = Browser
        assert self.told(app.test_client())["Contact"] == "https://tickets.example/report"

    def test_it_is_good_for_months_and_less_than_a_year(self, client: Browser) -> None:
        expires = datetime.fromisoformat(self.told(client)["Expires"])
        assert timedelta(days=90) < expires - datetime.now(UTC) < timedelta(days=365)

    def test_a_contact_that_is_no_address_is_refused_at_the_start(self, settings: config.Settings) -> None:
        with pytest.raises(SettingsError, match="SECURITY_CONTACT"):
            config.load({"SECURITY_CONTACT": "call us"}, settings.instance)


def test_search_engines_leave_personal_pages_alone(app: Flask, client: Browser) -> None:
    text = client.get("/robots.txt").get_data(as_text=True)
    unlisted = re.findall(r"^Disallow: (\S+)$", text, re.MULTILINE)
    assert {"/me", "/login", "/auctions/*/confirm"} <= set(unlisted)
    paths = [rule.rule.replace("<int(max=9007199254740991):auction_id>", "*") for rule in app.url_map.iter_rules()]
    assert all(any(path.startswith(each) for path in paths) for each in unlisted), "a path that does not exist"


def test_a_drawn_poster_names_its_characters(client: Browser, app: Flask) -> None:
    answer = client.get(f"/concerts/{add_concert().id}/poster.svg")
    assert answer.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    with client.get("/static/icon.svg") as icon:
        assert icon.headers["Content-Type"] == "image/svg+xml; charset=utf-8"


@pytest.mark.parametrize("path", ["/login", "/login?next=/auctions/7%3Famount%3D1", "/signup", "/reset"])
def test_the_way_to_sign_in_does_not_grow_with_each_click(client: Browser, path: str) -> None:
    def link_on(page: str) -> str:
        found = re.search(r'href="(/login[^"]*)"', client.get(page).get_data(as_text=True))
        assert found
        return found[1]

    assert link_on(link_on(path)) == link_on(path)
    assert link_on(path) == ("/login?next=/auctions/7%3Famount%3D1" if "next" in path else "/login")
