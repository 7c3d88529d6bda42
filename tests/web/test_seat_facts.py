"""What is announced of the seats stands wherever a seat is looked at, in both languages, and before the opening."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from cashticket.extensions import db
from cashticket.locale import SEOUL
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.settlement import awards
from cashticket.wiring import page_cache
from tests.fixtures.people import Browser, sign_in
from tests.staging.auctions import HOUR_MS, open_auction
from tests.staging.settlement import award_of

FACTS = {"zone": "A구역", "view": "무대 <b>정면</b>", "benefits": "사운드체크", "face_price": 150_000}
SHOWN = {
    "ko": ["구역: A구역", "시야: 무대 &lt;b&gt;정면&lt;/b&gt;", "혜택: 사운드체크", "정가: 150,000원"],
    "en": ["Zone: A구역", "View: 무대 &lt;b&gt;정면&lt;/b&gt;", "Benefits: 사운드체크", "Face price: ₩150,000"],
}
BEST = {"ko": "1위가 가장 좋은 자리", "en": "no. 1 gets the best seat"}


def announce(auction_id: int, facts: dict[str, Any]) -> None:
    row = update(Auction).where(Auction.id == auction_id).values(**facts)
    in_one_unit(lambda session: session.execute(row))
    page_cache().drop()


def text_of(browser: Browser, path: str, language: str) -> str:
    answer = browser.get(f"{path}?lang={language}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def facts_on(text: str) -> list[list[str]]:
    """Each list of facts about seats on the page, in the order in which they stand there."""
    lists = re.findall(r'<dl class="facts seat-facts">(.*?)</dl>', text, re.DOTALL)
    return [[": ".join(pair) for pair in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", each)] for each in lists]


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("starts_in_ms", [-HOUR_MS, HOUR_MS])
def test_whoever_looks_at_an_auction_reads_what_its_seats_are(
    client: Browser, people: dict[str, Person], language: str, starts_in_ms: int
) -> None:
    auction = open_auction(starts_in_ms=starts_in_ms, **FACTS)
    concert = db.session.get_one(Auction, auction).concert_id
    page = text_of(client, f"/auctions/{auction}", language)
    assert facts_on(page) == facts_on(text_of(client, f"/concerts/{concert}", language)) == [SHOWN[language]]
    assert BEST[language] in page


@pytest.mark.parametrize(
    ("language", "texts"),
    [
        ("ko", ["48시간 안에 구매", "제안은 6시간 동안", "밤 0시~8시에 끝나지 않아요"]),
        ("en", ["buy within 48 hours", "open for 6 hours", "never ends between 00:00 and 08:00"]),
    ],
)
def test_the_rules_of_an_auction_say_how_long_one_may_buy(
    client: Browser, people: dict[str, Person], language: str, texts: list[str]
) -> None:
    auction = open_auction(purchase_hours=48, offer_hours=6)
    deadline = db.session.get_one(Auction, auction).concert.cancel_until
    page = text_of(client, f"/auctions/{auction}", language)
    for text in (*texts, f"{deadline.astimezone(SEOUL):%H:%M}"):
        assert text in page


@pytest.mark.parametrize("language", ["ko", "en"])
def test_results_and_tickets_say_it_too(
    browser: Callable[[], Browser], people: dict[str, Person], settled_auction: int, language: str
) -> None:
    announce(settled_auction, FACTS)
    award = award_of(settled_auction, people["alice"].id).id
    alice = sign_in(browser(), "alice")
    assert facts_on(text_of(browser(), f"/auctions/{settled_auction}/results", language)) == [SHOWN[language]]
    assert facts_on(text_of(alice, "/me/tickets", language)) == [SHOWN[language]]
    assert facts_on(text_of(alice, f"/awards/{award}/confirm", language)) == [SHOWN[language]]


def named_seats(browser: Browser, path: str, language: str) -> list[str]:
    """What stands from each label of a seat on, as far as a zone may."""
    return re.findall(r"VIP-\d+(?: \([^)]*\))?", text_of(browser, path, language))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_cards_and_notices_name_a_seat_with_its_zone(
    browser: Callable[[], Browser], people: dict[str, Person], settled_auction: int, language: str
) -> None:
    alice, award = sign_in(browser(), "alice"), award_of(settled_auction, people["alice"].id).id
    pages = ("/me", "/me/needs", "/me/notifications")
    assert [named_seats(alice, page, language) for page in pages] == [["VIP-1"]] * 3
    announce(settled_auction, {"zone": "A&B구역"})
    assert [named_seats(alice, page, language) for page in pages] == [["VIP-1 (A&amp;B구역)"]] * 3
    assert "VIP-1 (A&B구역)" in text_of(alice, f"/awards/{award}/calendar.ics", language)
    awards.buy(award, people["alice"].id, utcnow())
    assert named_seats(alice, "/me", language) == ["VIP-1 (A&amp;B구역)"]


def test_what_is_not_announced_is_left_out(
    browser: Callable[[], Browser], people: dict[str, Person], auction: int, settled_auction: int
) -> None:
    concert = db.session.get_one(Auction, auction).concert_id
    anybody, alice = browser(), sign_in(browser(), "alice")
    paths = (f"/auctions/{auction}", f"/auctions/{settled_auction}/results", f"/concerts/{concert}")
    pages = [text_of(anybody, path, "ko") for path in paths] + [text_of(alice, "/me/tickets", "ko")]
    assert [facts_on(page) for page in pages] == [[]] * 4
    announce(auction, {"zone": "A구역"})
    assert facts_on(text_of(anybody, f"/auctions/{auction}", "ko")) == [["구역: A구역"]]


def test_the_results_are_another_page_once_a_seat_is_another(client: Browser, settled_auction: int) -> None:
    def tag() -> str:
        return str(client.get(f"/auctions/{settled_auction}/results").headers["ETag"])

    before = tag()
    assert tag() == before
    announce(settled_auction, FACTS)
    assert tag() != before
