"""Views of an auction after each step, from the real stores and from the model, in the same form for comparison."""

from collections.abc import Iterator, Sequence
from dataclasses import astuple
from typing import Any

from sqlalchemy import select

from cashticket import redis_keys
from cashticket.auction.values import Entry, NoticeKind, RankedBid
from cashticket.engine.interface import Snapshot, UnknownAuction
from cashticket.engine.windows import whole_order
from cashticket.extensions import db
from cashticket.ledger import outages
from cashticket.ledger.withdrawals import merged, withdrawals_of
from cashticket.locale import to_ms
from cashticket.models import (
    Auction,
    Award,
    AwardEvent,
    FinalRank,
    Notification,
    Quarantined,
    RecordedBid,
    Seat,
    SequenceGap,
)
from cashticket.settlement import line
from lab.evidence import BidRow
from lab.oracle.bidding import CHANCES, WITHDRAWN, Ranked, cutoff, final_order
from lab.oracle.boards import shown
from tests.storm.stateful.model import ModelAuction
from tests.storm.stateful.seats import ModelConcert
from tests.storm.stateful.stores import Stores

View = dict[str, Any]


def store_view(stores: Stores, auction_id: int) -> View:
    """The live store's side; only the list when it does not know the auction. Looks at one person's place, in turns."""
    engine = stores.engine
    entries = engine.peek(auction_id, 1000)
    waiting = [
        BidRow(*(getattr(entry, name) for name in BidRow.__slots__)) for entry in entries if isinstance(entry, Entry)
    ]
    try:
        board = engine.read(auction_id)
    except UnknownAuction:
        return {"waiting": waiting}
    person = stores.people[board.version % len(stores.people)]
    place = engine.places(auction_id, list(stores.people))[person]
    chances = stores.client.hgetall(redis_keys.chances(auction_id))
    return {
        "waiting": waiting,
        "unreadable": len(entries) - len(waiting),
        "state": board.state.value,
        "paused": board.paused,
        "sequence": board.sequence,
        "shown": board.recorded,
        "closes": board.terms.closes_at_ms,
        "ends": board.ends_at_ms,
        "outage": astuple(board.outage)[1:] if board.outage else None,
        "bidders": board.bidders,
        "cutoff": board.cutoff,
        "best": board.best,
        "board": _board_view(board),
        "order": [_triple(each) for each in whole_order(engine, auction_id)],
        "rows": [_triple(each) for each in engine.rows(auction_id, 2, 3).bids],
        "chances": {int(person): int(used) for person, used in chances.items()},
        "place": (person, place.rank, CHANCES - place.chances_left, place.winning, place.recorded),
        "in service": auction_id in engine.auctions(),
    }


def _board_view(board: Snapshot) -> View:
    return {
        "top": [list(_triple(each)) for each in board.top],
        "edge": [board.edge.first, *(list(_triple(each)) for each in board.edge.bids)],
        "last_winner": [list(_triple(board.last_winner))] if board.last_winner else [],
        "histogram": [[counted.lowest, counted.bids] for counted in board.histogram],
    }


def _triple(bid: RankedBid) -> tuple[int, int, int]:
    return bid.person, bid.amount, bid.sequence


def modelled_store_view(auction: ModelAuction, person: int, now: int) -> View:
    if not auction.in_store:
        return {"waiting": auction.waiting}
    order = final_order(auction.bids)
    state, now = auction.state, max(now, auction.last)
    if state == "open":
        state = "scheduled" if now < auction.opens else "open" if now < auction.ends else "closing"
    return {
        "waiting": auction.waiting,
        "unreadable": 0,
        "state": state,
        "paused": auction.paused if auction.state == "open" else "",
        "sequence": auction.sequence,
        "shown": auction.shown,
        "closes": auction.closes,
        "ends": auction.ends,
        "outage": auction.outages[-1] if auction.outages else None,
        "bidders": len(order),
        "cutoff": cutoff(order, auction.seats, auction.minimum),
        "best": order[0].amount if order else None,
        "board": shown(order, auction.seats, auction.step),
        "order": order,
        "rows": order[1:4],
        "chances": {row.person: auction.used(row.person) for row in auction.bids if row.nth},
        "place": modelled_place(auction, order, person),
        "in service": auction.state != "settled",
    }


def modelled_place(auction: ModelAuction, order: list[Ranked], person: int) -> tuple[int, int | None, int, bool, bool]:
    place = [(rank, row.sequence) for rank, row in enumerate(order, 1) if row.person == person]
    rank, sequence = place[0] if place else (None, 0)
    return person, rank, auction.used(person), rank is not None and rank <= auction.seats, 0 < sequence <= auction.shown


