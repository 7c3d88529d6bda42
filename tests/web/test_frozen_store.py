"""The live store stands still (SIGSTOP): every page that can be looked at answers after one wait for it at most, and
what it says is true of a store that nobody can ask."""

import os
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from cashticket import config
from cashticket.extensions import db
from cashticket.models import Auction, Person
from cashticket.wiring import current_engine, page_cache
from lab.servers.redis_server import RedisServer
from tests.fixtures.people import Browser, make_person, sign_in
from tests.staging.auctions import open_auction

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

ROUTES = Path(__file__).parents[1] / "house" / "routes.txt"
# They are asked how each part is, the store among them, and sockets have no page.
LEFT_OUT = ("/readyz", "/metrics", "/auctions/<int:auction_id>/live", "/static/<path:filename>")
PATIENCE_SECONDS = 0.2
ASK_LIVE_STORE = frozenset(
    f"/auctions/<int:auction_id>{part}" for part in ("", "/board", "/confirm", "/ladder", "/standing")
)
SAYING_OTHERWISE = ("같은 요청을 다시", "입찰은 계속할 수 있어요")


def paths() -> list[str]:
    """Every path that answers GET, as the list of doors spells it."""
    lines = [line.split() for line in ROUTES.read_text().splitlines() if not line.startswith("#")]
    return [path for path, methods, _ in lines if "GET" in methods.split(",") and path not in LEFT_OUT]


class LiveStore:
    """The server of the application's live store, and how often the application has turned to it."""

    def __init__(self, server: RedisServer, app: Flask) -> None:
        self.asked = 0
        self._server, self._pool = server, app.extensions["engine"]._client.connection_pool
        self._pool.connection_kwargs.update(socket_timeout=PATIENCE_SECONDS, socket_connect_timeout=PATIENCE_SECONDS)
        self._given = self._pool.get_connection

    @contextmanager
    def frozen(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        """It answers nothing, and whoever asks it waits in vain: a question is a time-out."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.asked += 1
            return self._given(*args, **kwargs)

        assert self._server.process is not None
        monkeypatch.setattr(self._pool, "get_connection", counted)
        os.kill(self._server.process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._server.process.pid, signal.SIGCONT)


@pytest.fixture
def settings(settings: config.Settings, own_store: RedisServer) -> config.Settings:
    """The application has a live store of its own."""
    return replace(settings, redis_url=own_store.url)


@pytest.fixture
def store(app: Flask, own_store: RedisServer) -> LiveStore:
    return LiveStore(own_store, app)


@pytest.fixture
def alice_alone(browser: Callable[[], Browser], store: LiveStore) -> Person:
    return make_person("alice")


@pytest.fixture
def auctions(alice_alone: Person) -> list[Auction]:
    """Two that run, in the first of which alice has bid, one that comes, and one whose end has passed."""
    ids = [
        open_auction(people=[alice_alone.id]),
        open_auction(people=[alice_alone.id]),
        open_auction(starts_in_ms=3_600_000),
        open_auction(ends_in_ms=-1_000),
    ]
    current_engine().place_bid(ids[0], alice_alone.id, 1, 110_000, "a-request")
    page_cache().drop()
    rows = [db.session.get_one(Auction, auction_id) for auction_id in ids]
    db.session.expunge_all()
    return rows


def filled(path: str, auction: Auction) -> str:
    """The path with the ids of what there is, and something for the rest."""
    ids = {"auction_id": auction.id, "concert_id": auction.concert_id}
    return re.sub(r"<(?:\w+:)?(\w+)>", lambda place: str(ids.get(place[1], "1")), path)


@pytest.mark.parametrize("signed_in", [False, True], ids=["stranger", "alice"])
@pytest.mark.parametrize("path", paths())
def test_whoever_looks_waits_once_at_most_and_reads_nothing_of_a_bid(
    store: LiveStore,
    browser: Callable[[], Browser],
    auctions: list[Auction],
    monkeypatch: pytest.MonkeyPatch,
    path: str,
    *,
    signed_in: bool,
) -> None:
    visitor = sign_in(browser(), "alice") if signed_in else browser()
    with store.frozen(monkeypatch):
        answer = visitor.get(filled(path, auctions[0]))
    # The icon is no text.
    text = answer.data.decode(errors="replace")
    assert store.asked <= 1
    assert answer.status_code in (200, 302, 303, 404, 410, 426, 503)
    assert not [sentence for sentence in SAYING_OTHERWISE if sentence in text]
    if path in ASK_LIVE_STORE and answer.status_code != 303:
        assert answer.status_code == 503 and int(answer.headers["Retry-After"]) >= 1
        assert "지금 경매 정보를 불러올 수 없어요" in text


@pytest.mark.parametrize("path", ["/", "/concerts/", "/concerts/<int:concert_id>"])
def test_a_list_says_that_there_is_no_price_and_when_bidding_ends_and_nothing_else(
    store: LiveStore, client: Browser, auctions: list[Auction], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    with store.frozen(monkeypatch):
        text = client.get(filled(path, auctions[0])).get_data(as_text=True)
    cards = [card for card in text.split('<li class="listing')[1:] if "badge-state" in card]
    running = [card for card in cards if "badge-open" in card]
    assert running and all("지금 가격을 불러올 수 없어요" in card for card in running)
    assert all("마감됨" not in card and "원</dd>" not in card for card in running)
    # Nobody can say yet that one is over whose end has passed meanwhile: its time stands still.
    assert "badge-closing" not in text
