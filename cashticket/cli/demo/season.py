"""The demo's season: concerts over several months, auctions that run, open in minutes or in weeks, and one that ended.

Everything is invented and goes the way of the real thing: the rows are imported as from a file, the ended auction was
bid in, recorded, settled and partly bought. A repeat adds only what is missing.
"""

import json
import time as clock
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import select

from cashticket.accounts import people
from cashticket.auction.values import AwardState, State
from cashticket.catalogue.importing import Imported, read_file, store
from cashticket.catalogue.plans import Plan
from cashticket.cli.demo import data as demo_data
from cashticket.extensions import db
from cashticket.ledger import award_queries, notice_queries
from cashticket.locale import SEOUL
from cashticket.models import Auction, Concert, Person
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.wiring import current_engine
from cashticket.work import queueing
from cashticket.work.closing import close_and_settle
from cashticket.work.publishing import open_imported, publish, store_now

ENDED_RUNS = timedelta(seconds=3)
ENDED_SEATS_MAX = 12
CHANCE = 2027
ROUND_HOUR = time(20, 0)


@dataclass(frozen=True, slots=True)
class Evening:
    """A concert `days` from now; `terms` are seats, minimum and step in won, minutes until it opens, hours it runs."""

    title: str
    artist: str
    venue: str
    genre: str
    days: int
    at: time
    description: str
    age_limit: int | None = None
    terms: tuple[int, int, int, int, int] | None = None


SEASON: tuple[Evening, ...] = (
    Evening(
        *("겨울, 우리가 지나온 모든 계절", "새벽정거장", "서울 노들섬 라이브관", "인디", 38, time(19, 0)),
        "데뷔 십 년을 맞은 새벽정거장이 처음부터 지금까지의 노래를 한자리에 모읍니다. 앙코르는 관객이 고릅니다.",
        terms=(16, 90_000, 5_000, 5, 1),
    ),
    Evening(
        *("물의 반영 – 윤서하 피아노 리사이틀", "윤서하", "서울 한내홀", "클래식", 45, time(19, 30)),
        "드뷔시와 라벨, 그리고 윤서하가 직접 쓴 세 개의 전주곡. 건반 앞 열두 자리에서 손끝까지 볼 수 있습니다.",
        8,
        terms=(12, 150_000, 10_000, 0, 48),
    ),
    Evening(
        *("LOUD HARBOR", "그리드라인", "부산 영도 제3부두 야외무대", "록", 52, time(18, 0)),
        "바다를 등지고 서는 세 시간. 스탠딩 맨 앞 구역의 VIP 자리에는 음향 점검 관람이 포함됩니다.",
        12,
        terms=(30, 120_000, 5_000, 24 * 60, 48),
    ),
    Evening(
        *("사랑채 재즈", "모리와 밤버스", "전주 은행나무집 대청마루", "재즈", 59, time(19, 0)),
        "한옥 대청에서 듣는 쿼텟. 마이크 없이, 비가 오면 빗소리와 함께 연주합니다.",
        terms=(10, 80_000, 5_000, 3 * 24 * 60, 72),
    ),
    Evening(
        *("파도상점 여름 끝 콘서트", "파도상점", "강릉 솔바람극장", "인디", 73, time(18, 30)),
        "여름이 끝나는 날마다 여는 공연, 올해는 새 노래 네 곡을 먼저 들려드립니다.",
        terms=(14, 70_000, 5_000, 6 * 24 * 60, 96),
    ),
    Evening(
        *("교향곡 ‘봄밤’ 초연", "한강 필하모닉", "대전 너른마당 콘서트홀", "클래식", 80, time(17, 0)),
        "작곡가 배은수의 첫 교향곡을 초연합니다. VIP 좌석에는 리허설 참관과 총보 해설지가 따라옵니다.",
        8,
        terms=(24, 110_000, 10_000, 10 * 24 * 60, 96),
    ),
    Evening(
        *("백목련 단독 공연 〈이어질 이야기〉", "백목련", "대구 달빛소극장", "발라드", 88, time(19, 30)),
        "삼 년 만의 단독 공연. 정규 4집 전곡을 순서대로 부릅니다.",
        terms=(18, 130_000, 5_000, 20 * 24 * 60, 72),
    ),
    Evening(
        *("밤의 장단", "소리패 너울", "광주 무등 국악당", "국악", 95, time(19, 0)),
        "판소리와 전자음악이 한 박을 나눕니다. 고수 바로 옆자리까지 열었습니다.",
    ),
    Evening(
        *("NOVA SIX FIRST TOUR in INCHEON", "NOVA SIX", "인천 송도 큐브 아레나", "K-POP", 110, time(18, 0)),
        "여섯 멤버의 첫 투어, 마지막 밤은 인천입니다. VIP 구역 관객과 함께하는 인사 시간이 있습니다.",
        9,
    ),
    Evening(
        *("돌담 아래 포크 음악회", "김바람 · 오월의 우체국", "제주 애월 돌담정원", "포크", 124, time(17, 30)),
        "해가 지는 시간에 맞추어 시작합니다. 무릎담요와 따뜻한 차를 준비해 두겠습니다.",
    ),
    Evening(
        *("힙합 플레이그라운드", "마일즈베이, 도하, 301호", "서울 성수 공장동", "힙합", 138, time(19, 0)),
        "세 팀이 한 무대에서 서로의 노래를 바꿔 부릅니다.",
        15,
    ),
    Evening(
        *("작은 오페라 〈편지〉", "오페라단 물결", "수원 화성 작은극장", "오페라", 152, time(19, 0)),
        "백 석짜리 극장에서 올리는 한 시간 반의 오페라. 한국어 가사에 자막도 함께합니다.",
        8,
    ),
)
ENDED = Evening(
    *("첫눈 오는 날의 라디오", "서리와 등대", "서울 남산 유리온실", "인디", 24, time(19, 0)),
    "라디오 공개방송처럼 꾸미는 두 시간. 사연을 미리 받아 그 자리에서 노래로 답합니다.",
)


