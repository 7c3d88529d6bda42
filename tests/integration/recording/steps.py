"""The recording as tests drive it: in steps that can break, and with what it left in the ledger."""

from typing import Any

from cashticket.auction.values import Entry, PoisonEntry
from cashticket.engine.redis_engine import RedisEngine
from cashticket.extensions import db
from cashticket.ledger import queries
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, RecordedBid


class Crash(Exception):
    """What a test throws where a process would die."""


class Breaking:
    """The engine as a source that dies at one named step, once."""

    def __init__(self, engine: RedisEngine, step: str) -> None:
        self.engine, self.step = engine, step

    def _break(self, step: str) -> None:
        if self.step == step:
            self.step = ""
            raise Crash(step)

    def peek(self, auction_id: int, count: int) -> list[Entry | PoisonEntry]:
        self._break("before peek")
        return self.engine.peek(auction_id, count)

    def trim(self, auction_id: int, through_sequence: int) -> int:
        self._break("before trim")
        dropped = self.engine.trim(auction_id, through_sequence)
        self._break("after trim")
        return dropped

    def discard(self, auction_id: int, raw: str) -> bool:
        self._break("before discard")
        dropped = self.engine.discard(auction_id, raw)
        self._break("after discard")
        return dropped


def rows(auction: Auction) -> list[RecordedBid]:
    db.session.rollback()
    return db.session.query(RecordedBid).filter_by(auction_id=auction.id).order_by(RecordedBid.sequence).all()


def fence(auction: Auction) -> int | None:
    db.session.rollback()
    return queries.recorded_sequence(auction.id)


def record_all(source: Any, auction: Auction, batch: int = 500) -> None:
    while record_waiting(source, auction.id, batch):
        pass
