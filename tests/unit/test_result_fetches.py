"""After the end every page fetches its person's result once, and a full hall spreads its fetches."""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import pytest

from cashticket.auction.values import State
from cashticket.live import result_fetches
from cashticket.live.result_fetches import FETCHES_PER_SECOND, SLOT_MS, SPREAD_MS, send_fetches

SNAPSHOT: Any = SimpleNamespace(state=State.SETTLED, version=9)


class Page:
    """A socket that keeps the delay of the frame it was sent."""

    def __init__(self, locale: str = "ko") -> None:
        self.locale, self.standing_mark, self.mailbox = locale, None, self
        self.delays: list[int] = []

    def put(self, kind: str, frame: Any) -> None:
        assert kind == "standing"
        self.delays.append(frame[1])


def delays_of(people: int) -> tuple[list[int], Counter[tuple[str, int]]]:
    pages: Any = {person: [Page("ko" if person % 2 else "en")] for person in range(people)}
    rendered: Counter[tuple[str, int]] = Counter()

    def render(locale: str, context: Any) -> Any:
        rendered[locale, context["delay_ms"]] += 1
        return locale, context["delay_ms"]

    for _ in range(2):
        send_fetches(7, SNAPSHOT, pages, render)
    sent = [page.delays for [page] in pages.values()]
    assert all(len(each) == 1 for each in sent), "each page fetches once"
    return [delay for [delay] in sent], rendered


@pytest.mark.parametrize("people", [1, 100, 10_000])
def test_a_hall_of_any_size_fetches_at_a_bounded_pace(people: int) -> None:
    delays, rendered = delays_of(people)
    seconds = Counter(delay // 1000 for delay in delays)
    assert max(seconds.values()) <= FETCHES_PER_SECOND * 1.05
    assert max(delays) <= max(SPREAD_MS, people * 1000 / FETCHES_PER_SECOND)
    # Frames are shared, so that the hub does not render one for each of 10,000 people.
    assert set(rendered.values()) == {1} and len(rendered) <= 2 * (max(delays) // SLOT_MS + 1)


def test_a_few_people_have_their_result_within_three_seconds() -> None:
    assert max(delays_of(200)[0]) < result_fetches.SPREAD_MS


def test_all_pages_of_one_person_fetch_in_the_same_slot() -> None:
    pages: Any = {1: [Page(), Page()], 2: [Page()]}
    send_fetches(7, SNAPSHOT, pages, lambda locale, context: (locale, context["delay_ms"]))  # type: ignore[arg-type]
    assert pages[1][0].delays == pages[1][1].delays != pages[2][0].delays
