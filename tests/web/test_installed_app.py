"""The site as an app of a phone: its manifest, its icons, and the script that shows pushes."""

import pytest

from tests.fixtures.people import Browser

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

WORKER = "/service-worker.js"


def test_the_manifest_names_the_app_in_korean_and_begins_at_home(client: Browser) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.content_type == "application/manifest+json; charset=utf-8"
    manifest = answer.get_json(force=True)
    assert "석 경매" in manifest["name"] and manifest["lang"] == "ko"
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    purposes = {each.get("purpose", "any") for each in manifest["icons"]}
    assert purposes == {"any", "maskable"} and {"192x192", "512x512"} <= {each["sizes"] for each in manifest["icons"]}


def test_every_icon_of_the_manifest_is_served(client: Browser) -> None:
    for icon in client.get("/manifest.webmanifest").get_json(force=True)["icons"]:
        with client.get(icon["src"]) as answer:
            assert (answer.status_code, answer.mimetype) == (200, icon["type"]), icon["src"]


def test_every_page_names_the_manifest(client: Browser) -> None:
    for path in ("/", "/login", "/concerts/"):
        assert '<link rel="manifest" href="/manifest.webmanifest">' in client.get(path).get_data(as_text=True)


def test_the_service_worker_speaks_for_all_pages_and_is_not_kept_for_long(client: Browser) -> None:
    answer = client.get(WORKER)
    assert (answer.status_code, answer.content_type) == (200, "text/javascript; charset=utf-8")
    assert answer.headers["Service-Worker-Allowed"] == "/" and answer.cache_control.max_age <= 60
    again = client.get(WORKER, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    text = answer.get_data(as_text=True)
    for event in ("push", "notificationclick", "pushsubscriptionchange"):
        assert f'addEventListener("{event}"' in text


def test_the_service_worker_keeps_no_page(client: Browser) -> None:
    """A price that it kept would be shown as if it were the present one."""
    text = client.get(WORKER).get_data(as_text=True)
    assert 'addEventListener("fetch"' not in text and "caches" not in text


def test_what_a_phone_asks_for_by_itself_is_the_same_for_everybody(client: Browser, alice: Browser) -> None:
    for path in ("/manifest.webmanifest", WORKER):
        stranger, member = client.get(path), alice.get(path)
        assert stranger.data == member.data and "Set-Cookie" not in member.headers
        assert "public" in member.headers["Cache-Control"] and "Cookie" not in member.headers.get("Vary", "")
