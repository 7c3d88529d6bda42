"""News messages are read back as they were written; those of another release are not misread."""

from dataclasses import replace

import pytest

from cashticket.auction.values import Entry, State
from cashticket.engine.news import (
    BidAccepted,
    News,
    Opened,
    Recorded,
    StateChanged,
    format_news,
    parse_news,
)

ENTRY = Entry(4, 2, 1, 13_000, 70, "a request", 99, 1, 12_000, 1, True)
TEXT = (
    '{"sequence":"4","person":"2","nth":"1","amount":"13000","ms":"70","request_id":"a request","ends_at":"99",'
    '"rank":"1","cutoff":"12000","displaced":"1","alert":"1"}'
)
MESSAGES: list[tuple[News, str]] = [
    (Opened(1), "opened 1"),
    (BidAccepted(5, ENTRY), f"bid 5 {TEXT}"),
    (
        BidAccepted(5, replace(ENTRY, displaced=None, alert=False)),
        f"bid 5 {TEXT}".replace('"displaced":"1","alert":"1"', '"displaced":"0","alert":"0"'),
    ),
    (Recorded(6, 4), "recorded 6 4"),
    (StateChanged(7, State.CLOSING, 99), "state 7 closing 99"),
]


@pytest.mark.parametrize(("news", "text"), MESSAGES)
def test_news_reads_back_as_it_was_written(news: News, text: str) -> None:
    assert format_news(news) == text
    assert parse_news(text) == news


@pytest.mark.parametrize(
    "text", ["", "bid", "bid 1 2", "opened x", "state 1 nowhere 5", f"bid x {TEXT}", "bid 5 4 2 13000 99 1 1"]
)
def test_a_message_of_another_release_raises_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        parse_news(text)
