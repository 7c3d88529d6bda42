"""Views of an auction after each step, from the real stores and from the model, in the same form for comparison."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from cashticket import redis_keys
from cashticket.auction.values import Entry, NoticeKind
from cashticket.engine.interface import UnknownAuction
from cashticket.extensions import db
from cashticket.locale import to_ms
from cashticket.models import Auction, Award, AwardEvent, Notification, Quarantined, RecordedBid, Seat, SequenceGap
from cashticket.settlement import line
from lab.evidence import BidRow
from lab.oracle.bidding import CHANCES, Ranked, cutoff, final_order
from tests.storm.stateful.model import Sale
from tests.storm.stateful.seats import ModelConcert
from tests.storm.stateful.stores import Stores

View = dict[str, Any]


def store_view(stores: Stores, sale_id: int) -> View:
    """The live store's side; only the list when it does not know the auction. Looks at one person's place, in turns."""
    engine = stores.engine
    entries = engine.peek(sale_id, 1000)
    waiting = [
        BidRow(*(getattr(entry, name) for name in BidRow.__slots__)) for entry in entries if isinstance(entry, Entry)
    ]
    try:
        board = engine.read(sale_id)
    except UnknownAuction:
        return {"waiting": waiting}
    person = stores.people[board.version % len(stores.people)]
    place = engine.place(sale_id, person)
    chances = stores.client.hgetall(redis_keys.chances(sale_id))
    return {
        "waiting": waiting,
        "unreadable": len(entries) - len(waiting),
        "state": board.state.value,
        "paused": board.paused,
        "sequence": board.sequence,
        "shown": board.recorded,
        "closes": board.terms.closes_at_ms,
        "ends": board.ends_at_ms,
        "bidders": board.bidders,
        "cutoff": board.cutoff,
        "best": board.best,
        "leaders": [(each.person, each.amount, each.sequence) for each in board.leaders],
        "order": [(each.person, each.amount, each.sequence) for each in engine.order(sale_id)],
        "chances": {int(person): int(used) for person, used in chances.items()},
        "place": (person, place.rank, CHANCES - place.chances_left, place.winning, place.recorded),
        "in service": sale_id in engine.auctions(),
    }


def modelled_store_view(sale: Sale, person: int, now: int) -> View:
    if not sale.in_store:
        return {"waiting": sale.waiting}
    order = final_order(sale.bids)
    state, now = sale.state, max(now, sale.last)
    if state == "open":
        state = "scheduled" if now < sale.opens else "open" if now < sale.ends else "closing"
    return {
        "waiting": sale.waiting,
        "unreadable": 0,
        "state": state,
        "paused": sale.paused if sale.state == "open" else "",
        "sequence": sale.sequence,
        "shown": sale.shown,
        "closes": sale.closes,
        "ends": sale.ends,
        "bidders": len(order),
        "cutoff": cutoff(order, sale.seats, sale.minimum),
        "best": order[0].amount if order else None,
        "leaders": order[: sale.seats],
        "order": order,
        "chances": {row.person: sale.used(row.person) for row in order},
        "place": modelled_place(sale, order, person),
        "in service": sale.state != "settled",
    }


def modelled_place(sale: Sale, order: list[Ranked], person: int) -> tuple[int, int | None, int, bool, bool]:
    place = [(rank, row.sequence) for rank, row in enumerate(order, 1) if row.person == person]
    rank, sequence = place[0] if place else (None, 0)
    return person, rank, sale.used(person), rank is not None and rank <= sale.seats, 0 < sequence <= sale.shown


def ledger_view(sale_id: int) -> View:
    """The ledger's side, with the seats. Awards are named by their place among the auction's."""
    db.session.remove()
    row = db.session.get_one(Auction, sale_id)
    bids = _all(RecordedBid, RecordedBid.auction_id == sale_id, RecordedBid.sequence)
    awards = db.session.execute(
        select(Award, Seat.number).join(Seat, Seat.id == Award.seat_id).where(Award.auction_id == sale_id)
    ).all()
    awards = sorted(awards, key=lambda pair: pair[0].id)
    numbers = {award.id: number for number, (award, _) in enumerate(awards)}
    notices = _all(Notification, Notification.auction_id == sale_id, Notification.id)
    gaps = _all(SequenceGap, SequenceGap.auction_id == sale_id, SequenceGap.first)
    view = {
        "state": row.state,
        "closes": to_ms(row.closes_at),
        "ends": to_ms(row.ends_at),
        "mark": row.recorded_sequence,
        "final": row.final_sequence,
        "rows": [_row(bid) for bid in bids],
        "gaps": [(gap.first, gap.last) for gap in gaps],
        "aside": len(_all(Quarantined, Quarantined.auction_id == sale_id, Quarantined.id)),
        "alerts": sorted((each.person_id, each.occasion) for each in notices if each.kind == NoticeKind.RANK_OUT),
        "told": sorted((each.person_id, each.kind) for each in notices if each.kind != NoticeKind.RANK_OUT),
        "tickets": [_ticket(award, seat, numbers) for award, seat in awards],
        "story": [
            (numbers[each.award_id], each.state)
            for each in _all(AwardEvent, AwardEvent.auction_id == sale_id, AwardEvent.number)
        ],
        "line": line.positions(row) if row.state == "settled" else {},
    }
    db.session.remove()
    return view


def _all(table: Any, condition: Any, order: Any) -> Sequence[Any]:
    return db.session.scalars(select(table).where(condition).order_by(order)).all()


def _row(bid: RecordedBid) -> BidRow:
    columns = {"person": "person_id", "displaced": "displaced_id"}
    return BidRow(*(getattr(bid, columns.get(name, name)) for name in BidRow.__slots__))


def _ticket(award: Award, seat: int, numbers: dict[int, int]) -> tuple[Any, ...]:
    times = (to_ms(award.offered_at), to_ms(award.expires_at))
    previous = None if award.previous_id is None else numbers[award.previous_id]
    return seat, award.person_id, award.rank, award.price, *times, previous, award.state


def modelled_ledger_view(concert: ModelConcert, sale: Sale) -> View:
    mine = [number for number, ticket in enumerate(concert.awards) if ticket.auction == sale.id]
    numbers = {number: place for place, number in enumerate(mine)}
    tickets = []
    for ticket in (concert.awards[number] for number in mine):
        previous = None if ticket.previous is None else numbers[ticket.previous]
        facts = (ticket.seat, ticket.person, ticket.rank, ticket.price, ticket.offered, ticket.expires)
        tickets.append((*facts, previous, ticket.state))
    settled = sale.ledger_state == "settled"
    waiting = concert.waiting_line(sale) if settled else []
    return {
        "state": sale.ledger_state,
        "closes": sale.ledger_closes,
        "ends": sale.ledger_ends,
        "mark": sale.mark,
        "final": sale.mark if settled else None,
        "rows": sale.recorded,
        "gaps": sale.gaps,
        "aside": 0,
        "alerts": sorted((row.displaced, row.sequence) for row in sale.recorded if row.displaced and row.alert),
        "told": sorted((person, kind) for sale_id, person, kind in concert.notices if sale_id == sale.id),
        "tickets": tickets,
        "story": [(numbers[number], state) for number, state in concert.events.get(sale.id, [])],
        "line": {row.person: place for place, row in enumerate(waiting, 1)},
    }
