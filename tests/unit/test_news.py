"""News lines: written and read in one place, a few bytes each."""

import pytest

from cashticket.auction.values import State
from cashticket.engine.news import (
    BidAccepted,
    News,
    Opened,
    Recorded,
    StateChanged,
    format_news,
    parse_news,
)

LINES: list[tuple[News, str]] = [
    (Opened(1), "opened 1"),
    (BidAccepted(5, 4, 2, 13_000, 99, 1, True), "bid 5 4 2 13000 99 1 1"),
    (BidAccepted(5, 4, 2, 13_000, 99, None, False), "bid 5 4 2 13000 99 0 0"),
    (Recorded(6, 4), "recorded 6 4"),
    (StateChanged(7, State.CLOSING, 99), "state 7 closing 99"),
]


@pytest.mark.parametrize(("news", "line"), LINES)
def test_news_reads_back_as_it_was_written(news: News, line: str) -> None:
    assert format_news(news) == line
    assert parse_news(line) == news


@pytest.mark.parametrize("line", ["", "bid", "bid 1 2", "opened x", "state 1 nowhere 5", "bid 1 2 3 4 5 6 7 8"])
def test_a_line_of_another_release_is_an_error_to_catch(line: str) -> None:
    with pytest.raises(ValueError):
        parse_news(line)
