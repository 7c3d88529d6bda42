"""What pages may and must say of one auction: the facts as the model has them, and a table of sentences, each with the
facts of which it is true. A page that says one of them while the facts are others contradicts the model; so does one
that says two which are never true together."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser

BIDDING, OVER = ("open", "paused"), ("closing", "settled", "voided")
IN, OUT = ("winning",), ("out",)
TO_BUY = ("won", "offered")
NEVER_SEEN = {"script", "style", "template", "noscript", "title"}
VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "rect", "source"}
READ_ALOUD = ("aria-label", "placeholder", "title")
# What the story of a seat or the review tells of others, of earlier, or of what would be.
OTHER_TIMES = {"story", "review-facts", "own-bids", "first-time", "rules"}
NEUTRAL = re.compile(
    r"진행 중인 경매 지금 진행 중인 경매가 없어요\.|Live now No auction is running at the moment\."
    r"|진행 중인 경매 보기|See what is on"
)


@dataclass(frozen=True)
class Facts:
    """`phase`: coming, open, paused, closing, settled, voided, or away while the live store does not answer. `place` is
    the reader's: none, winning, out, unknown while the live store is away; after the end won, offered, bought, run_out,
    waiting, declined, lapsed, cancelled, void. `was_won`: the seat was won, not handed over.
    `is_soon`: what is coming opens within a day. `is_extended`: the end is later than it was announced.
    `is_held`: it has passed in a pause."""

    phase: str
    place: str = "none"
    chances: int = 3
    is_soon: bool = True
    was_won: bool = True
    is_extended: bool = False
    is_held: bool = False


@dataclass(frozen=True)
class Claim:
    """`ko` and `en` find the sentence; `holds` says of which facts it is true. One that is `past` tells what was, so it
    stays true in a list of notices. One `of_reader` says nothing on pages for everybody, where it is about others."""

    name: str
    ko: str
    en: str
    holds: Callable[[Facts], bool]
    of_reader: bool = False
    past: bool = False

    def is_said(self, text: str, language: str) -> bool:
        return re.search(self.ko if language == "ko" else self.en, text) is not None


def _of_place(name: str, ko: str, en: str, *places: str, past: bool = True) -> Claim:
    """A sentence to readers that is true while they are in one of these places."""
    return Claim(name, ko, en, lambda f: f.place in places, of_reader=True, past=past)


CLAIMS = (
    Claim(
        "coming",
        r"곧 시작|시작까지|아직 (?:입찰이 )?시작|에 입찰이 시작돼요|시작 예정|월 \d+일 시작|\d\d:\d\d:\d\d 시작",
        r"Opens soon|Opens in|Opens \w+ \d|Bidding opens|not open yet|has not opened|Coming up|opening [A-Z]",
        lambda f: f.phase == "coming",
    ),
    Claim("soon", r"곧 시작", r"[Oo]pens soon", lambda f: f.phase == "coming" and f.is_soon),
    Claim(
        "running",
        r"진행 중|지금은 [\d,]+원부터|아직 [\d,]+석이 비어|실시간 현황|여기까지 낙찰"
        r"|지금 순위 안에 들기|한 단계 올리기|1위로 올라서기|지금 커트라인",
        r"\bLive\b|or more wins a seat now|still free|Winning down to here|Enough to win now|One step up"
        r"|Take the lead",
        lambda f: f.phase in (*BIDDING, "away"),
    ),
    Claim(
        "over",
        r"입찰이 마감됐어요|입찰이 끝났어요|경매가 끝났어요|마감 처리 중|마감됨|최종 커트라인|최종 순위(?!대로)"
        r"|최근 끝난 경매|종료|모든 좌석이 판매되지 않았어요|입찰이 없었던",
        r"Bidding is over|auction is over|Closing|\bEnded\b|Final cut-off|Final rank|(?<!go by )final rank"
        r"|is settled|Settled|Just ended|Finished|stayed unsold|Nobody bid",
        lambda f: f.phase in OVER,
    ),
    Claim(
        "being settled",
        r"마감 처리 중|마지막 입찰까지 기록하고|낙찰자 확정 중",
        r"Closing|last bids are being recorded|being settled",
        lambda f: f.phase == "closing",
    ),
    Claim(
        "no result yet",
        r"아직 결과가 확정되지|아직 입찰이 없어요",
        r"not final yet|No bids yet",
        lambda f: f.phase not in ("settled", "voided"),
    ),
    Claim("void", r"무효", r"\b[Vv]oid(ed)?\b", lambda f: f.phase == "voided"),
    Claim(
        "paused",
        r"멈췄어요|시간 멈춤|남은 시간은 줄지",
        r"is paused|has paused|[Tt]ime (?:is )?stopped",
        lambda f: f.phase == "paused",
    ),
    Claim(
        "time runs",
        r"남은 시간 \d|\d초 남았|마감까지 \d",
        r"Time left \d",
        lambda f: f.phase == "open" or f.place in TO_BUY,
    ),
    Claim("extended", r"연장됨", r"Extended by", lambda f: f.is_extended),
    Claim(
        "away",
        r"불러올 수 없|순위 확인 중|잠시 연결할 수",
        r"can’t be loaded|can’t reach|not known right now|can’t be shown|Temporarily unavailable",
        lambda f: f.phase == "away",
    ),
    Claim(
        "winning",
        r"(?<!부터 )낙찰 순위 안이에요",
        r"You’re winning",
        lambda f: f.phase in BIDDING and f.place in IN,
        of_reader=True,
    ),
    Claim(
        "out",
        r"낙찰 순위 밖이에요|부족해요|\[순위 밖\]",
        r"You’re out\b|short of a seat|\[Out\]",
        lambda f: f.phase in BIDDING and f.place in OUT,
        of_reader=True,
    ),
    Claim(
        "outbid",
        r"밀려났어요",
        r"(?<!if you’re )(?<!if you're )(?<!if I’m )(?<!if I'm )outbid",
        lambda f: f.phase in BIDDING and f.place in OUT and f.chances > 0,
        of_reader=True,
        past=True,
    ),
    Claim(
        "can raise",
        r"금액 올리기|한 단계 올리기|1위로 올라서기|지금 순위 안에 들기",
        r"Raise my bid|One step up|Take the lead|Enough to win now",
        lambda f: f.phase in BIDDING and f.chances > 0,
        of_reader=True,
    ),
    Claim(
        "spent",
        r"기회를 모두 (?:써서|썼어요)|기회 3번을 모두",
        r"used all three chances|ll three chances are used",
        lambda f: f.chances == 0 and f.phase in BIDDING,
        of_reader=True,
    ),
    Claim(
        "watching",
        r"아직 입찰하지 않았어요|아직 입찰 내역이 없어요|이 경매에는 입찰하지 않았어요|참여 중인 경매가 없어요",
        r"You haven’t bid|You didn’t bid|You’re not in any",
        lambda f: f.place == "none" or f.phase in ("settled", "voided"),
        of_reader=True,
    ),
    Claim(
        "won",
        r"축하해요|낙찰됐어요|낙찰받았어요",
        r"Congratulations|You won (?!no)",
        lambda f: f.place in (*TO_BUY, "bought", "run_out") and f.was_won,
        of_reader=True,
        past=True,
    ),
    _of_place(
        "to buy",
        r"구매하기|구매할 수 있어요|구매 전|구매 또는 포기|구매할 수 있는 좌석|전에 구매하지 않으면",
        r"Buy for|you can buy|can buy it|Buy or decline|Yours to buy|Not bought yet|Buy it |seats? to buy|yours to buy",
        *TO_BUY,
        past=False,
    ),
    _of_place(
        "bought",
        r"구매 완료|구매했어요|구매를 마쳤어요|까지 취소할 수 있어요",
        r"\bBought\b(?! by rank)|You bought|VIP-\d+ is yours(?! to)|can cancel until",
        "bought",
    ),
    _of_place(
        "waiting",
        r"대기 \d+번이에요|빈자리 대기(?!자가)|대기 \d+건",
        r"Waitlist no\. \d|On the waitlist|on the waitlist for",
        "waiting",
        past=False,
    ),
    _of_place(
        "declined",
        r"구매 포기(?!하기)|구매를 포기해",
        r"You declined",
        "declined",
    ),
    _of_place(
        "ran out",
        r"기한이 지나|기한이 지났|기한 만료",
        r"ran out|has run out|Not bought in time",
        "lapsed",
        "run_out",
    ),
    _of_place(
        "cancelled",
        r"구매를 취소해|취소 완료",
        r"You cancelled",
        "cancelled",
    ),
)
BY_NAME = {claim.name: claim for claim in CLAIMS}
# What the pages of an auction and of a reader must claim.
PHASE_SAID = {"coming": "coming", "open": "running", "paused": "paused", "closing": "over", "settled": "over"}
PHASE_SAID |= {"voided": "void", "away": "away"}
PLACE_SAID = {
    "none": {"watching"},
    "winning": {"winning"},
    "out": {"out"},
    "won": {"won", "to buy"},
    "offered": {"to buy"},
    "bought": {"bought"},
    "waiting": {"waiting"},
    "declined": {"declined"},
    "lapsed": {"ran out"},
    "run_out": {"ran out"},
    "cancelled": {"cancelled"},
    "void": {"void"},
}
CHANCES = re.compile(r"남은 기회 (\d)/3|(\d) of 3 chances left|3번 중 (\d)번(?! 사용)|(?<!used )(\d) of 3(?! chances)")


class _Said(HTMLParser):
    def __init__(self, dropped: set[str]) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._dropped, self._depth = dropped, 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._depth:
            self._depth += tag not in VOID
        elif tag in NEVER_SEEN or "hidden" in given or self._dropped & set((given.get("class") or "").split()):
            self._depth = int(tag not in VOID)
        else:
            self.parts += [given[name] or "" for name in READ_ALOUD if name in given]

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A figure that is drawn says nothing."""

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag not in VOID:
            self._depth -= 1

    def handle_data(self, data: str) -> None:
        if not self._depth:
            self.parts.append(data)


