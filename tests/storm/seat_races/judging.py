"""What must hold of the seats of a concert whenever nothing moves, judged from the rows alone, by brute force.

Each judge yields a sentence for every violation. None of them asks the product: lines, heirs and notices are counted
out of bids, awards and events as docs/rules.md says.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import Select, select

from cashticket.auction.values import NoticeKind, State
from cashticket.extensions import db
from cashticket.models import Auction, Award, AwardEvent, Concert, FinalRank, Notification, OutboxMessage, Person
from cashticket.models.outbox import Channel, Source
from lab.oracle.seats import LIVE, NEXT_STATES

TOLD = {
    "bought": NoticeKind.BOUGHT,
    "cancelled": NoticeKind.CANCELLED,
    "declined": NoticeKind.DECLINED,
    "lapsed": NoticeKind.LAPSED,
    "revoked": NoticeKind.REVOKED,
    "voided": NoticeKind.VOIDED,
}
"""The notice of which an award that comes into this state is the cause."""

MOVED_UP_MAX = 2
"""How often one person is told at most that they moved up in one line; some are told no time."""


@dataclass
class Found:
    """The rows of one concert. `line` has for each auction everybody's final rank, best first."""

    deadline: datetime
    auctions: list[Auction]
    awards: dict[int, Award]
    events: dict[int, list[AwardEvent]]
    line: dict[int, list[FinalRank]]
    blocked: set[int]
    notices: list[tuple[int, int, str, int]]
    mails: list[tuple[int, str]]


def violations(concert_id: int, now: datetime) -> list[str]:
    """What is wrong with the seats of this concert at `now` (UTC), nothing if all is as the rules say."""
    return judged(found_of(concert_id), now)


def judged(found: Found, now: datetime) -> list[str]:
    """What is wrong with these rows at `now` (UTC)."""
    judges = (two_holders, two_tickets, wrong_events, wrong_heirs, wrong_lines, untold)
    return [each for judge in judges for each in judge(found)] + list(idle_seats(found, now))


def two_holders(found: Found) -> Iterator[str]:
    """A seat has two holders, or more awards are live than there are seats."""
    for auction in found.auctions:
        held = Counter(each.seat_id for each in _awards(found, auction) if each.state in LIVE)
        yield from (f"seat {seat} has {holders} holders" for seat, holders in held.items() if holders > 1)
        if held.total() > auction.seats:
            yield f"auction {auction.id} has {held.total()} holders of {auction.seats} seats"


def two_tickets(found: Found) -> Iterator[str]:
    """A person has two live awards of the concert, or two awards in one auction."""
    live = Counter(each.person_id for each in found.awards.values() if each.state in LIVE)
    yield from (f"person {person} has {count} tickets" for person, count in live.items() if count > 1)
    in_one = Counter((each.auction_id, each.person_id) for each in found.awards.values())
    yield from (f"person {who} had {count} awards of auction {of}" for (of, who), count in in_one.items() if count > 1)


def wrong_events(found: Found) -> Iterator[str]:
    """Events are not numbered 1, 2, 3 …, a move has none or two, or an award did what no award may do."""
    for auction in found.auctions:
        numbers = [event.number for event in found.events[auction.id]]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"the events of auction {auction.id} are numbered {numbers}"
        for award in _awards(found, auction):
            story = [None, *[str(event.state) for event in found.events[auction.id] if event.award_id == award.id]]
            if any(after not in NEXT_STATES.get(before, set()) for before, after in pairwise(story)):
                yield f"award {award.id} went through {story[1:]}"
            if story[-1] != award.state:
                yield f"award {award.id} is {award.state}, its events end with {story[-1]}"


def wrong_heirs(found: Found) -> Iterator[str]:
    """A seat was handed over that was not free, to another than the next in line, or at another price than the bid."""
    for auction in found.auctions:
        states: dict[int, str] = {}
        for event in found.events[auction.id]:
            award = found.awards[event.award_id]
            if event.state == "offered" and award.previous_id is not None:
                yield from _wrong_heir(found, auction, award, states)
            states[award.id] = str(event.state)


def _wrong_heir(found: Found, auction: Auction, award: Award, states: dict[int, str]) -> Iterator[str]:
    before = max((each for each in states if found.awards[each].seat_id == award.seat_id), default=None)
    if before is None or before != award.previous_id or states[before] in LIVE:
        yield f"award {award.id} took a seat over from award {award.previous_id}, which did not free it"
    had_one = {found.awards[each].person_id for each in states} | _elsewhere(found, auction)
    rows = {row.person_id: row for row in found.line[auction.id]}
    # Who left may have left before or after; only who is there for good is surely skipped.
    ahead = [each for each in found.line[auction.id] if each.rank < rows[award.person_id].rank and not each.left_at]
    skipped = [each.person_id for each in ahead if each.person_id not in had_one | found.blocked]
    if skipped or award.person_id in had_one:
        yield f"award {award.id} went to person {award.person_id}, past {skipped}"
    if award.price != rows[award.person_id].amount:
        yield f"award {award.id} costs {award.price}, its person bid {rows[award.person_id].amount}"


