"""News messages are read back as they were written, and are a few bytes each."""

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

MESSAGES: list[tuple[News, str]] = [
    (Opened(1), "opened 1"),
    (BidAccepted(5, 4, 2, 13_000, 99, 1, True), "bid 5 4 2 13000 99 1 1"),
    (BidAccepted(5, 4, 2, 13_000, 99, None, False), "bid 5 4 2 13000 99 0 0"),
    (Recorded(6, 4), "recorded 6 4"),
    (StateChanged(7, State.CLOSING, 99), "state 7 closing 99"),
]


@pytest.mark.parametrize(("news", "text"), MESSAGES)
def test_news_reads_back_as_it_was_written(news: News, text: str) -> None:
    assert format_news(news) == text
    assert parse_news(text) == news


@pytest.mark.parametrize("text", ["", "bid", "bid 1 2", "opened x", "state 1 nowhere 5", "bid 1 2 3 4 5 6 7 8"])
def test_a_message_of_another_release_raises_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_news(text)
