"""Faults in the awards of a settled auction, found in the ledger alone: do they follow from its bids by the law?"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest

from cashticket.auction import settlement_rules
from cashticket.ledger import award_queries, notice_queries
from cashticket.models import Auction, Award, AwardEvent
from cashticket.work.check.bids import Bidder
from cashticket.work.check.final_ranks import rank_faults
from cashticket.work.check.findings import Finding
from cashticket.work.check.ranking import Ranking, key_of

RANKS_MAX = 20
"""Ranks that one sentence names at most."""


class FinalOrder:
    """The order that the recorded bids of all bidders lead to."""

    def __init__(self, ranking: Ranking, bidders: Mapping[int, Bidder]) -> None:
        self.ranking, self._bidders = ranking, bidders

    def rank_and_amount(self, person: int) -> tuple[int, int] | None:
        """The final rank and the standing bid of a person; None for somebody without one."""
        if (bidder := self._bidders.get(person)) is None or not bidder.sequence:
            return None
        return self.ranking.rank(key_of(bidder.amount, bidder.sequence, person)), bidder.amount


def award_faults(row: Auction, order: FinalOrder) -> Iterator[Finding]:
    """Yield what contradicts the law of settlement, buying and hand-over."""
    awards = award_queries.awards_of(row.id)
    if row.final_sequence != row.recorded_sequence:
        yield Finding("I1", f"settled with {row.final_sequence} bids, but {row.recorded_sequence} are recorded")
    yield from _faults_of_winners(row, order, [award for award in awards if award.previous_id is None])
    yield from _faults_of_ranks_and_prices(row, order, awards)
    yield from _faults_of_lives(row, awards)
    yield from rank_faults(row)


def _faults_of_winners(row: Auction, order: FinalOrder, won: Sequence[Award]) -> Iterator[Finding]:
    """Winners are the best N who were not passed over, the best seat to the best of them."""
    winners = [award.person_id for award in sorted(won, key=lambda award: award.seat.number)]
    passed_over = notice_queries.people_passed_over(row.id)
    lawful = [ranked.person for ranked in settlement_rules.winners(order.ranking, row.seats, passed_over)]
    if winners != lawful:
        yield Finding(
            "I9",
            f"the seats were awarded to ranks {_ranks(order, winners, lawful)}, "
            f"the law gives them to ranks {_ranks(order, lawful, winners)}",
        )


def _ranks(order: FinalOrder, people: Sequence[int], others: Sequence[int]) -> list[int | None]:
    """The ranks of these people; of more than RANKS_MAX only of the first ones who differ from the others."""
    if len(people) > RANKS_MAX:
        differing = zip_longest(people, others)
        people = [ours for ours, theirs in differing if ours is not None and ours != theirs][:RANKS_MAX]
    places = (order.rank_and_amount(person) for person in people)
    return [place and place[0] for place in places]


def _faults_of_ranks_and_prices(row: Auction, order: FinalOrder, awards: Sequence[Award]) -> Iterator[Finding]:
    places = {award.person_id: order.rank_and_amount(award.person_id) for award in awards}
    won = [place[1] for award in awards if award.previous_id is None and (place := places[award.person_id])]
    uniform = settlement_rules.uniform_price(won, row.seats, row.minimum)
    for award in awards:
        if (place := places[award.person_id]) is None:
            yield Finding("I2", f"award {award.id} belongs to somebody who never bid")
            continue
        rank, amount = place
        price = settlement_rules.award_price(row.pricing, amount, uniform, handed_over=award.previous_id is not None)
        if (award.rank, award.price) != (rank, price):
            stored, lawful = f"rank {award.rank} for {award.price} won", f"{rank} for {price} won"
            yield Finding("I9", f"award {award.id} says {stored} instead of {lawful}")


def _faults_of_lives(row: Auction, awards: Sequence[Award]) -> Iterator[Finding]:
    """At most one live award for each seat and person, and the recorded events end in the present states."""
    held = [award for award in awards if award.live == 1]
    for what, holders in (("person", [award.person_id for award in held]), ("seat", [award.seat_id for award in held])):
        if len(set(holders)) < len(holders):
            yield Finding("I8", f"two awards of one {what} are live")
    if strangers := [award.id for award in awards if award.seat.auction_id != row.id]:
        yield Finding("I11", f"awards {strangers} are for seats of another auction")
    if later := [award.id for award in awards if award.previous_id is not None and award.previous_id >= award.id]:
        yield Finding("I10", f"awards {later} were handed over before they were free")
    live = sum(award.live == 1 for award in awards)
    if live > row.seats:
        yield Finding("I7", f"{live} awards are live for {row.seats} seats")
    events: Sequence[AwardEvent] = award_queries.award_events(row.id)
    if [event.number for event in events] != list(range(1, len(events) + 1)):
        yield Finding("I10", "the story of the awards has holes")
    last_states = {event.award_id: event.state for event in events}
    for award in awards:
        if last_states.get(award.id) != award.state:
            last = last_states.get(award.id, "nothing")
            yield Finding("I11", f"award {award.id} is {award.state}, its story ends with {last}")
