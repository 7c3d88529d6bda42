"""Lists while the live store does not answer: shown without figures, after one wait and not one for each auction."""

from typing import Any

import pytest
from flask import Flask

from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.engine.one_store import OneStore
from cashticket.ledger import queries
from cashticket.wiring import page_cache
from tests.fixtures.people import Browser
from tests.staging.auctions import open_auction

AUCTIONS = 6


class SilentEngine(OneStore):
    """Counts how often it is asked, and never answers."""

    def __init__(self, error: type[Exception]) -> None:
        self.asked = 0
        self._error = error

    def read(self, auction_id: int) -> Any:
        self.asked += 1
        raise self._error("no answer")


@pytest.mark.parametrize("error", [OutcomeUnknown, StoreUnavailable])
@pytest.mark.parametrize("path", ["/", "/concerts/{concert}"])
def test_a_list_waits_for_the_store_once(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch, error: type[Exception], path: str
) -> None:
    auctions = [open_auction() for _ in range(AUCTIONS)]
    row = queries.auction(auctions[0])
    assert row is not None
    page_cache().drop()
    engine = SilentEngine(error)
    monkeypatch.setitem(app.extensions, "engine", engine)
    answer = client.get(path.format(concert=row.concert_id))
    assert answer.status_code == 200 and f"/auctions/{auctions[0]}" in answer.get_data(as_text=True)
    assert engine.asked == 1
