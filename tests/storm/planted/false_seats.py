"""Faults for sound evidence, in its seats; each with the promise that it breaks."""

from dataclasses import replace

from lab.evidence import AwardRow, Ending, Evidence
from tests.storm.planted.false_bids import Fault, ask


def too_many_awards(evidence: Evidence, ending: Ending) -> None:
    stranger = ending.order[-1]
    ending.award_rows.append(AwardRow(99_999, 1, stranger[0], stranger[1], "offered", ending.award_rows[0].id))
    ending.events.append((len(ending.events) + 1, 99_999, "offered"))


def one_seat_less(evidence: Evidence, ending: Ending) -> None:
    ending.seats -= 1


def two_tickets(evidence: Evidence, ending: Ending) -> None:
    """One person won in another auction of the same concert as well."""
    other = replace(ending, auction=2, award_rows=[replace(row, id=row.id + 500) for row in ending.award_rows])
    other.events = [(number, award + 500, state) for number, award, state in ending.events]
    evidence.endings.append(other)


def two_awards(evidence: Evidence, ending: Ending) -> None:
    ending.award_rows[1].person = ending.award_rows[0].person


def worse_bidder_won(evidence: Evidence, ending: Ending) -> None:
    ending.award_rows[0].person, ending.award_rows[0].price = ending.order[-1][0], ending.order[-1][1]


def passed_over_for_nothing(evidence: Evidence, ending: Ending) -> None:
    ending.passed_over.add(ending.order[-1][0])


def wrong_price(evidence: Evidence, ending: Ending) -> None:
    ending.award_rows[0].price -= 1


def awards_before_settlement(evidence: Evidence, ending: Ending) -> None:
    ending.state = "closing"


def wrong_heir(evidence: Evidence, ending: Ending) -> None:
    heir = next(row for row in ending.award_rows if row.previous)
    heir.person, heir.price = ending.order[-1][0], ending.order[-1][1]


def state_without_story(evidence: Evidence, ending: Ending) -> None:
    ending.award_rows[1].state = "bought"


def returned_from_the_dead(evidence: Evidence, ending: Ending) -> None:
    cancelled = next(row for row in ending.award_rows if row.state == "cancelled")
    cancelled.state = "bought"
    ending.events.append((len(ending.events) + 1, cancelled.id, "bought"))


def idle_seat(evidence: Evidence, ending: Ending) -> None:
    heir = next(row for row in ending.award_rows if row.previous)
    ending.award_rows.remove(heir)
    story_left = [event for event in sorted(ending.events) if event[1] != heir.id]
    ending.events = [(number, award, state) for number, (_, award, state) in enumerate(story_left, 1)]


def offered_after_leaving(evidence: Evidence, ending: Ending) -> None:
    ending.left.add(next(row for row in ending.award_rows if row.previous).person)


def two_holders(evidence: Evidence, ending: Ending) -> None:
    ending.award_rows[1].seat = ending.award_rows[3].seat


def vanished_seat(evidence: Evidence, ending: Ending) -> None:
    ending.seat_numbers.pop()


def moved_by_another(evidence: Evidence, ending: Ending) -> None:
    move = evidence.all_of("move")[0]
    ask(evidence, move, question=move.question | {"person": ending.order[-1][0]})


def moved_by_nobody(evidence: Evidence, ending: Ending) -> None:
    first = evidence.all_of("move")[0]
    evidence.operations = [each for each in evidence.operations if each is not first]


PLANTED: tuple[tuple[str, Fault], ...] = (
    ("I7", too_many_awards),
    ("I7", one_seat_less),
    ("I8", two_tickets),
    ("I8", two_awards),
    ("I9", worse_bidder_won),
    ("I9", passed_over_for_nothing),
    ("I9", wrong_price),
    ("I9", awards_before_settlement),
    ("I10", wrong_heir),
    ("I10", state_without_story),
    ("I10", returned_from_the_dead),
    ("I10", idle_seat),
    ("I10", offered_after_leaving),
    ("I11", two_holders),
    ("I11", vanished_seat),
    ("I15", moved_by_another),
    ("I15", moved_by_nobody),
)
