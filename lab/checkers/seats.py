"""Checks seats: who won, who took a seat over, and that no seat and no person counts twice.

Replays the events of an auction's seats one by one against the order of the oracle.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator

from lab.evidence import AwardRow, Ending, Evidence
from lab.oracle.bidding import Ranked, final_order
from lab.oracle.seats import FREED, LIVE, NEXT_STATES, line, prices, winners


def no_more_than_seats(evidence: Evidence) -> Iterator[str]:
    """I7: at no event are more awards live than there are seats."""
    for ending in evidence.endings:
        states: dict[int, str] = {}
        for number, award, state in sorted(ending.events):
            states[award] = state
            if sum(each in LIVE for each in states.values()) > ending.seats:
                yield f"auction {ending.auction}: more than {ending.seats} awards are live after event {number}"
        if sum(row.state in LIVE for row in ending.award_rows) > ending.seats:
            yield f"auction {ending.auction}: more than {ending.seats} awards are live"


def one_ticket_a_person(evidence: Evidence) -> Iterator[str]:
    """I8: nobody has two live awards for one concert, or two awards in one auction."""
    live: Counter[tuple[int, int]] = Counter()
    for ending in evidence.endings:
        for row in ending.award_rows:
            live[ending.concert, row.person] += row.state in LIVE
        persons = Counter(row.person for row in ending.award_rows)
        yield from (f"auction {ending.auction}: {who} has {n} awards" for who, n in persons.items() if n > 1)
    for (concert, person), number in live.items():
        if number > 1:
            yield f"concert {concert}: {person} has {number} live awards"


def the_best_won(evidence: Evidence) -> Iterator[str]:
    """I9: the seats went to the best N who were not passed over, in their order and at the lawful price.

    Whoever was passed over was blocked or had an award for the concert elsewhere. Before settlement there is no award.
    """
    for ending in evidence.endings:
        won = sorted((row for row in ending.award_rows if row.previous is None), key=lambda row: row.seat)
        if ending.state not in ("settled", "voided"):
            yield from (f"auction {ending.auction}: {row.person} has a seat before settlement" for row in won)
            continue
        if ending.state == "voided" and not won:
            continue
        yield from _idle_excuses(evidence, ending)
        out = ending.passed_over | ending.barred_at_settlement
        lawful = winners(final_order(ending.rows), ending.seats, out)
        if [(row.seat, row.person) for row in won] != [(n, each.person) for n, each in enumerate(lawful, 1)]:
            yield f"auction {ending.auction}: the seats went to {[row.person for row in won]}"
        to_pay = prices(lawful, ending.seats, ending.minimum, uniform=ending.pricing == "uniform")
        price_of = {ranked.person: price for ranked, price in zip(lawful, to_pay, strict=True)}
        for row in won:
            price = price_of.get(row.person)
            if row.price != price:
                yield f"auction {ending.auction}: {row.person} pays {row.price} instead of {price} won"


def _idle_excuses(evidence: Evidence, ending: Ending) -> Iterator[str]:
    for person in ending.passed_over - ending.barred:
        if person not in _elsewhere(evidence, ending):
            yield f"auction {ending.auction}: {person} was passed over without a reason"


def _elsewhere(evidence: Evidence, ending: Ending) -> set[int]:
    """Everybody with an award in another auction of the same concert."""
    others = (each for each in evidence.endings if each.concert == ending.concert and each is not ending)
    return {row.person for each in others for row in each.award_rows}


def seats_pass_down_the_line(evidence: Evidence) -> Iterator[str]:
    """I10: a freed seat goes to the best person who had none in this auction, at that person's own bid.

    Events and awards agree, and no seat stays empty while somebody could be offered it.
    """
    for ending in evidence.endings:
        if not ending.award_rows:
            continue
        award_rows = {row.id: row for row in ending.award_rows}
        excused = ending.barred | ending.passed_over | ending.left | _elsewhere(evidence, ending)
        waiting = line(final_order(ending.rows), excused)
        states: dict[int, str] = {}
        numbers = [number for number, _, _ in sorted(ending.events)]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"auction {ending.auction}: the events of the seats have gaps"
        for number, award, state in sorted(ending.events):
            if award not in award_rows or state not in NEXT_STATES.get(states.get(award), set()):
                yield f"auction {ending.auction}: event {number} makes award {award} {state}, which no award can become"
                continue
            if state == "offered" and award_rows[award].previous is not None:
                yield from _wrong_heir(ending, award_rows, states, award_rows[award], waiting)
            states[award] = state
        yield from _other_ends(ending, states)
        yield from _idle_seats(ending, waiting, states)


def _wrong_heir(
    ending: Ending, award_rows: dict[int, AwardRow], states: dict[int, str], heir: AwardRow, waiting: list[Ranked]
) -> Iterator[str]:
    before = award_rows.get(heir.previous or 0)
    if before is None or before.seat != heir.seat or states.get(before.id) not in FREED:
        yield f"auction {ending.auction}: award {heir.id} took a seat over that nobody had given back"
    had_one = {award_rows[award].person for award in states}
    following = next(iter(line(waiting, had_one)), None)
    own = next((ranked for ranked in waiting if ranked.person == heir.person), None)
    if own is not None and own != following:
        yield f"auction {ending.auction}: {heir.person} was offered a seat before {following and following.person}"
    if own is not None and heir.price != own.amount:
        yield f"auction {ending.auction}: {heir.person} is offered a seat at {heir.price}, the bid is {own.amount}"
    # Nobody leaves who has an award, or comes back.
    if heir.person in had_one | ending.barred | ending.left:
        yield f"auction {ending.auction}: {heir.person} was offered a seat and is out of the line"


def _other_ends(ending: Ending, states: dict[int, str]) -> Iterator[str]:
    for row in ending.award_rows:
        if states.get(row.id) != row.state:
            yield f"auction {ending.auction}: award {row.id} is {row.state}, its events say {states.get(row.id)}"


def _idle_seats(ending: Ending, waiting: list[Ranked], states: dict[int, str]) -> Iterator[str]:
    had_one = {row.person for row in ending.award_rows}
    left = line(waiting, had_one)
    taken = {row.seat for row in ending.award_rows if states.get(row.id) in LIVE}
    idle = {row.seat for row in ending.award_rows} - taken
    if ending.handing_over and ending.state == "settled" and idle and left:
        yield f"auction {ending.auction}: seats {sorted(idle)} stay empty while {left[0].person} waits"


def every_seat_is_somewhere(evidence: Evidence) -> Iterator[str]:
    """I11: at every event each of the N seats has one holder or none."""
    for ending in evidence.endings:
        if sorted(ending.seat_numbers) != list(range(1, ending.seats + 1)):
            yield f"auction {ending.auction}: the seats are not numbered 1 to {ending.seats}"
        seat_of = {row.id: row.seat for row in ending.award_rows}
        holders: dict[int, set[int]] = defaultdict(set)
        for number, award, state in sorted(ending.events):
            seat = seat_of.get(award, 0)
            if not 1 <= seat <= ending.seats:
                yield f"auction {ending.auction}: event {number} is about a seat that does not exist"
                continue
            holders[seat].discard(award)
            if state in LIVE:
                holders[seat].add(award)
            if len(holders[seat]) > 1:
                yield f"auction {ending.auction}: seat {seat} has two holders after event {number}"
