"""The messages about people: what a unit says, in how many messages, and how long pages may take to ask."""

import pytest

from cashticket.live.people_news import (
    PEOPLE_A_MESSAGE,
    SPREAD_MS_MAX,
    LineMoved,
    NoticesStored,
    SessionsEnded,
    messages,
    parse,
)


def test_what_a_unit_says_is_what_a_hub_hears() -> None:
    texts = list(messages([3, 12], [4], {7: 5}, [9]))
    assert [parse(text) for text in texts] == [NoticesStored((3, 12, 4), 60), SessionsEnded(7, 5), LineMoved(9)]


def test_a_unit_without_news_says_nothing() -> None:
    assert list(messages([], [], {})) == []


def test_a_crowd_is_a_few_short_messages_and_pages_ask_over_ten_seconds() -> None:
    people = list(range(1_000_000, 1_002_001))
    heard = [each for text in messages(people, [], {}) if isinstance(each := parse(text), NoticesStored)]
    assert [len(each.people) for each in heard] == [500, 500, 500, 500, 1]
    assert {each.spread_ms for each in heard} == {SPREAD_MS_MAX} == {10_000}
    assert [person for each in heard for person in each.people] == people
    assert all(len(text) <= 9 * PEOPLE_A_MESSAGE for text in messages(people, [], {}))


def test_a_hall_that_is_told_what_asks_nothing_of_it_counts_without_asking() -> None:
    losers = list(range(100, 700))
    heard = [parse(text) for text in messages([7], losers, {})]
    assert heard == [
        NoticesStored((7,), 20),
        NoticesStored(tuple(losers[:500]), None),
        NoticesStored(tuple(losers[500:]), None),
    ]


def test_one_person_is_asked_to_look_at_once() -> None:
    [text] = messages([12], [], {})
    assert parse(text) == NoticesStored((12,), 20)


UNKNOWN = (
    *("", "told", "told x 1", "told 20 ", "told 20 1,x", "more", "more x"),
    *("epoch 1", "epoch 1 2 3", "hello", "line", "line x"),
)


@pytest.mark.parametrize("text", UNKNOWN)
def test_a_message_of_another_release_is_no_message(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse(text)
