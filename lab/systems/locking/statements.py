"""The statements of one bid that is decided in Python.

Each SELECT answers with one text of numbers: the driver spends most of its time on the descriptions of columns.
Numbers are formatted into the text by Python, so only the request id is ever quoted.
"""

from dataclasses import dataclass
from typing import Any

from cashticket.auction import rules
from cashticket.auction.terms import Terms
from cashticket.auction.values import Entry

_TERMS = "a.seats, a.minimum, a.step, a.opens_at_ms, a.closes_at_ms, a.soft_close_ms, a.soft_close_cap_ms, a.maximum"
_STATE = "a.sequence, a.version, a.recorded, a.ends_at_ms, a.last_ms, a.bidders, a.cutoff_score, a.cutoff_person"

# SYSDATE is read when its row is, NOW when its statement began. After the row lock it is therefore the bid's own turn.
NOW_MS = "CAST(UNIX_TIMESTAMP(SYSDATE(3)) * 1000 AS UNSIGNED)"

_OWN = "IFNULL(p.epoch, -1), IFNULL(p.used, 0), IFNULL(p.score, -1)"

_ANSWER = """IFNULL((SELECT CONCAT_WS(' ', b.sequence, b.nth, b.amount, b.place, b.cutoff, b.at_ms, b.ends_at_ms)
    FROM locking_bids b WHERE b.auction_id = a.auction_id AND b.person = {person} AND b.request_id = {request}
    LIMIT 1), '')"""

# Everything about the order that the bid needs, each by one index: how many stand at this amount or above (all of them
# earlier), the bid just above the cut-off, and whether who is about to fall out has a chance left.
_ORDER = """(SELECT IFNULL(SUM(m.bids), 0) FROM locking_amounts m
    WHERE m.auction_id = a.auction_id AND m.amount >= {amount}),
    IFNULL((SELECT CONCAT_WS(' ', q.score, q.person) FROM locking_people q
        WHERE q.auction_id = a.auction_id AND q.score > a.cutoff_score ORDER BY q.score LIMIT 1), '-1 0'),
    IFNULL((SELECT c.used FROM locking_people c
        WHERE c.auction_id = a.auction_id AND c.person = a.cutoff_person), 0)"""

_TAIL = "IFNULL(IF(p.epoch IS NULL, NULL, p.permission), '-'), a.state, a.pause_reason"

_FROM = """FROM locking_auctions a LEFT JOIN locking_people p ON p.auction_id = a.auction_id AND p.person = {person}
    WHERE a.auction_id = {auction}"""

_BIDDER = f"{_TERMS}, {_STATE}, {NOW_MS}, {_OWN}"
_FIRST_LOOK = f"SELECT CONCAT_WS('|', CONCAT_WS(' ', {_BIDDER}), {_ANSWER}, {_TAIL}) {_FROM}"
_LOOK = f"SELECT CONCAT_WS('|', CONCAT_WS(' ', {_BIDDER}, {_ORDER}), {_ANSWER}, {_TAIL}) {_FROM}"


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides a bid, at one moment. Scores are -1 for none; `answer` is the remembered one, '' for none.

    `cutoff_score` and `cutoff_person` are the bid at place N, `next_score` and `next_person` the one before it (-1 and
    0 before the last read), `cutoff_used` the chances that the person at place N has used, and `at_or_above` how many
    stand at the amount or above it.
    """

    terms: Terms
    sequence: int
    version: int
    recorded: int
    ends_at_ms: int
    last_ms: int
    bidders: int
    cutoff_score: int
    cutoff_person: int
    clock_ms: int
    epoch: int
    used: int
    score: int
    answer: str
    permission: str
    state: str
    pause_reason: str
    at_or_above: int = 0
    next_score: int = -1
    next_person: int = 0
    cutoff_used: int = 0


def first_look(auction_id: int, person: int, request: str) -> str:
    """What says whether a bid is refused, read without a lock. `request` is the request id as a quoted literal."""
    return _FIRST_LOOK.format(auction=auction_id, person=person, request=request)


def locked_look(auction_id: int, person: int, amount: int, request: str) -> tuple[str, str, str]:
    """Begin, wait for the auction's row, and read everything that decides the bid. The second read is a statement of
    its own: the view of a statement is made when it begins, so one that waited for the lock would see what was before.
    """
    lock = f"SELECT auction_id FROM locking_auctions WHERE auction_id = {auction_id} FOR UPDATE"
    look = _LOOK.format(auction=auction_id, person=person, amount=amount, request=request)
    return "START TRANSACTION", lock, look


def standing(auction_id: int, text: str) -> Standing:
    """What a look has read."""
    numbers, answer, permission, state, pause_reason = text.split("|", 4)
    values: list[Any] = list(map(int, numbers.split(" ")))
    texts: list[Any] = [answer, permission, state, pause_reason]
    return Standing(Terms(auction_id, *values[:8]), *values[8:20], *texts, *values[20:])


def writes(auction_id: int, before: Standing, entry: Entry, cutoff: tuple[int, int], request: str) -> tuple[str, ...]:
    """Write an accepted bid and end the transaction. `cutoff` is score and person at place N after it."""
    score = rules.score(entry.amount, entry.sequence)
    person, displaced = entry.person, "NULL" if entry.displaced is None else entry.displaced
    moved = f",({auction_id},{rules.unscore(before.score)[0]},-1)" if before.score >= 0 else ""
    bid = f"{auction_id},{entry.sequence},{person},{entry.nth},{entry.amount},{entry.at_ms},{request}"
    effect = f"{entry.ends_at_ms},{entry.rank},{entry.cutoff},{displaced},{int(entry.alert)}"
    state = f"sequence={entry.sequence},version={before.version + 1},ends_at_ms={entry.ends_at_ms}"
    state += f",last_ms={entry.at_ms},bidders={before.bidders + (before.score < 0)}"
    state += f",cutoff_score={cutoff[0]},cutoff_person={cutoff[1]}"
    counted = f"VALUES({auction_id},{entry.amount},1){moved} ON DUPLICATE KEY UPDATE bids=bids+VALUES(bids)"
    return (
        f"UPDATE locking_people SET used={entry.nth},score={score} WHERE auction_id={auction_id} AND person={person}",
        f"INSERT INTO locking_bids VALUES({bid},{effect})",
        f"INSERT INTO locking_amounts {counted}",
        f"UPDATE locking_auctions SET {state} WHERE auction_id={auction_id}",
        "COMMIT",
    )
