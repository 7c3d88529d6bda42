"""The verb `withdraw`: under the row lock, with the order read by its index."""

from typing import Any

from pymysql.connections import Connection

from cashticket.auction import rules
from cashticket.auction.values import SEQUENCE_MAX, Entry, Reason
from cashticket.auction.withdrawals import WITHDRAWN
from cashticket.engine.errors import Paused
from cashticket.engine.memory_window import MemoryWindow
from cashticket.engine.news import BidAccepted
from cashticket.engine.withdrawing import Withdrawal
from lab.systems.locking.connections import send
from lab.systems.locking.rows import AuctionRow, auction_row, window_of
from lab.systems.locking.statements import NOW_MS
from lab.systems.locking.windows import LockingWindows

_STANDING = "SELECT score FROM locking_people WHERE auction_id = {auction} AND person = {person} AND score IS NOT NULL"
_BETTER = "SELECT COUNT(*) FROM locking_people WHERE auction_id = {auction} AND score > {score}"
_LEAVE = "UPDATE locking_people SET score = NULL WHERE auction_id = {auction} AND person = {person}"
_LAST_WINNER = """SELECT score, person FROM locking_people WHERE auction_id = {auction} AND score IS NOT NULL
    ORDER BY score DESC LIMIT 1 OFFSET {before}"""


class LockingWithdrawing(LockingWindows):
    """This verb, and those of the windows."""

    def withdraw(self, auction_id: int, person: int, now_ms: int | None = None) -> Withdrawal:
        with self._connections.connection() as connection:
            send(connection, "START TRANSACTION")
            row = auction_row(connection, auction_id, locked=True)
            ((clock_ms,),) = send(connection, f"SELECT {NOW_MS}")[0]
            window = window_of(row, lambda news: None)
            if window.paused:
                raise Paused(auction_id, window.paused)
            at = window.window(int(clock_ms) if now_ms is None else now_ms)
            withdrawal = _withdrawn(connection, row, window, person, at)
            send(connection, "COMMIT")
        if withdrawal.entry:
            self._tell(auction_id, [BidAccepted(row["version"] + 1, withdrawal.entry)])
            if self._on_accepted:
                self._on_accepted(auction_id, withdrawal.entry)
        return withdrawal


def _withdrawn(
    connection: "Connection[Any]", row: AuctionRow, window: MemoryWindow, person: int, at: rules.Window
) -> Withdrawal:
    if at.ended or at.now_ms >= at.ends_at_ms:
        return Withdrawal(refusal=Reason.CLOSED)
    auction, seats = row["auction_id"], row["seats"]
    (standing,) = send(connection, _STANDING.format(auction=auction, person=person))
    if not standing:
        return Withdrawal()
    if row["sequence"] >= SEQUENCE_MAX:
        return Withdrawal(refusal=Reason.FULL)
    score = int(standing[0][0])
    ((better,),) = send(connection, _BETTER.format(auction=auction, score=score))[0]
    send(connection, _LEAVE.format(auction=auction, person=person))
    (last,) = send(connection, _LAST_WINNER.format(auction=auction, before=seats - 1))
    cutoff_score, cutoff_person = last[0] if last else (-1, 0)
    entry = Entry(
        sequence=row["sequence"] + 1,
        person=person,
        nth=WITHDRAWN,
        amount=rules.unscore(score)[0],
        at_ms=at.now_ms,
        request_id="",
        ends_at_ms=window.ends_at_ms,
        rank=int(better) + 1,
        cutoff=rules.unscore(cutoff_score)[0] if last else row["minimum"],
        displaced=cutoff_person if last and better < seats else None,
        alert=False,
    )
    send(connection, *_writes(auction, entry, cutoff_score, cutoff_person))
    return Withdrawal(entry)


def _writes(auction: int, entry: Entry, cutoff_score: int, cutoff_person: int) -> tuple[str, ...]:
    state = f"sequence = {entry.sequence}, version = version + 1, last_ms = {entry.at_ms}, bidders = bidders - 1"
    state += f", cutoff_score = {cutoff_score}, cutoff_person = {cutoff_person}"
    bid = f"{auction}, {entry.sequence}, {entry.person}, NULL, {entry.amount}, {entry.at_ms}, ''"
    effect = f"{entry.ends_at_ms}, {entry.rank}, {entry.cutoff}, {entry.displaced or 'NULL'}, 0"
    return (
        f"UPDATE locking_amounts SET bids = bids - 1 WHERE auction_id = {auction} AND amount = {entry.amount}",
        f"INSERT INTO locking_bids VALUES ({bid}, {effect})",
        f"UPDATE locking_auctions SET {state} WHERE auction_id = {auction}",
    )
