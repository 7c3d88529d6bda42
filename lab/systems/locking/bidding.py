"""Decides bids: in one transaction under the lock of the auction's row, by the law's own functions or by the procedure.

Where the bid before was refused, this one is first looked at without the lock: refusals come in rows (after the end,
from robots), and must hold up nobody. Where it was accepted, that look would cost more than it saves.
"""

from collections.abc import Callable
from typing import Any

import pymysql
from pymysql.connections import Connection

from cashticket.auction.answers import answer_of
from cashticket.auction.values import AMOUNT_MAX, Accepted, Entry
from cashticket.engine.errors import OutcomeUnknown, UnknownAuction
from cashticket.engine.news import BidAccepted, format_news
from cashticket.engine.values import Decision, OnAccepted
from lab.systems.locking import judging, procedure, statements
from lab.systems.locking.connections import Connections, is_lost, send
from lab.systems.locking.judging import Attempt

Publish = Callable[[int, str], object]


class LockingBidding:
    """The verb `place_bid`. Safe for threads."""

    def __init__(
        self, connections: Connections, *, uses_procedure: bool, publish: Publish | None, on_accepted: OnAccepted | None
    ) -> None:
        self._connections, self._uses_procedure = connections, uses_procedure
        self._publish, self._on_accepted = publish, on_accepted
        self._backlog_max: int | None = None
        self._refusing: set[int] = set()

    def place_bid(
        self,
        auction_id: int,
        person: int,
        epoch: int,
        amount: int,
        request_id: str,
        now_ms: int | None = None,
        *,
        sure: int | None = None,
    ) -> Decision:
        # An amount outside what a column holds is refused for the same reason as the nearest one.
        said, looks_first = None if sure is None else _clamped(sure), auction_id in self._refusing
        bid = (auction_id, person, epoch, _clamped(amount), request_id)
        attempt = Attempt(*bid, now_ms, self._backlog_max, looks_first, said)
        is_new = False
        try:
            with self._connections.connection() as connection:
                decision, entry, version = (_call if self._uses_procedure else _decide)(connection, attempt)
            is_new = isinstance(decision, Accepted) and not decision.replayed
        finally:
            (self._refusing.discard if is_new else self._refusing.add)(auction_id)
        if entry is not None and isinstance(decision, Accepted):
            if self._publish and not decision.replayed:
                self._publish(auction_id, format_news(BidAccepted(version, entry)))
            if self._on_accepted:
                self._on_accepted(auction_id, entry)
        return decision


def _clamped(amount: int) -> int:
    return max(-1, min(amount, AMOUNT_MAX + 1))


Outcome = tuple[Decision, Entry | None, int]
"""The answer, the entry of an accepted bid (of a repeated request without the displaced), and the version after it."""


def _decide(connection: "Connection[Any]", attempt: Attempt) -> Outcome:
    """Two packets: lock and look, write. The lock is held for one way to the client and back, and the commit; the
    database lets it go before it waits for the disk, so one flush may serve the bids of several threads."""
    request = connection.escape(attempt.request_id)
    if attempt.looks_first:
        looked = send(connection, statements.first_look(attempt.auction_id, attempt.person, request))
        refusal = judging.judged(attempt, _standing(attempt, looked[-1]))
        if refusal is not None:
            return refusal
    looked = send(connection, *statements.locked_look(attempt.auction_id, attempt.person, attempt.amount, request))
    before = _standing(attempt, looked[-1])
    refusal = judging.judged(attempt, before)
    if refusal is not None:
        connection.rollback()
        return refusal
    entry, cutoff = judging.accepted(attempt, before)
    _sent(connection, *statements.writes(attempt.auction_id, before, entry, cutoff, request))
    return answer_of(entry, before.terms.seats), entry, before.version + 1


def _call(connection: "Connection[Any]", attempt: Attempt) -> Outcome:
    """One packet, one statement for the client. The lock is held for no way over the network."""
    rows = _sent(connection, procedure.call(attempt, connection.escape(attempt.request_id)))
    return procedure.outcome(attempt, str(rows[0][0][0]))


def _standing(attempt: Attempt, rows: Any) -> statements.Standing:
    if not rows:
        raise UnknownAuction(f"auction {attempt.auction_id} is not in the tables")
    return statements.standing(attempt.auction_id, rows[0][0])


def _sent(connection: "Connection[Any]", *packet: str) -> Any:
    """The rows of a packet that commits. Raises OutcomeUnknown when the connection ended over it."""
    try:
        return send(connection, *packet)
    except pymysql.err.Error as error:
        if is_lost(error):
            connection.close()
            raise OutcomeUnknown(f"the database did not answer whether it took the bid: {error}") from error
        raise
