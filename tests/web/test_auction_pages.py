"""The auction's pages: what each of the four people sees, what the pieces promise, and what no page contains."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Person
from cashticket.models.units import in_one_unit
from cashticket.wiring import current_engine
from tests.fixtures.people import Browser, sign_in, sign_in_unconfirmed
from tests.staging.auctions import HOUR_MS, open_auction
from tests.web.bidding import PIECE, counting, send

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


@pytest.fixture
def signed_in(browser: Callable[[], Browser], people: dict[str, Person]) -> Callable[[str], Browser]:
    return lambda name: sign_in(browser(), name)


@pytest.fixture
def concert(auction: int) -> int:
    """The concert of the auction."""
    return int(in_one_unit(lambda session: session.get_one(Auction, auction).concert_id))


def text(browser: Browser, path: str, status: int = 200, headers: dict[str, str] | None = None) -> str:
    answer = browser.get(path, headers=headers or {})
    assert answer.status_code == status, answer.get_data(as_text=True)
    return answer.get_data(as_text=True)


def position(page: str) -> str:
    match = re.search(r'data-position="(\w+)"', page)
    assert match
    return match.group(1)


# The page


def test_a_stranger_sees_prices_and_is_asked_to_sign_in(auction: int, client: Browser) -> None:
    answer = client.get(f"/auctions/{auction}")
    page = answer.get_data(as_text=True)
    assert position(page) == "watching" and 'id="board"' in page and "100,000원" in page
    assert f'href="/login?next=/auctions/{auction}"' in page
    assert "csrf" not in page and "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_everybody_reads_their_own_standing(auction: int, signed_in: Callable[[str], Browser]) -> None:
    alice, bob, carol = signed_in("alice"), signed_in("bob"), signed_in("carol")
    for browser, amount in ((alice, 100_000), (bob, 110_000), (carol, 105_000)):
        assert send(browser, auction, amount).status_code == 201
    pages = {
        name: text(each, f"/auctions/{auction}/standing") for name, each in (("a", alice), ("b", bob), ("c", carol))
    }
    assert [position(pages[name]) for name in "abc"] == ["out", "winning", "winning"]
    # Alice holds 100,000 and must pass carol's 105,000 by a step.
    assert "10,000원 부족" in pages["a"] and pages["a"].count("pip-spent") == 1


@pytest.mark.parametrize("query", ["", "?lang=ko&with=account"])
def test_the_standing_introduces_the_person_so_that_the_bid_needs_no_sql(
    auction: int, signed_in: Callable[[str], Browser], query: str
) -> None:
    bob = signed_in("bob")
    text(bob, f"/auctions/{auction}/standing{query}")
    form = {"amount": 100_000, "request_id": "r1", "csrf_token": bob.token("/no-such-page")}
    with counting() as counted:
        assert bob.post(f"/auctions/{auction}/bids", data=form).status_code == 303
    assert counted["sql"] == 0


def test_a_scheduled_auction_has_its_form_already_and_says_when_it_opens(app: Flask, client: Browser) -> None:
    page = text(client, f"/auctions/{open_auction(starts_in_ms=HOUR_MS)}")
    assert position(page) == "scheduled" and 'data-phase="scheduled"' in page
    assert re.search(r'<button[^>]*type="submit"\s+aria-disabled="true">다음<', page) and 'id="amount"' in page
    assert "지금 로그인하기" in page and "30일" in page


def test_the_rules_say_whether_the_end_can_move(app: Flask, client: Browser) -> None:
    fixed = text(client, f"/auctions/{open_auction(soft_close_seconds=0)}")
    moving = text(client, f"/auctions/{open_auction(soft_close_seconds=120, soft_close_cap_seconds=1800)}")
    assert "연장되지 않아요" in fixed and "연장되지 않아요" not in moving
    assert "2분" in moving and "30분" in moving


def test_an_auction_the_store_lost_is_explained_on_the_page_and_503(app: Flask, client: Browser) -> None:
    lost = open_auction(in_engine=False)
    answer = client.get(f"/auctions/{lost}")
    assert answer.status_code == 503 and "Retry-After" in answer.headers
    assert "한여름 밤의 공연" in answer.get_data(as_text=True)
    for piece in ("board", "standing"):
        text(client, f"/auctions/{lost}/{piece}", 503)


def test_a_soft_closed_or_plain_end_is_told_to_the_clock_in_milliseconds(auction: int, client: Browser) -> None:
    ends_at_ms = current_engine().read(auction).ends_at_ms
    page = text(client, f"/auctions/{auction}")
    assert page.count(f'data-ends-at-ms="{ends_at_ms}"') == 2
    assert re.search(r'role="timer"[^>]*data-now-ms="\d{13}"', page)


@pytest.mark.parametrize(
    ("starts_in_ms", "label", "moment"),
    [(-HOUR_MS, "남은 시간", "마감"), (HOUR_MS, "시작까지", "시작")],
    ids=["open", "scheduled"],
)
def test_the_clock_says_what_it_counts_and_when_that_is(
    app: Flask, client: Browser, starts_in_ms: int, label: str, moment: str
) -> None:
    page = text(client, f"/auctions/{open_auction(starts_in_ms=starts_in_ms)}")
    clock = page[page.index('id="clock"') : page.index('id="standing"')]
    labels = re.findall(r'class="clock-label clock-\w+">([^<]+)<', clock)
    moments = re.findall(r"\d\d:\d\d:\d\d</time> (\w+)<", clock)
    # The first of each is the one that is shown now.
    assert (labels[0], moments[0]) == (label, moment)


# The pieces


def test_the_board_reads_no_session_and_may_be_cached(auction: int, signed_in: Callable[[str], Browser]) -> None:
    alice = signed_in("alice")
    send(alice, auction, 120_000)
    with counting() as counted:
        answer = alice.get(f"/auctions/{auction}/board?lang=en")
    board = answer.get_data(as_text=True)
    assert board.lstrip().startswith('<section id="board"') and "₩120,000" in board
    assert counted == {"sql": 0, "redis": 1}
    assert answer.headers["Cache-Control"] == "public, max-age=1"
    assert "Cookie" not in answer.headers.get("Vary", "") and "Set-Cookie" not in answer.headers


def test_the_board_shows_aliases_and_never_a_person(
    auction: int, people: dict[str, Person], signed_in: Callable[[str], Browser], client: Browser
) -> None:
    send(signed_in("alice"), auction, 120_000)
    board = text(client, f"/auctions/{auction}/board")
    assert re.search(r'data-alias="[0-9A-Z]{6}"', board)
    assert "alice" not in board.lower() and "example.com" not in board


def test_the_standing_piece_is_the_one_on_the_page(auction: int, signed_in: Callable[[str], Browser]) -> None:
    alice = signed_in("alice")
    send(alice, auction, 100_000)
    piece = text(alice, f"/auctions/{auction}/standing", headers=PIECE)
    page = text(alice, f"/auctions/{auction}/standing?with=account")
    assert page.strip().startswith(piece.strip()) and "data-alert" not in piece + page


def test_accepted_becomes_recorded_once_the_ledger_has_it(
    app: Flask, auction: int, signed_in: Callable[[str], Browser]
) -> None:
    alice = signed_in("alice")
    send(alice, auction, 100_000)
    accepted = text(alice, f"/auctions/{auction}/standing")
    assert "mark-accepted" in accepted and "접수됐어요" in accepted
    record_waiting(app.extensions["engine"], auction)
    recorded = text(alice, f"/auctions/{auction}/standing")
    assert "mark-recorded" in recorded and "기록됐어요" in recorded
    assert "확정" not in accepted + recorded, "reads as: your seat is confirmed"


def test_a_rank_stands_beside_the_number_of_seats_and_is_no_fraction(
    auction: int, signed_in: Callable[[str], Browser]
) -> None:
    alice = signed_in("alice")
    send(alice, auction, 100_000)
    paths = (f"/auctions/{auction}/standing", f"/auctions/{auction}/confirm?amount=110000", "/me/bids")
    for page in (text(alice, path) for path in paths):
        assert "1위 (VIP 2석)" in page and "위 /" not in page


@pytest.mark.parametrize(
    ("amounts", "enough"), [((), "100,000"), ((120_000,), "100,000"), ((120_000, 130_000), "125,000")]
)
def test_a_watcher_reads_what_it_takes_to_win_now_also_while_seats_are_free(
    auction: int, client: Browser, signed_in: Callable[[str], Browser], amounts: tuple[int, ...], enough: str
) -> None:
    for name, amount in zip(("alice", "bob"), amounts, strict=False):
        send(signed_in(name), auction, amount)
    page = text(client, f"/auctions/{auction}")
    # On the board, and in the state line that repeats it.
    assert page.count(f"지금은 {enough}원부터 낙찰 순위 안이에요.") >= 2


# The review


def test_the_review_says_amount_rank_and_price_of_the_chance(auction: int, signed_in: Callable[[str], Browser]) -> None:
    alice = signed_in("alice")
    page = text(alice, f"/auctions/{auction}/confirm?amount=150,000")
    assert "입찰 내용 확인" in page and "150,000원" in page and "십오만 원" in page and "1위" in page
    fields = dict(re.findall(r'name="(amount|request_id)" value="([^"]+)"', page))
    assert fields["amount"] == "150000" and re.fullmatch(r"[A-Za-z0-9_-]{16,64}", fields["request_id"])
    again = text(alice, f"/auctions/{auction}/confirm?amount=150000")
    assert fields["request_id"] not in again, "every review is a request of its own"
    assert current_engine().read(auction).sequence == 0, "looking at the review bids nothing"


def test_the_review_warns_outside_the_seats_and_far_above_the_cut_off(
    auction: int, signed_in: Callable[[str], Browser]
) -> None:
    for name, amount in (("alice", 200_000), ("bob", 210_000)):
        send(signed_in(name), auction, amount)
    carol = signed_in("carol")
    low, enough, far = (text(carol, f"/auctions/{auction}/confirm?amount={n}") for n in (150_000, 205_000, 405_000))
    assert "notice-warning" in low and "205,000원 이상" in low
    assert "btn-outline-secondary btn-wide" in low and "그래도 대기로 150,000원 입찰하기" in low
    assert "btn-primary btn-wide" in enough and "그래도" not in enough
    assert re.findall(r'class="notice notice-warning"(?! role)', enough) == []
    assert "두 배" in far


def test_the_review_says_what_a_winner_pays_where_it_is_not_the_own_bid(
    auction: int, signed_in: Callable[[str], Browser]
) -> None:
    alice = signed_in("alice")
    uniform = open_auction(pricing="uniform")
    assert "가장 낮은 낙찰가를 결제" in text(alice, f"/auctions/{uniform}/confirm?amount=150000")
    assert "가장 낮은" not in text(alice, f"/auctions/{auction}/confirm?amount=150000")


@pytest.mark.parametrize(
    ("typed", "status", "says"),
    [("90000", 200, "100,000원"), ("102500", 200, "5,000원"), ("abc", 400, "150,000"), ("", 400, "150,000")],
)
def test_the_review_foresees_a_refusal_and_offers_no_button(
    auction: int, signed_in: Callable[[str], Browser], typed: str, status: int, says: str
) -> None:
    page = text(signed_in("alice"), f"/auctions/{auction}/confirm?amount={typed}", status)
    assert says in page and "notice-error" in page and f'action="/auctions/{auction}/bids"' not in page


def test_the_review_tells_an_unverified_person_what_is_missing(auction: int, browser: Callable[[], Browser]) -> None:
    page = text(sign_in_unconfirmed(browser(), "dave"), f"/auctions/{auction}/confirm?amount=100000")
    assert "이메일 인증" in page and f'action="/auctions/{auction}/bids"' not in page


def test_a_stranger_signs_in_before_the_review_and_comes_back_to_it(auction: int, client: Browser) -> None:
    answer = client.get(f"/auctions/{auction}/confirm?amount=100000")
    assert answer.status_code == 303 and answer.location.startswith("/login?next=")
    assert "confirm%3Famount%3D100000" in answer.location


def test_typed_text_is_escaped(auction: int, signed_in: Callable[[str], Browser]) -> None:
    page = text(signed_in("mallory"), f"/auctions/{auction}/confirm?amount=<script>alert(1)</script>", 400)
    assert "<script>alert" not in page


# The results


def test_results_show_ranks_and_seats_by_alias_and_nobodys_place_in_line(settled_auction: int, client: Browser) -> None:
    page = text(client, f"/auctions/{settled_auction}/results")
    assert page.index("150,000원") < page.index("140,000원") < page.index("130,000원")
    assert page.index("VIP-1") < page.index("VIP-2") and "대기 1번" not in page
    assert not any(name in page.lower() for name in ("alice", "bob", "carol"))


def test_an_ended_auction_not_in_the_live_store_redirects_to_its_results(settled_auction: int, client: Browser) -> None:
    assert client.get(f"/auctions/{settled_auction}").location == f"/auctions/{settled_auction}/results"


def test_there_are_no_results_before_the_settlement(auction: int, client: Browser) -> None:
    assert client.get(f"/auctions/{auction}/results").location == f"/auctions/{auction}"


def test_a_voided_auction_says_so(settled_auction: int, client: Browser) -> None:
    in_one_unit(lambda session: setattr(session.get_one(Auction, settled_auction), "state", "voided"))
    assert "주최사가 이 경매를 무효로 처리했어요" in text(client, f"/auctions/{settled_auction}/results")


# The catalogue


def test_the_catalogue_is_shown_to_strangers_without_a_cookie(concert: int, client: Browser) -> None:
    for path in ("/", "/concerts/", f"/concerts/{concert}"):
        answer = client.get(path)
        assert answer.status_code == 200 and "한여름 밤의 공연" in answer.get_data(as_text=True), path
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", ""), path
    assert client.get("/concerts/999999").status_code == 404


@pytest.mark.parametrize(
    ("words", "is_shown"), [("한여름", True), ("seoul 올림픽", True), ("겨울", False), ("%", False)]
)
def test_a_search_looks_for_every_word_literally(concert: int, client: Browser, words: str, is_shown: bool) -> None:
    page = client.get("/concerts/", query_string={"q": words}).get_data(as_text=True)
    assert (f'href="/concerts/{concert}"' in page) is is_shown
