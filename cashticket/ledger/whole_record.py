"""The whole public record of an auction, as it is written to a file: window by window, from the reading copy if that
has all of it."""

from collections.abc import Iterator
from copy import deepcopy

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from cashticket.auction.end_moves import EndWalk
from cashticket.extensions import db
from cashticket.ledger.public_record import PublicRecord, RecordRow, rows_of
from cashticket.models import Auction, GivenUpBid

WINDOW_NUMBERS = 500
"""Sequences that are read at once."""


def all_rows(record: PublicRecord, copy: Engine | None = None) -> Iterator[list[RecordRow]]:
    """All rows in windows. Each window is read when it is asked for, also after the request; in the reading copy if
    one is given that has the whole record."""
    return _windows(db.engine, copy if copy is not None and _has_all(copy, record) else None, record)


def _has_all(copy: Engine, record: PublicRecord) -> bool:
    given_up = select(func.count(GivenUpBid.id)).where(GivenUpBid.auction_id == record.auction_id).scalar_subquery()
    auction = record.auction
    try:
        with Session(copy) as session:
            row = session.execute(
                select(Auction.recorded_sequence, Auction.ranked_at, given_up).where(Auction.id == record.auction_id)
            ).one_or_none()
    except SQLAlchemyError:
        return False
    return row is not None and tuple(row) == (auction.recorded_sequence, auction.ranked_at, record.given_up)


def _windows(engine: Engine, copy: Engine | None, record: PublicRecord) -> Iterator[list[RecordRow]]:
    walk = EndWalk(record.first_end_ms, record.shifts, record.soft_close_ms)
    for first in range(1, record.last + 1, WINDOW_NUMBERS):
        rows, tried = None, deepcopy(walk)
        if copy is not None:
            try:
                rows, walk = _window(copy, record, first, tried), tried
            except SQLAlchemyError:
                # From here on it is read where it is surely there.
                copy = None
        yield _window(engine, record, first, walk) if rows is None else rows


def _window(engine: Engine, record: PublicRecord, first: int, walk: EndWalk) -> list[RecordRow]:
    # A session of its own for each window: whoever reads slowly holds no connection meanwhile.
    with Session(engine) as session:
        return rows_of(session, record, first, first + WINDOW_NUMBERS - 1, walk)
