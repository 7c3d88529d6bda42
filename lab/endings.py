"""Reads how an auction ended, from both stores, as evidence for the checkers."""

from collections.abc import Iterable

from cashticket.auction.terms import Terms
from cashticket.auction.values import Entry, NoticeKind
from cashticket.engine.interface import Engine
from cashticket.engine.windows import whole_order
from cashticket.extensions import db
from cashticket.ledger import award_queries, gaps, notice_queries, queries
from cashticket.ledger.outages import outages_of
from cashticket.ledger.quarantine import quarantined_entries
from cashticket.ledger.withdrawals import merged, withdrawals_of
from cashticket.locale import to_ms
from cashticket.models import Auction, Notification, Person, Quarantined, Seat
from lab.evidence import AwardRow, BidRow, Ending

EVERYBODY = 1_000_000


def ending_of_store(engine: Engine, terms: Terms) -> Ending:
    """Final state of an auction that was never drained, with its list in place of the ledger."""
    board = engine.read(terms.auction_id)
    entries = [entry for entry in engine.peek(terms.auction_id, EVERYBODY) if isinstance(entry, Entry)]
    rows = [_row_of_entry(entry) for entry in entries]
    alerts = [(row.displaced, row.sequence) for row in rows if row.displaced and row.alert]
    ending = _ending(engine, terms, rows)
    ending.sequence, ending.recorded, ending.ends_at_ms = board.sequence, len(rows), board.ends_at_ms
    ending.alerts, ending.seat_numbers = alerts, list(range(1, terms.seats + 1))
    return ending


def ending_of(engine: Engine, auction_id: int) -> Ending:
    """Final state of an auction, from both stores."""
    db.session.remove()
    board, row = engine.read(auction_id), db.session.get_one(Auction, auction_id)
    rows = [_row_of_bid(each) for each in merged(queries.bids(auction_id), withdrawals_of(auction_id))]
    ending = _ending(engine, board.terms, rows)
    ending.concert, ending.state, ending.pricing = row.concert_id, row.state, row.pricing
    ending.sequence, ending.ends_at_ms = board.sequence, max(board.ends_at_ms, to_ms(row.ends_at))
    ending.recorded, ending.final_sequence = row.recorded_sequence, row.final_sequence
    ending.outages = [
        (to_ms(each.ended_at), to_ms(each.ends_before), to_ms(each.ends_after)) for each in outages_of(auction_id)
    ]
    ending.backlog = engine.backlog([auction_id])[auction_id]
    ending.quarantined = [entry.sequence for entry in _aside(auction_id) if entry.sequence]
    ending.given_up = [number for gap in gaps.gaps_of(auction_id) for number in range(gap.first, gap.last + 1)]
    ending.alerts = [(each.person_id, each.occasion) for each in _notices(auction_id, NoticeKind.RANK_OUT)]
    ending.passed_over = notice_queries.people_passed_over(auction_id)
    ending.left = notice_queries.people_who_left(auction_id)
    ending.seat_numbers = list(db.session.scalars(db.select(Seat.number).where(Seat.auction_id == auction_id)))
    ending.award_rows = [
        AwardRow(each.id, each.seat.number, each.person_id, each.price, each.state, each.previous_id)
        for each in award_queries.awards_of(auction_id)
    ]
    ending.events = [(each.number, each.award_id, each.state) for each in award_queries.award_events(auction_id)]
    blocked = db.session.scalars(db.select(Person).where(Person.blocked_at.is_not(None))).all()
    ending.barred = {person.id for person in blocked}
    if row.settled_at is not None:
        ending.barred_at_settlement = {
            each.id for each in blocked if each.blocked_at and each.blocked_at < row.settled_at
        }
    ending.handing_over = row.line_paused_at is None and to_ms(row.concert.cancel_until) > engine.clock()
    db.session.remove()
    return ending


def _ending(engine: Engine, terms: Terms, rows: list[BidRow]) -> Ending:
    order = [(each.person, each.amount, each.sequence) for each in whole_order(engine, terms.auction_id)]
    people = {row.person for row in rows} | {person for person, _, _ in order}
    return Ending(
        auction=terms.auction_id,
        concert=terms.auction_id,
        seats=terms.seats,
        minimum=terms.minimum,
        step=terms.step,
        maximum=terms.maximum,
        opens_at_ms=terms.opens_at_ms,
        latest_end_ms=terms.closes_at_ms + terms.soft_close_cap_ms,
        ends_at_ms=terms.closes_at_ms,
        sequence=0,
        recorded=0,
        backlog=0,
        rows=rows,
        order=order,
        chances={person: 3 - engine.place(terms.auction_id, person).chances_left for person in people},
    )


def _aside(auction_id: int) -> list[Quarantined]:
    """Quarantined entries that are no recorded bid by now."""
    entries = quarantined_entries(auction_id)
    return [entry for entry in entries if not (entry.resolution or "").startswith("recorded by ")]


def _notices(auction_id: int, kind: str) -> Iterable[Notification]:
    return db.session.scalars(
        db.select(Notification).where(Notification.auction_id == auction_id, Notification.kind == kind)
    ).all()


def _row_of_entry(entry: Entry) -> BidRow:
    return BidRow(*(getattr(entry, name) for name in BidRow.__slots__))


def _row_of_bid(bid: object) -> BidRow:
    columns = {"person": "person_id", "displaced": "displaced_id"}
    return BidRow(*(getattr(bid, columns.get(name, name)) for name in BidRow.__slots__))