def wrong_lines(found: Found) -> Iterator[str]:
    """Somebody is in a line who may be offered nothing, or is not in it."""
    for auction in (each for each in found.auctions if each.state is State.SETTLED):
        stored = [row.person_id for row in found.line[auction.id] if row.waiting]
        if stored != (true := _waiting(found, auction)):
            yield f"the line of auction {auction.id} is {stored}, by the rules {true}"


def idle_seats(found: Found, now: datetime) -> Iterator[str]:
    """A seat is free and offered to nobody while somebody waits, the line is not paused and time is left."""
    for auction in (each for each in found.auctions if each.state is State.SETTLED and not each.line_paused_at):
        awards = _awards(found, auction)
        free = {each.seat_id for each in awards} - {each.seat_id for each in awards if each.state in LIVE}
        if free and now < found.deadline and (waiting := _waiting(found, auction)):
            yield f"seats {sorted(free)} of auction {auction.id} are free while {waiting} wait"


def untold(found: Found) -> Iterator[str]:
    """A move was told never, twice or without its mail, or something was told that did not happen."""
    due: Counter[tuple[int, int, str]] = Counter()
    for event in (each for auction in found.auctions for each in found.events[auction.id]):
        award = found.awards[event.award_id]
        issued = NoticeKind.WON if award.previous_id is None else NoticeKind.OFFERED
        if kind := issued if event.state == "offered" else TOLD.get(event.state):
            due[award.auction_id, award.person_id, str(kind)] += 1
    for row in (each for auction in found.auctions for each in found.line[auction.id] if each.left_at):
        due[row.auction_id, row.person_id, str(NoticeKind.LEFT)] += 1
    told = Counter((auction, person, kind) for auction, person, kind, _ in found.notices)
    for cause in [each for each in told if each[2] == NoticeKind.MOVED_UP and told[each] <= MOVED_UP_MAX]:
        del told[cause]
    if due != told:
        yield f"to be told: {dict(due - told)}, told in vain: {dict(told - due)}"
    notices = Counter((notice, kind) for _, _, kind, notice in found.notices)
    if notices != Counter(found.mails):
        mails = Counter(found.mails)
        yield f"notices without mail: {dict(notices - mails)}, mails without notice: {dict(mails - notices)}"


def _waiting(found: Found, auction: Auction) -> list[int]:
    out = {each.person_id for each in _awards(found, auction)} | _elsewhere(found, auction) | found.blocked
    return [row.person_id for row in found.line[auction.id] if row.person_id not in out and row.left_at is None]


def _elsewhere(found: Found, auction: Auction) -> set[int]:
    """Who holds a ticket of the concert from another auction."""
    others = (each for each in found.awards.values() if each.auction_id != auction.id)
    return {each.person_id for each in others if each.state in LIVE}


def _awards(found: Found, auction: Auction) -> list[Award]:
    return [each for each in found.awards.values() if each.auction_id == auction.id]


def found_of(concert_id: int) -> Found:
    """The rows of this concert as they are now; changing them changes nothing that is stored."""
    db.session.remove()
    concert = db.session.get_one(Concert, concert_id)
    auctions = _all(select(Auction).where(Auction.concert_id == concert_id).order_by(Auction.id))
    ids = [each.id for each in auctions]
    awards = _all(select(Award).where(Award.concert_id == concert_id).order_by(Award.id))
    events = _all(select(AwardEvent).where(AwardEvent.auction_id.in_(ids)).order_by(AwardEvent.number))
    ranks = _all(select(FinalRank).where(FinalRank.auction_id.in_(ids)).order_by(FinalRank.rank))
    told = (Notification.auction_id, Notification.person_id, Notification.kind, Notification.id)
    notices = db.session.execute(select(*told).where(Notification.auction_id.in_(ids))).all()
    mail = (OutboxMessage.channel == Channel.MAIL, OutboxMessage.source == Source.NOTICE)
    mailed = select(OutboxMessage.reference, OutboxMessage.kind).where(*mail, OutboxMessage.auction_id.in_(ids))
    mails = [(reference, kind) for reference, kind in db.session.execute(mailed)]
    blocked = set(_all(select(Person.id).where(Person.blocked_at.is_not(None))))
    db.session.expunge_all()
    return Found(
        deadline=concert.cancel_until,
        auctions=auctions,
        awards={each.id: each for each in awards},
        events={each: [event for event in events if event.auction_id == each] for each in ids},
        line={each: [row for row in ranks if row.auction_id == each] for each in ids},
        blocked=blocked,
        notices=[(auction, person, str(kind), notice) for auction, person, kind, notice in notices],
        mails=mails,
    )


def _all(statement: Select[Any]) -> list[Any]:
    return list(db.session.scalars(statement))