def ledger_view(auction_id: int) -> View:
    """The ledger's side, with the seats. Awards are named by their place among the auction's."""
    db.session.remove()
    row = db.session.get_one(Auction, auction_id)
    bids = _all(RecordedBid, RecordedBid.auction_id == auction_id, RecordedBid.sequence)
    awards = db.session.execute(
        select(Award, Seat.number).join(Seat, Seat.id == Award.seat_id).where(Award.auction_id == auction_id)
    ).all()
    awards = sorted(awards, key=lambda pair: pair[0].id)
    numbers = {award.id: number for number, (award, _) in enumerate(awards)}
    notices = _all(Notification, Notification.auction_id == auction_id, Notification.id)
    gaps = _all(SequenceGap, SequenceGap.auction_id == auction_id, SequenceGap.first)
    view = {
        "state": row.state,
        "closes": to_ms(row.closes_at),
        "ends": to_ms(row.ends_at),
        "outages": [astuple(outages.value_of(each))[1:] for each in outages.outages_of(auction_id)],
        "mark": row.recorded_sequence,
        "final": row.final_sequence,
        "rows": [_row(bid) for bid in merged(bids, withdrawals_of(auction_id))],
        "gaps": [(gap.first, gap.last) for gap in gaps],
        "quarantined": len(_all(Quarantined, Quarantined.auction_id == auction_id, Quarantined.id)),
        "alerts": sorted((each.person_id, each.occasion) for each in notices if each.kind == NoticeKind.RANK_OUT),
        "moved in": sorted((each.person_id, each.occasion) for each in notices if each.kind == NoticeKind.MOVED_IN),
        "notices": sorted(_outcomes_of(notices) + _untold(row)),
        "awards": [_award_view(award, seat, numbers) for award, seat in awards],
        "events": [
            (numbers[each.award_id], each.state)
            for each in _all(AwardEvent, AwardEvent.auction_id == auction_id, AwardEvent.number)
        ],
        "line": _line(row) if row.state == "settled" else {},
    }
    db.session.remove()
    return view


def _outcomes_of(notices: Sequence[Notification]) -> list[tuple[int, str]]:
    others = (NoticeKind.RANK_OUT, NoticeKind.MOVED_IN)
    return [(each.person_id, each.kind) for each in notices if each.kind not in others]


def _untold(row: Auction) -> list[tuple[int, str]]:
    """What the job is still to tell of a settled auction; it does not run here."""
    if row.ranked_at is None:
        return []
    ranks = _all(FinalRank, (FinalRank.auction_id == row.id) & FinalRank.told_at.is_(None), FinalRank.rank)
    return [(each.person_id, "passed_over" if each.passed_over else "not_won") for each in ranks]


def _line(row: Auction) -> dict[int, int]:
    """Everybody in the line of a settled auction, with their position from 1."""
    waiting = line.next_in_line(db.session(), row.id, 1_000)
    return {each.person_id: line.position(row.id, each.person_id) or 0 for each in waiting}


def _all(table: Any, condition: Any, order: Any) -> Sequence[Any]:
    return db.session.scalars(select(table).where(condition).order_by(order)).all()


def _moved_in(recorded: list[BidRow]) -> Iterator[tuple[int, int]]:
    """Who is told of a recorded withdrawal: who came in by it, if the ledger has the bid that stands."""
    for row in recorded:
        if row.nth == WITHDRAWN and row.displaced is not None:
            own = [bid for bid in recorded if bid.person == row.displaced and bid.nth and bid.sequence < row.sequence]
            if own:
                yield row.displaced, row.sequence


def _row(bid: Any) -> BidRow:
    columns = {"person": "person_id", "displaced": "displaced_id"}
    return BidRow(*(getattr(bid, columns.get(name, name)) for name in BidRow.__slots__))


def _award_view(award: Award, seat: int, numbers: dict[int, int]) -> tuple[Any, ...]:
    times = (to_ms(award.offered_at), to_ms(award.expires_at))
    previous = None if award.previous_id is None else numbers[award.previous_id]
    return seat, award.person_id, award.rank, award.price, *times, previous, award.state


def modelled_ledger_view(concert: ModelConcert, auction: ModelAuction) -> View:
    mine = [number for number, award in enumerate(concert.awards) if award.auction == auction.id]
    numbers = {number: place for place, number in enumerate(mine)}
    award_views = []
    for award in (concert.awards[number] for number in mine):
        previous = None if award.previous is None else numbers[award.previous]
        facts = (award.seat, award.person, award.rank, award.price, award.offered, award.expires)
        award_views.append((*facts, previous, award.state))
    settled = auction.ledger_state == "settled"
    waiting = concert.waiting_line(auction) if settled else []
    return {
        "state": auction.ledger_state,
        "closes": auction.ledger_closes,
        "ends": auction.ledger_ends,
        "outages": auction.ledger_outages,
        "mark": auction.mark,
        "final": auction.mark if settled else None,
        "rows": auction.recorded,
        "gaps": auction.gaps,
        "quarantined": 0,
        "alerts": sorted((row.displaced, row.sequence) for row in auction.recorded if row.displaced and row.alert),
        "moved in": sorted(_moved_in(auction.recorded)),
        "notices": sorted((person, kind) for auction_id, person, kind in concert.notices if auction_id == auction.id),
        "awards": award_views,
        "events": [(numbers[number], state) for number, state in concert.events.get(auction.id, [])],
        "line": {row.person: place for place, row in enumerate(waiting, 1)},
    }
