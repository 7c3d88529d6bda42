"""What came about in random auctions, and what a run must have met."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from tests.storm.random_auctions.drawing import HOUR
from tests.storm.random_auctions.model import Auction, Award, Concert

MET = (
    # Rule 12
    "nobody bid",
    "everybody won and seats stayed unsold",
    "a place decided by the sequence",
    "settled: settled",
    "settled after the deadline",
    # Rule 13
    "uniform: lowest awarded bid",
    "uniform: minimum",
    "uniform: seats unsold because of who was passed over",
    "uniform: lowest awarded bid below who was passed over",
    # Rule 14
    "passed over with a ticket",
    "passed over with a barred account",
    "settled: earlier_auction",
    "settled: voided",
    "blocked",
    "closed",
    "buy: blocked",
    "decline with a barred account",
    "cancel with a barred account",
    # Rule 15
    "buy: offered",
    "buy: bought",
    "buy: expired",
    "buy: declined",
    "buy: lapsed",
    "buy: cancelled",
    "buy: voided",
    "buy: not found",
    "decline: offered",
    "decline: declined",
    "decline: expired",
    "decline: bought",
    "cancel: bought",
    "cancel: cancelled",
    "cancel: too_late",
    "cancel: not_bought",
    "cancel: voided",
    "purchase cut short",
    # Rule 16
    "declined",
    "lapsed",
    "lapsed by another act",
    "cancelled",
    "offered under uniform pricing",
    "offer cut short",
    "put off by the night",
    "several seats offered at once",
    "a seat went through three hands",
    "nobody was in line",
    "no time was left",
    "offered after a block was lifted",
    "offered after a seat elsewhere was declined",
    "offered after a seat elsewhere was lapsed",
    "offered after a seat elsewhere was cancelled",
    "offered after a seat elsewhere was voided",
    "leave: done",
    "leave: offered",
    "leave: bought",
    "leave: had_one",
    "leave: not_waiting",
    "leave: not_settled",
    "leave: voided",
    "pause: done",
    "pause: repeated",
    "pause: no line",
    "resume: done",
    "resume: repeated",
    "resume: no line",
    "offered when the line went on",
    "free at the end of a paused line",
    # Rule 18
    "voided: open",
    "voided: settled",
    "voided: voided",
    "a ticket voided",
    "an offer voided",
)
"""`buy: expired` is an act with the reason why it was refused, `buy: bought` one that was allowed in that state."""


RARE = ("offered after a seat elsewhere was declined",)
"""What a run of some hundred auctions may miss."""


def missing(tally: Counter[str], *, rare: bool) -> list[str]:
    """What a run must meet and has not met, the rare only if asked for."""
    return [name for name in MET if not tally[name] and (rare or name not in RARE)]


def what_came_about(concert: Concert) -> Iterator[str]:
    """What is special about a concert that is over, read from its model."""
    stories = {award: [(at, state) for at, each, state in concert.events if each is award] for award in concert.awards}
    for auction in concert.auctions:
        seats: dict[int, list[Award]] = {}
        for award in concert.awards:
            if award.auction is auction:
                seats.setdefault(award.seat, []).append(award)
        if auction.state == "settled":
            yield from _settlement(auction, [held[0] for held in seats.values()])
        for held in seats.values():
            yield from _seat(concert, auction, [stories[award] for award in held])
            for number, award in enumerate(held):
                in_full = stories[award][0][0] + HOUR * auction.hours[number > 0]
                if in_full > award.expires:
                    yield "offer cut short" if number else "purchase cut short"
                if in_full < award.expires:
                    yield "put off by the night"


def _settlement(auction: Auction, won: list[Award]) -> Iterator[str]:
    order, winners = auction.order(), {award.person for award in won}
    lowest = min((bid for bid in order if bid[0] in winners), key=lambda bid: bid[1], default=None)
    behind = [bid for bid in order if bid[0] not in winners and bid[0] not in auction.passed_over]
    if not order:
        yield "nobody bid"
    if 0 < len(winners) == len(order) < auction.seats:
        yield "everybody won and seats stayed unsold"
    if lowest and behind and behind[0][1] == lowest[1]:
        yield "a place decided by the sequence"
    if auction.uniform and lowest:
        is_full = len(winners) == auction.seats
        yield "uniform: lowest awarded bid" if is_full else "uniform: minimum"
        if not is_full and len(order) >= auction.seats:
            yield "uniform: seats unsold because of who was passed over"
        if is_full and order[auction.seats - 1][1] > lowest[1]:
            yield "uniform: lowest awarded bid below who was passed over"


def _seat(concert: Concert, auction: Auction, stories: list[list[tuple[datetime, str]]]) -> Iterator[str]:
    """What is special about a seat; `stories` has the (moment, state) of each of its holders."""
    yield from (state for story in stories for _, state in story)
    if len(stories) >= 3:
        yield "a seat went through three hands"
    at, last = stories[-1][-1]
    if last == "voided":
        yield "a ticket voided" if "bought" in [state for _, state in stories[-1]] else "an offer voided"
    elif last != "bought" and auction.state == "settled":
        if auction.paused:
            yield "free at the end of a paused line"
        elif at < concert.deadline:
            yield "nobody was in line"
        elif concert.line(auction):
            yield "no time was left"
