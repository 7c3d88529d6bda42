"""What mallory tries at the doors, from outside and with an account of her own, and what she gets for it."""

from collections.abc import Iterator

import pytest
import websocket

from lab.servers.installation import Installation, WebProcess
from lab.waiting import PATIENCE_SECONDS
from tests.staging.installation import add_user, open_auction, shown
from tests.story.visitor import HTMX, JSON, Visitor
from tests.story.watching import elements, watching

# Nothing that is refused here is stored; the doors' own tests are on both databases.
pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

FOREIGN = "https://evil.example"


@pytest.fixture(scope="module")
def quiet_auction(installation: Installation, concert: int) -> Iterator[int]:
    """An auction in which none of these attempts may become a bid."""
    auction = open_auction(installation, concert, seats=1)
    yield auction
    facts = shown(installation, auction)
    assert (facts["accepted"], facts["bidders"]) == (0, 0)


def test_bidding_without_a_session_is_401_and_leads_browsers_to_the_sign_in(
    installation: Installation, quiet_auction: int
) -> None:
    stranger, web = Visitor("mallory"), installation.webs[0]
    path, fields = f"/auctions/{quiet_auction}/bids", {"amount": 100_000, "request_id": "r"}
    assert stranger.post(web, path, fields, JSON).status == 401
    piece = stranger.post(web, path, fields, HTMX)
    assert (piece.status, piece.headers["HX-Redirect"].startswith("/login")) == (204, True)
    plain = stranger.post(web, path, fields)
    assert (plain.status, plain.headers["Location"].startswith("/login")) == (303, True)


def test_bidding_without_the_token_or_with_another_sessions_token_is_400(
    installation: Installation, quiet_auction: int, mallory: Visitor, alice: Visitor
) -> None:
    web, path = installation.webs[0], f"/auctions/{quiet_auction}/bids"
    fields = {"amount": 100_000, "request_id": "r"}
    assert mallory.post(web, path, fields, JSON).status == 400
    for token in ("", "made-up", alice.token(web)):
        assert mallory.post(web, path, fields | {"csrf_token": token}, JSON).status == 400


@pytest.mark.parametrize("headers", [{"Origin": FOREIGN}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_bid_sent_by_a_foreign_page_is_400_even_with_the_token(
    installation: Installation, quiet_auction: int, mallory: Visitor, headers: dict[str, str]
) -> None:
    web = installation.webs[1]
    fields = {"amount": 100_000, "request_id": "r", "csrf_token": mallory.token(web)}
    assert mallory.post(web, f"/auctions/{quiet_auction}/bids", fields, JSON | headers).status == 400


@pytest.mark.parametrize("origin", [FOREIGN, "null", "http://127.0.0.1:1", "https://127.0.0.1"])
def test_a_foreign_page_gets_no_socket(
    installation: Installation, quiet_auction: int, mallory: Visitor, origin: str
) -> None:
    for cookie in (None, mallory.cookie_header()):
        assert _refusal(installation.webs[0], quiet_auction, origin, cookie) == 403


def test_a_forged_or_broken_session_gets_no_socket(
    installation: Installation, quiet_auction: int, mallory: Visitor
) -> None:
    web = installation.webs[0]
    name, value = next(iter(mallory.cookies.items()))
    forged = f"{name}={value[:-4]}AAAA"
    assert _refusal(web, quiet_auction, web.url, forged) == 401
    assert Visitor("mallory", {name: forged}).get(web, "/me/tickets").status == 303


def test_a_socket_tells_and_never_listens(installation: Installation, quiet_auction: int) -> None:
    with watching(Visitor("mallory"), installation.webs[0], quiet_auction) as watch:
        with pytest.raises((AssertionError, OSError, websocket.WebSocketException)):
            for _ in range(100):
                watch.send("<div data-alert='rank-out'>")
            watch.until(lambda frame: False, "an end")
        assert all("rank-out" not in frame for frame in watch.frames)


def test_other_peoples_awards_are_404(installation: Installation) -> None:
    web = installation.webs[0]
    # Of the others, somebody may have won a seat in a test before this one.
    add_user(installation, "mallory-too")
    thief = Visitor("mallory-too").sign_in(web)
    headers = JSON | {"X-CSRFToken": thief.token(web)}
    for award in (1, 999_999):
        for verb in ("buy", "decline", "cancel"):
            assert thief.post(web, f"/awards/{award}/{verb}", {}, headers).status == 404


def test_pieces_and_pages_carry_no_alert_and_no_name(
    installation: Installation, quiet_auction: int, mallory: Visitor
) -> None:
    web = installation.webs[1]
    for path in ("", "/board", "/standing"):
        text = mallory.page(web, f"/auctions/{quiet_auction}{path}")
        assert not [each for each in elements(text) if "data-alert" in each]
        assert "alice" not in text.lower() and "@example.com" not in text


def test_a_session_signed_out_elsewhere_bids_no_more(installation: Installation, quiet_auction: int) -> None:
    first, second = installation.webs
    mallory = Visitor("mallory").sign_in(first)
    fields = {"amount": 100_000, "request_id": "r", "csrf_token": mallory.token(first)}
    kept = Visitor("mallory", dict(mallory.cookies))
    assert mallory.post(second, "/logout", {"csrf_token": fields["csrf_token"]}).status == 303
    assert kept.post(first, f"/auctions/{quiet_auction}/bids", fields, JSON).status == 401


def _refusal(web: WebProcess, auction: int, origin: str, cookie: str | None) -> int:
    """The status that a handshake was refused with."""
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(
            f"ws://127.0.0.1:{web.port}/auctions/{auction}/live", timeout=PATIENCE_SECONDS, origin=origin, cookie=cookie
        )
    return int(refused.value.status_code)
