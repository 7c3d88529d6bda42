"""The scenarios: what is driven, at which rates the search begins, and in which words a report tells it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from lab.load import opening, watchers
from lab.load.bids import Bidding, BidTurns
from lab.load.course import Course, CourseTurns
from lab.load.crowd import Offer
from lab.load.faults import DatabaseAway, DrainKilled, WebWorkerKilled
from lab.load.hammer import HammerTurns
from lab.load.journeys import JourneyTurns, Visits, browsing, mixed
from lab.load.site import Site
from lab.load.systems import ALL_SYSTEMS, ARCHITECTURE, SLOPE_SYSTEMS, STEPS, SYSTEMS, System
from lab.load.turns import Turns
from lab.servers.installation import WORKERS


@dataclass(frozen=True, slots=True)
class Scenario:
    """One scenario. A rate is a number of `unit`; `short` stands behind it in tables.

    `english` and `korean` begin the sentence of the result, `korean_rate` ends it. `systems` are those that are driven
    unless others are named, `steps` those between one server and this architecture.
    `waits_for` names what people wait for, `cost_of` what processor time is divided by. `counts_bids`: throughput is
    accepted bids of the ledger, else answered requests. `first_rates` by system; otherwise the system's own. `sockets`:
    the live service is started. `course`: one rate is held while something happens; otherwise the knee is searched.
    `note`: how this scenario is judged, if otherwise than all.
    """

    name: str
    english: str
    korean: str
    korean_rate: str
    turns: Callable[[Site], Turns]
    systems: dict[str, System] = field(default_factory=lambda: SYSTEMS)
    steps: dict[str, System] = field(default_factory=lambda: STEPS)
    unit: str = "bids a second"
    short: str = "/s"
    waits_for: str = "a bid"
    cost_of: str = "accepted bid"
    counts_bids: bool = True
    first_rates: Mapping[str, int] = field(default_factory=dict)
    warm_up_rate: int = 30
    sockets: bool = False
    course: Course | None = None
    note: str = ""

    def first_rate(self, system: System) -> int:
        """The rate with which the search for a system's knee begins."""
        return self.first_rates.get(system.name, system.first_rate)

    def rate(self, value: int) -> str:
        """A rate as tables show it."""
        return f"{value:,}{self.short}"


BIDS_KOREAN = "초당 입찰 {rate}건을"


def _bids(bidding: Bidding) -> Callable[[Site], Turns]:
    return lambda site: BidTurns(site, bidding)


def _course(name: str, english: str, korean: str, course: Course) -> Scenario:
    def turns(site: Site) -> Turns:
        return CourseTurns(site, Bidding(Offer()), course)

    return Scenario(name, english, korean, BIDS_KOREAN, turns, steps={}, course=course)


def _visits(visits_of: Callable[[int], Visits]) -> Callable[[Site], Turns]:
    return lambda site: JourneyTurns(site, visits_of)