def said(html: str, hidden_classes: set[str] = frozenset()) -> str:  # type: ignore[assignment]
    """The words of a page's main part, or of a whole piece, as somebody sees or hears them now."""
    reader = _Said(OTHER_TIMES | hidden_classes)
    reader.feed(html.partition("<main")[2].partition(">")[2].partition("</main>")[0] or html)
    return NEUTRAL.sub(" ", " ".join(" ".join(reader.parts).split()))


def claims_in(text: str, language: str) -> set[str]:
    return {claim.name for claim in CLAIMS if claim.is_said(text, language)}


def contradictions(text: str, language: str, facts: Facts, *, own: bool, notices: bool = False) -> list[str]:
    """What the words claim that is not so, each with the words that claim it. Pages for everybody are not `own`; on a
    list of `notices` what was may be told."""
    wrong = []
    for claim in CLAIMS:
        if claim.holds(facts) or (claim.of_reader and not own) or (claim.past and notices):
            continue
        if found := re.search(claim.ko if language == "ko" else claim.en, text):
            wrong.append(f"{claim.name}: …{text[max(0, found.start() - 60) : found.end() + 40]}…")
    if own and not notices:
        left = {int(next(filter(None, each))) for each in CHANCES.findall(text)}
        wrong += [f"chances: {left}, not {facts.chances}"] if left - {facts.chances} else []
    return wrong