def seed_season() -> dict[str, Any]:
    """Add what is missing; the people of the demo are there already. Answers how many concerts were added."""
    now = store_now(current_engine())
    missing = [evening for evening in SEASON if _found(evening) is None]
    if missing:
        content = json.dumps([_row(evening, now) for evening in missing], ensure_ascii=False)
        store(read_file(content.encode(), "season"), {}, "season", now)
    # Also those of a seeding that was interrupted: the same terms again are no harm.
    open_imported(current_engine(), Imported(unsure=list(_unopened())), lambda auctions, _: auctions)
    return {"concerts_added": len(missing) + _seed_ended(now)}


def is_of_the_season(auction: Auction) -> bool:
    """Whether this is one of the season's auctions, in which robots may bid."""
    return any((auction.concert.title, auction.concert.artist) == (each.title, each.artist) for each in SEASON)


def _found(evening: Evening) -> Concert | None:
    known = select(Concert).where(Concert.title == evening.title, Concert.artist == evening.artist)
    return db.session.scalars(known.order_by(Concert.id).limit(1)).first()


def _starts(evening: Evening, now: datetime) -> datetime:
    day = (now + timedelta(days=evening.days)).astimezone(SEOUL).date()
    return datetime.combine(day, evening.at, SEOUL)


def _row(evening: Evening, now: datetime) -> dict[str, Any]:
    """The concert as a row of an import, and its auction if it has one."""
    row: dict[str, Any] = {
        name: getattr(evening, name) for name in ("title", "artist", "venue", "genre", "description")
    }
    row |= {"age_limit": evening.age_limit, "starts": _starts(evening, now).isoformat()}
    if evening.terms is not None:
        seats, minimum, step, opens, hours = evening.terms
        row |= {"seats": seats, "minimum": minimum, "step": step, "closes": f"+{hours}h"}
        row["opens"] = _opens(now + timedelta(minutes=opens)).isoformat() if opens else "now"
    return row


