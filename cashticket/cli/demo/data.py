"""What a demo house holds: people to sign in as, robots, and an auction that is running.

Everything goes the way of the real thing (accounts, catalogue, publishing), and a repeat adds only what is missing.
"""

from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from cashticket.accounts import people
from cashticket.catalogue.plans import Plan
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.locale import SEOUL
from cashticket.models import Auction, Concert
from cashticket.wiring import current_engine
from cashticket.work.publishing import add_concert, publish, store_now

PASSWORD = "cashticket-demo"  # noqa: S105 - printed for everybody who starts a demo on this machine
GUESTS = (("alice@example.com", "김앨리스"), ("bob@example.com", "박보브"))
# Old enough for every concert of the demo.
BORN = date(1995, 3, 14)
ROBOTS = 40
TITLE, ARTIST, VENUE = "한강의 밤", "루미나", "올림픽홀"
DESCRIPTION = "강바람이 부는 초봄의 밤, 루미나가 새 음반의 첫 무대를 엽니다. 무대 앞 VIP 20석을 경매로 만나세요."
RUNS = timedelta(minutes=30)
SEATS, MINIMUM, STEP = 20, 100_000, 5_000
EVENINGS_APART = timedelta(days=7)
FIRST_EVENING_IN = timedelta(days=60)


def robot_email(number: int) -> str:
    return f"robot{number:02}@example.com"


def seed() -> dict[str, Any]:
    """Add what is missing. Answers the running auction's id and how much was added."""
    added = sum(_guest(email, name) for email, name in GUESTS)
    added += sum(_guest(robot_email(number), f"로봇 {number:02}") for number in range(1, ROBOTS + 1))
    auction_id, auction_added = ensure_running()
    return {"auction": auction_id, "people_added": added, "auction_added": auction_added}


def is_of_the_demo(auction: Auction) -> bool:
    """Whether robots may bid: what people publish themselves is left to people."""
    return auction.concert.title.startswith(TITLE)


def ensure_running() -> tuple[int, bool]:
    """Id of the demo auction that runs, and whether it had to be published."""
    running = _running()
    return (running, False) if running is not None else (_publish(), True)


def _guest(email: str, name: str) -> bool:
    # Asked first: hashing a password for nothing takes its time.
    if people.find_by_email(email) is not None:
        return False
    people.add_person(email, name, PASSWORD, birth_date=BORN, verified=True)
    return True


def _running() -> int | None:
    """An auction of the demo's own concerts that takes bids now and for some minutes more."""
    enough = current_engine().clock() + 120_000
    mine = filter(is_of_the_demo, queries.live_auctions())
    known = set(current_engine().auctions())
    for auction in mine:
        if auction.id in known and current_engine().read(auction.id).ends_at_ms > enough:
            return auction.id
    return None


def _publish() -> int:
    """Publish one more evening of the demo concert with an auction that opens now. Answers the auction's id."""
    now = store_now(current_engine())
    evenings = db.session.scalar(select(func.count()).where(Concert.title.startswith(TITLE))) or 0
    concert = add_concert(
        title=f"{TITLE} {evenings + 1}",
        artist=ARTIST,
        venue=VENUE,
        starts_at=_evening(now, evenings),
        genre="인디",
        age_limit=None,
        description=DESCRIPTION,
    )
    plan = Plan(concert.id, SEATS, MINIMUM, STEP, opens_at=now, closes_at=now + RUNS)
    return publish(current_engine(), plan, now).id


def _evening(now: datetime, earlier: int) -> datetime:
    day = (now + FIRST_EVENING_IN + EVENINGS_APART * earlier).astimezone(SEOUL).date()
    return datetime.combine(day, time(19, 30), SEOUL)
