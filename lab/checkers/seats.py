"""Seats: who won, who took over, and that no seat and no person is ever counted twice. The story of an auction's seats
is played again event by event, against an order worked out here."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from lab.evidence import Ending, Right, Story
from lab.oracle.bidding import Ranked, final_order
from lab.oracle.seats import LIVE, NEXT_STATES, line, prices, winners


def no_more_than_seats(story: Story) -> Iterator[str]:
    """I7: at no event are more awards live than there are seats."""
    for ending in story.endings:
        states: dict[int, str] = {}
        for number, award, state in sorted(ending.events):
            states[award] = state
            if sum(each in LIVE for each in states.values()) > ending.seats:
                yield f"auction {ending.auction}: more than {ending.seats} awards are live after event {number}"
        if sum(right.state in LIVE for right in ending.rights) > ending.seats:
            yield f"auction {ending.auction}: more than {ending.seats} awards are live"


def one_ticket_a_person(story: Story) -> Iterator[str]:
    """I8: nobody has two live awards for one concert, and none has two awards in one auction."""
    live: Counter[tuple[int, int]] = Counter()
    for ending in story.endings:
        for right in ending.rights:
            live[ending.concert, right.person] += right.state in LIVE
        persons = Counter(right.person for right in ending.rights)
        yield from (f"auction {ending.auction}: {who} has {n} awards" for who, n in persons.items() if n > 1)
    for (concert, person), number in live.items():
        if number > 1:
            yield f"concert {concert}: {person} has {number} live awards"


def the_best_won(story: Story) -> Iterator[str]:
    """I9: the seats went to the best N who were not passed over, in their order and at the lawful price; whoever was
    passed over was blocked or had an award for the concert elsewhere; an auction without settlement has no award."""
    for ending in story.endings:
        won = sorted((right for right in ending.rights if right.previous is None), key=lambda right: right.seat)
        if ending.state not in ("settled", "voided"):
            yield from (f"auction {ending.auction}: {right.person} has a seat before settlement" for right in won)
            continue
        if ending.state == "voided" and not won:
            continue
        yield from _idle_excuses(story, ending)
        out = ending.passed_over | ending.barred_before
        lawful = winners(final_order(ending.rows), ending.seats, out)
        if [(right.seat, right.person) for right in won] != [(n, each.person) for n, each in enumerate(lawful, 1)]:
            yield f"auction {ending.auction}: the seats went to {[right.person for right in won]}"
        to_pay = prices(lawful, ending.seats, ending.minimum, uniform=ending.pricing == "uniform")
        price_of = {ranked.person: price for ranked, price in zip(lawful, to_pay, strict=True)}
        for right in won:
            price = price_of.get(right.person)
            if right.price != price:
                yield f"auction {ending.auction}: {right.person} pays {right.price} instead of {price} won"


def _idle_excuses(story: Story, ending: Ending) -> Iterator[str]:
    for person in ending.passed_over - ending.barred:
        if person not in _elsewhere(story, ending):
            yield f"auction {ending.auction}: {person} was passed over without a reason"


def _elsewhere(story: Story, ending: Ending) -> set[int]:
    """Everybody with an award in another auction of the same concert."""
    others = (each for each in story.endings if each.concert == ending.concert and each is not ending)
    return {right.person for each in others for right in each.rights}


def seats_pass_down_the_line(story: Story) -> Iterator[str]:
    """I10: a freed seat goes to the best who had none here, at that bid, one after the other; the story of the seats
    and the table of awards say the same; no seat stays empty while somebody could be offered it."""
    for ending in story.endings:
        if not ending.rights:
            continue
        rights = {right.id: right for right in ending.rights}
        excused = ending.barred | ending.passed_over | _elsewhere(story, ending)
        waiting = line(final_order(ending.rows), excused)
        states: dict[int, str] = {}
        numbers = [number for number, _, _ in sorted(ending.events)]
        if numbers != list(range(1, len(numbers) + 1)):
            yield f"auction {ending.auction}: the story of the seats has holes"
        for number, award, state in sorted(ending.events):
            if award not in rights or state not in NEXT_STATES.get(states.get(award), set()):
                yield f"auction {ending.auction}: event {number} makes award {award} {state}, which cannot be"
                continue
            if state == "offered" and rights[award].previous is not None:
                yield from _wrong_heir(ending, rights, states, rights[award], waiting)
            states[award] = state
        yield from _other_ends(ending, states)
        yield from _idle_seats(ending, waiting, states)


def _wrong_heir(
    ending: Ending, rights: dict[int, Right], states: dict[int, str], heir: Right, waiting: list[Ranked]
) -> Iterator[str]:
    before = rights.get(heir.previous or 0)
    if before is None or before.seat != heir.seat or states.get(before.id) not in ("declined", "lapsed", "cancelled"):
        yield f"auction {ending.auction}: award {heir.id} took a seat over that nobody had given back"
    had_one = {rights[award].person for award in states}
    following = next(iter(line(waiting, had_one)), None)
    own = next((ranked for ranked in waiting if ranked.person == heir.person), None)
    if own is not None and own != following:
        yield f"auction {ending.auction}: {heir.person} was offered a seat before {following and following.person}"
    if own is not None and heir.price != own.amount:
        yield f"auction {ending.auction}: {heir.person} is offered a seat at {heir.price}, the bid is {own.amount}"
    if heir.person in had_one or heir.person in ending.barred:
        yield f"auction {ending.auction}: {heir.person} was offered a seat and is out of the line"


def _other_ends(ending: Ending, states: dict[int, str]) -> Iterator[str]:
    for right in ending.rights:
        if states.get(right.id) != right.state:
            yield f"auction {ending.auction}: award {right.id} is {right.state}, its story says {states.get(right.id)}"


def _idle_seats(ending: Ending, waiting: list[Ranked], states: dict[int, str]) -> Iterator[str]:
    had_one = {right.person for right in ending.rights}
    left = line(waiting, had_one)
    taken = {right.seat for right in ending.rights if states.get(right.id) in LIVE}
    idle = {right.seat for right in ending.rights} - taken
    if ending.handing_over and ending.state == "settled" and idle and left:
        yield f"auction {ending.auction}: seats {sorted(idle)} stay empty while {left[0].person} waits"


def every_seat_is_somewhere(story: Story) -> Iterator[str]:
    """I11: at every event each of the N seats is held, offered or free, and only one of these."""
    for ending in story.endings:
        if sorted(ending.seat_numbers) != list(range(1, ending.seats + 1)):
            yield f"auction {ending.auction}: the seats are not numbered 1 to {ending.seats}"
        seat_of = {right.id: right.seat for right in ending.rights}
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
