"""Checks bids against answers: confirmed bids are recorded, recorded bids were sent, and each request has one
answer."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from lab.evidence import BidRow, Ending, Evidence
from lab.history import FAIL, OK, Request
from lab.oracle.bidding import CHANCES

ANSWER = ("sequence", "nth", "amount", "rank", "winning", "chances_left", "cutoff", "at_ms", "ends_at_ms")
"""Fields of a confirmation that never change. Answers over HTTP have no `at_ms`."""

NOT_NOW = "unavailable"
"""Reason of a request that could not be decided. It did not happen, which proves nothing about earlier sendings."""


def promised_is_recorded(evidence: Evidence) -> Iterator[str]:
    """I1: every confirmed bid is in the ledger once, as it was confirmed."""
    rows = {ending.auction: {row.sequence: row for row in ending.rows} for ending in evidence.endings}
    for ending in evidence.endings:
        yield from _doubles(ending)
    for request in evidence.requests:
        for answer in request.answers:
            row = rows.get(request.auction, {}).get(answer["sequence"])
            if row is None:
                yield f"{_name(request)} was confirmed as bid {answer['sequence']}, which the ledger does not have"
            elif not _same(row, request, answer):
                yield f"{_name(request)} was confirmed as bid {answer['sequence']}, which the ledger has differently"


def recorded_was_sent(evidence: Evidence) -> Iterator[str]:
    """I2: every recorded bid was sent by somebody and not refused, nor refused first and later confirmed as a
    replay."""
    first = {(each.auction, each.person, each.request_id, each.amount): each for each in evidence.requests}
    for ending in evidence.endings:
        for row in ending.bids:
            request = first.get((ending.auction, row.person, row.request_id, row.amount))
            if request is None:
                yield f"auction {ending.auction}: nobody sent bid {row.sequence} ({row.person}, {row.request_id})"
            elif not request.answers and not request.uncertain:
                yield f"{_name(request)} was refused and is bid {row.sequence} of the ledger"
    yield from _refused_and_known(evidence)


def _refused_and_known(evidence: Evidence) -> Iterator[str]:
    for request in evidence.requests:
        if request.answers and not request.uncertain and all(answer["replayed"] for answer in request.answers):
            yield f"{_name(request)} was refused each time, then confirmed as known"


def chances_are_counted(evidence: Evidence) -> Iterator[str]:
    """I3: nobody has more than three bids; both stores and every answer count them alike."""
    for ending in evidence.endings:
        used: Counter[int] = Counter()
        for row in ending.bids:
            used[row.person] += 1
            if row.nth != used[row.person] or row.nth > CHANCES:
                yield f"auction {ending.auction}: bid {row.sequence} is chance {used[row.person]}, not {row.nth}"
        for person in used.keys() | ending.chances.keys():
            spent = ending.chances.get(person, 0)
            if used[person] != spent and not ending.quarantined and not ending.given_up:
                yield f"auction {ending.auction}: {person} has {used[person]} bids and spent {spent} chances"
    for request in evidence.requests:
        for answer in request.answers:
            if answer["chances_left"] != CHANCES - answer["nth"]:
                yield f"{_name(request)} was answered {answer['chances_left']} chances after bid number {answer['nth']}"


def same_request_same_answer(evidence: Evidence) -> Iterator[str]:
    """I4: one request is one bid with one answer; the same id with another amount is refused for that reason."""
    accepted: dict[tuple[int, int, str], Request] = {}
    for request in evidence.requests:
        if request.answers:
            first = tuple(request.answers[0].get(name) for name in ANSWER)
            if any(tuple(answer.get(name) for name in ANSWER) != first for answer in request.answers[1:]):
                yield f"{_name(request)} was answered in several ways"
            if sum(not answer["replayed"] for answer in request.answers) > 1:
                yield f"{_name(request)} was confirmed twice as new"
            other = accepted.setdefault((request.auction, request.person, request.request_id), request)
            if other is not request:
                yield f"{_name(request)} was accepted for {other.amount} and for {request.amount} won"
    for operation in evidence.all_of("bid"):
        question = operation.question
        confirmed = accepted.get((question["auction"], question["person"], question["request_id"]))
        if confirmed is None or confirmed.answered is None or operation.outcome == OK:
            continue
        refused = operation.outcome == FAIL and operation.answer["reason"] != NOT_NOW
        if refused and operation.invoked > confirmed.answered:
            lawful = question["amount"] != confirmed.amount and operation.answer["reason"] == "request_reused"
            if not lawful:
                yield f"{_name(confirmed)} was confirmed, then refused as {operation.answer['reason']}"


def sequence_is_time(evidence: Evidence) -> Iterator[str]:
    """I5: numbers run 1, 2, 3 … without gaps; a bid sent after another was answered has the larger number."""
    for ending in evidence.endings:
        given = sorted([*(row.sequence for row in ending.rows), *ending.quarantined, *ending.given_up])
        if given != list(range(1, ending.sequence + 1)):
            yield f"auction {ending.auction}: {ending.sequence} numbers were given, the recorded ones are not 1, 2, 3 …"
        for before, after in zip(ending.rows, ending.rows[1:], strict=False):
            if after.at_ms < before.at_ms:
                yield f"auction {ending.auction}: bid {after.sequence} is earlier than the bid before it"
    yield from _overtaken(evidence)


def _overtaken(evidence: Evidence) -> Iterator[str]:
    """Bids that were sent after another was answered and still got a smaller number."""
    ordered: dict[int, list[tuple[int, Request]]] = defaultdict(list)
    for request in evidence.requests:
        if request.answers:
            ordered[request.auction].append((request.answers[0]["sequence"], request))
    for auction, numbered in ordered.items():
        latest, whose = 0, 0
        for sequence, request in sorted(numbered, key=lambda pair: pair[0]):
            if request.answered is not None and latest > request.answered:
                yield f"auction {auction}: bid {whose} was sent only after bid {sequence} had been answered"
            if request.invoked > latest:
                latest, whose = request.invoked, sequence


def _doubles(ending: Ending) -> Iterator[str]:
    for what, names in (
        ("number", (row.sequence for row in ending.rows)),
        ("request", ((row.person, row.request_id) for row in ending.bids)),
    ):
        seen: set[object] = set()
        for name in names:
            if name in seen:
                yield f"auction {ending.auction}: {what} {name} is in the ledger twice"
            seen.add(name)


def _same(row: BidRow, request: Request, answer: dict[str, object]) -> bool:
    ours = (row.person, row.request_id, row.amount, row.nth, row.at_ms)
    at_ms = answer.get("at_ms", row.at_ms)
    return ours == (request.person, request.request_id, request.amount, answer["nth"], at_ms)


def _name(request: Request) -> str:
    return f"auction {request.auction}: request {request.request_id} of {request.person} over {request.amount} won"
