"""Faults to plant into the seats of a sound storm, each with the number of the promise that it breaks."""

from dataclasses import replace

from lab.evidence import Ending, Right, Story
from tests.storm.planted.false_bids import Fault, ask


def too_many_awards(story: Story, ending: Ending) -> None:
    stranger = ending.order[-1]
    ending.rights.append(Right(99_999, 1, stranger[0], stranger[1], "offered", ending.rights[0].id))
    ending.events.append((len(ending.events) + 1, 99_999, "offered"))


def one_seat_less(story: Story, ending: Ending) -> None:
    ending.seats -= 1


def two_tickets(story: Story, ending: Ending) -> None:
    """The same person won in another auction of the same concert."""
    other = replace(ending, auction=2, rights=[replace(right, id=right.id + 500) for right in ending.rights])
    other.events = [(number, award + 500, state) for number, award, state in ending.events]
    story.endings.append(other)


def two_awards(story: Story, ending: Ending) -> None:
    ending.rights[1].person = ending.rights[0].person


def worse_bidder_won(story: Story, ending: Ending) -> None:
    ending.rights[0].person, ending.rights[0].price = ending.order[-1][0], ending.order[-1][1]


def passed_over_for_nothing(story: Story, ending: Ending) -> None:
    ending.passed_over.add(ending.order[-1][0])


def wrong_price(story: Story, ending: Ending) -> None:
    ending.rights[0].price -= 1


def awards_before_settlement(story: Story, ending: Ending) -> None:
    ending.state = "closing"


def wrong_heir(story: Story, ending: Ending) -> None:
    heir = next(right for right in ending.rights if right.previous)
    heir.person, heir.price = ending.order[-1][0], ending.order[-1][1]


def state_without_story(story: Story, ending: Ending) -> None:
    ending.rights[1].state = "bought"


def returned_from_the_dead(story: Story, ending: Ending) -> None:
    cancelled = next(right for right in ending.rights if right.state == "cancelled")
    cancelled.state = "bought"
    ending.events.append((len(ending.events) + 1, cancelled.id, "bought"))


def idle_seat(story: Story, ending: Ending) -> None:
    heir = next(right for right in ending.rights if right.previous)
    ending.rights.remove(heir)
    story_left = [event for event in sorted(ending.events) if event[1] != heir.id]
    ending.events = [(number, award, state) for number, (_, award, state) in enumerate(story_left, 1)]


def two_holders(story: Story, ending: Ending) -> None:
    ending.rights[1].seat = ending.rights[3].seat


def vanished_seat(story: Story, ending: Ending) -> None:
    ending.seat_numbers.pop()


def moved_by_another(story: Story, ending: Ending) -> None:
    move = story.asked("move")[0]
    ask(story, move, asked=move.asked | {"person": ending.order[-1][0]})


def moved_by_nobody(story: Story, ending: Ending) -> None:
    first = story.asked("move")[0]
    story.operations = [each for each in story.operations if each is not first]


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
    ("I11", two_holders),
    ("I11", vanished_seat),
    ("I15", moved_by_another),
    ("I15", moved_by_nobody),
)