def _opens(moment: datetime) -> datetime:
    """What is far off opens at a round hour of that day, as announced auctions do."""
    local = moment.astimezone(SEOUL)
    far_off = moment - store_now(current_engine()) > timedelta(hours=12)
    return datetime.combine(local.date(), ROUND_HOUR, SEOUL) if far_off else moment


def _unopened() -> Sequence[Auction]:
    titles = [evening.title for evening in SEASON]
    found = select(Auction).join(Auction.concert).where(Concert.title.in_(titles))
    return db.session.scalars(found.where(Auction.state == State.OPEN, Auction.recorded_sequence == 0)).all()


# The auction that ended


def _seed_ended(now: datetime) -> int:
    """An auction that ran for moments, with everything that comes after the end. How many concerts were added."""
    if _found(ENDED) is not None:
        return 0
    rows = read_file(json.dumps([_row(ENDED, now)]).encode(), "season")
    [concert] = store(rows, {}, "season", now).concerts
    bidders = _bidders()
    seats = max(1, min(ENDED_SEATS_MAX, len(bidders) // 2))
    opens = store_now(current_engine())
    plan = Plan(
        *(concert.id, seats, 100_000, 5_000),
        opens_at=opens,
        closes_at=opens + ENDED_RUNS,
        soft_close_seconds=0,
    )
    auction_id = publish(current_engine(), plan, opens).id
    _bid(auction_id, bidders, seats)
    while not current_engine().close(auction_id).closed:
        clock.sleep(0.05)
    close_and_settle(current_engine(), auction_id)
    _answer(auction_id, {bidder.id for bidder in bidders[:2]})
    queueing.deliver_soon(notice_queries.unmailed_of(auction_id))
    return 1


def _bidders() -> list[Person]:
    """The guests first, then the robots."""
    emails = [email for email, _ in demo_data.GUESTS]
    emails += [demo_data.robot_email(number) for number in range(1, demo_data.ROBOTS + 1)]
    return [person for email in emails if (person := people.find_by_email(email)) is not None]


def _bid(auction_id: int, bidders: Sequence[Person], seats: int) -> None:
    """The first guest wins, the second is next in line, robots stand before and behind them."""
    chance, engine = Random(CHANCE), current_engine()
    before = seats - 1
    amounts = [100_000 + 5_000 * (40 + place) for place in range(before)]
    behind = [100_000 + 5_000 * chance.randint(0, 20) for _ in bidders[2 + before :]]
    alice, bob, *robots = bidders
    bids = [(alice, 295_000), (bob, 225_000), *zip(robots, amounts + behind, strict=False)]
    for person, _ in bids:
        engine.introduce(auction_id, person.id, person.permission, person.session_epoch, person.revision)
    # Everybody begins low, and most go on to what they end with.
    chance.shuffle(bids)
    for nth, part in ((1, 0.5), (2, 1.0)):
        for person, amount in bids:
            steps = round((amount - 100_000) // 5_000 * part)
            engine.place_bid(auction_id, person.id, person.session_epoch, 100_000 + 5_000 * steps, f"season-{nth}")


def _answer(auction_id: int, guests: set[int]) -> None:
    """Robots buy what they won, the last of them declines, so that the line moves; guests decide for themselves."""
    now = utcnow()
    won = [
        (award.id, award.person_id)
        for award in award_queries.awards_of(auction_id)
        if award.state is AwardState.OFFERED and award.person_id not in guests
    ]
    db.session.rollback()
    for award_id, person_id in won[:-1]:
        awards.buy(award_id, person_id, now)
    for award_id, person_id in won[-1:]:
        awards.decline(award_id, person_id, now)
