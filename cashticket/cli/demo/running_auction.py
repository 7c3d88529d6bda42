"""Keeps one auction of the demo running: when it ends, the next evening of its concert is published.

People, concerts and auctions are made by the product's own functions. A repeat adds only what is missing.
"""

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from cashticket.catalogue.plans import Plan
from cashticket.cli.demo.bidders import seed_bidders
from cashticket.cli.demo.evening import SeatFacts
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.locale import SEOUL
from cashticket.models import Auction, Concert
from cashticket.wiring import current_engine
from cashticket.work.identity_terms import usual
from cashticket.work.publishing import add_concert, publish, store_now

TITLE, ARTIST, VENUE = "한강의 밤", "루미나", "올림픽홀"
TITLE_EN, ARTIST_EN, VENUE_EN = "Night on the Han", "Lumina", "Olympic Hall"
DESCRIPTION = "강바람이 부는 초봄의 밤, 루미나가 새 음반의 첫 무대를 엽니다. 무대 앞 VIP 20석을 경매로 만나세요."
DURATION = timedelta(minutes=30)
SEATS, MINIMUM, STEP = 20, 100_000, 5_000
EVENING_INTERVAL = timedelta(days=7)
FIRST_EVENING_IN = timedelta(days=60)
SEAT_FACTS = SeatFacts(
    zone="플로어 A구역 1–2열",
    view="무대 정면, 가림 없음",
    benefits="사운드체크 관람, 사인 포스터",
    face_price=143_000,
)


def seed() -> dict[str, Any]:
    """Add the people and the running auction that are missing. Returns the auction's id and how much was added."""
    people_added = seed_bidders()
    auction_id, auction_added = ensure_running()
    return {"auction": auction_id, "people_added": people_added, "auction_added": auction_added}


def is_demo_auction(auction: Auction) -> bool:
    """Whether this is an auction of the demo's repeated concert, in which robots may bid."""
    return auction.concert.title.startswith(TITLE)


def ensure_running() -> tuple[int, bool]:
    """The id of the running demo auction, and whether it was published now."""
    running = _running()
    return (running, False) if running is not None else (_publish(), True)


def _running() -> int | None:
    """A demo auction that takes bids for at least two more minutes."""
    earliest_end_ms = current_engine().clock() + 120_000
    in_store = set(current_engine().auctions())
    for auction in filter(is_demo_auction, queries.live_auctions()):
        if auction.id in in_store and current_engine().read(auction.id).ends_at_ms > earliest_end_ms:
            return auction.id
    return None


def _publish() -> int:
    """Publish the next evening of the concert with an auction that opens now. Returns the auction's id."""
    now = store_now(current_engine())
    evenings = db.session.scalar(select(func.count()).where(Concert.title.startswith(TITLE))) or 0
    concert = add_concert(
        title=f"{TITLE} {evenings + 1}",
        title_en=f"{TITLE_EN} {evenings + 1}",
        artist=ARTIST,
        artist_en=ARTIST_EN,
        venue=VENUE,
        venue_en=VENUE_EN,
        starts_at=_evening(now, evenings),
        genre="인디",
        age_limit=None,
        description=DESCRIPTION,
    )
    more = asdict(SEAT_FACTS) | {"identity": usual()}
    plan = Plan(concert.id, SEATS, MINIMUM, STEP, opens_at=now, closes_at=now + DURATION, **more)
    return publish(current_engine(), plan, now).id


def _evening(now: datetime, earlier: int) -> datetime:
    day = (now + FIRST_EVENING_IN + EVENING_INTERVAL * earlier).astimezone(SEOUL).date()
    return datetime.combine(day, time(19, 30), SEOUL)