HOT = Scenario(
    "hot",
    "With everybody bidding in one auction",
    "모두가 한 경매에 입찰할 때",
    BIDS_KOREAN,
    _bids(Bidding(Offer())),
)
STEADY = Scenario(
    "steady",
    "With bids spread over the prices of an auction of 2,000 seats",
    "2,000석 경매에 여러 금액으로 입찰할 때",
    BIDS_KOREAN,
    _bids(Bidding(Offer(seats=2_000), spread=20_000)),
)
LAST_MINUTE = Scenario(
    "last-minute",
    "With everybody bidding while each bid moves the end of the auction",
    "입찰마다 마감이 미뤄지는 마지막 순간에 모두가 입찰할 때",
    BIDS_KOREAN,
    _bids(Bidding(Offer(closes_in_seconds=300, soft_close_seconds=600))),
)
MANY = Scenario(
    "many",
    "With bids spread over 50 auctions of 20 seats",
    "20석 경매 50개에 나누어 입찰할 때",
    BIDS_KOREAN,
    _bids(Bidding(Offer(), auctions=50)),
    warm_up_rate=50,
)
MANY_LARGE = replace(
    MANY,
    name="many-2000",
    english="With bids spread over 50 auctions of 2,000 seats",
    korean="2,000석 경매 50개에 나누어 입찰할 때",
    turns=_bids(Bidding(Offer(seats=2_000), auctions=50)),
)
MIXED = Scenario(
    "mixed",
    "With 90 % watching an auction, 8 % looking around and 2 % signing in to bid",
    "90%는 경매를 지켜보고 8%는 둘러보고 2%는 로그인해서 입찰할 때",
    "동시에 {rate}명을",
    _visits(mixed),
    unit="people at once",
    short=" people",
    waits_for="the slowest kind of visit",
    cost_of="person and second",
    counts_bids=False,
    first_rates=dict.fromkeys(ALL_SYSTEMS, 200) | {"micro-cache": 500, "architecture": 500},
    warm_up_rate=50,
    sockets=True,
)
WATCHERS = Scenario(
    "watchers",
    "With everybody watching one auction of 20 seats and 2 bids a second",
    "모두가 20석 경매 하나를 지켜보고 초당 2건의 입찰이 들어올 때",
    "동시에 {rate}명을",
    lambda site: watchers.WatcherTurns(site, Offer()),
    unit="watchers at once",
    short=" watchers",
    waits_for="a frame or the answer to a poll",
    cost_of="watcher and second",
    counts_bids=False,
    first_rates=dict.fromkeys(ALL_SYSTEMS, 200) | {"micro-cache": 500, "architecture": 500},
    warm_up_rate=50,
    sockets=True,
    note=watchers.NOTE,
)
WATCHERS_LARGE = replace(
    WATCHERS,
    name="watchers-2000",
    english="With everybody watching one auction of 2,000 seats and 2 bids a second",
    korean="모두가 2,000석 경매 하나를 지켜보고 초당 2건의 입찰이 들어올 때",
    turns=lambda site: watchers.WatcherTurns(site, Offer(seats=2_000)),
)
OPENING = Scenario(
    "opening",
    "At the opening, with people who come, sign in and bid while others are inside",
    "경매가 열려 사람들이 몰려와 로그인하고 입찰할 때",
    "초당 {rate}명을",
    opening.OpeningTurns,
    unit="people a second",
    waits_for="a page or a bid",
    cost_of="person who comes",
    counts_bids=False,
    first_rates=dict.fromkeys(ALL_SYSTEMS, 20) | {"architecture": 30},
    warm_up_rate=10,
    note=opening.NOTE,
)
BROWSE = Scenario(
    "browse",
    "With people looking at pages without signing in",
    "로그인하지 않은 사람들이 페이지를 둘러볼 때",
    "초당 {rate}쪽을",
    _visits(browsing),
    unit="pages a second",
    waits_for="a page",
    cost_of="page",
    counts_bids=False,
    first_rates=dict.fromkeys(ALL_SYSTEMS, 150) | {"micro-cache": 400, "architecture": 400},
)
ENDING = Course(3, queues=WORKERS)
"""An auction ends after a third; what it takes until it is settled, and another third, are for reading."""
STORM = _course(
    "storm",
    "While a web worker and the drain worker are killed",
    "웹 워커와 기록 워커가 강제로 종료되어도",
    Course(3, (WebWorkerKilled("web worker killed", 1), DrainKilled("drain worker killed", 2, undone_after_s=1))),
)
DB_AWAY = _course(
    "db-away",
    "While the database is away",
    "데이터베이스가 멈춘 동안",
    Course(3, (DatabaseAway("database away", 1, lasts=0.5),)),
)
HAMMER = Scenario(
    "hammer",
    "While a large auction ends, is settled and its result is read",
    "큰 경매가 끝나고 정산되어 모두가 결과를 읽는 동안",
    BIDS_KOREAN,
    lambda site: HammerTurns(site, ENDING),
    systems={ARCHITECTURE.name: ARCHITECTURE},
    steps={},
    course=ENDING,
)
SLOPE = replace(HOT, name="slope", systems=SLOPE_SYSTEMS, steps={})
_VISITS = (MIXED, BROWSE, OPENING, WATCHERS, WATCHERS_LARGE)
_ALL = (HOT, STEADY, LAST_MINUTE, MANY, MANY_LARGE, *_VISITS, HAMMER, STORM, DB_AWAY, SLOPE)
SCENARIOS = {scenario.name: scenario for scenario in _ALL}
