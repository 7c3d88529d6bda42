"""Alerts for people who were pushed out while no page of theirs was connected, on a real server."""

import re

import pytest
import websocket
from flask import Flask

from cashticket import config
from cashticket.ledger.recording import record_waiting
from cashticket.models import Auction, Person
from cashticket.models.columns import utcnow
from cashticket.notify import inbox
from tests.fixtures.people import Browser, sign_in
from tests.web.live_server import LiveServer, frames_until
from tests.web.live_sockets import bid, cookie_of, piece_of, serving_with


def alerts(frames: list[str]) -> list[str]:
    """Sequences of the alerts among these frames."""
    return [match[1] for frame in frames if (match := re.search(r'data-alert="rank-out" data-sequence="(\d+)"', frame))]


def until_out(ws: websocket.WebSocket) -> list[str]:
    return frames_until(ws, lambda frame: piece_of(frame) == "standing" and 'data-position="out"' in frame)


def record(app: Flask, live_auction: Auction) -> None:
    while record_waiting(app.extensions["engine"], live_auction.id):
        pass


@pytest.mark.parametrize("recorded", [True, False])
def test_a_missed_alert_is_repeated_whether_or_not_the_ledger_has_it_yet(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser, recorded: bool
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    cookie, path = cookie_of(sign_in(client, "alice")), f"/auctions/{live_auction.id}/live"
    ws = server.open(path, cookie=cookie)
    frames_until(ws, lambda frame: piece_of(frame) == "standing")
    ws.shutdown()
    sequence = bid(app, live_auction, people["bob"], 130_000).sequence
    if recorded:
        record(app, live_auction)
    assert alerts(until_out(server.open(path, cookie=cookie))) == [str(sequence)]


def test_another_process_repeats_a_missed_alert(
    settings: config.Settings, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    sequence = bid(app, live_auction, people["bob"], 130_000).sequence
    with serving_with(settings) as server:
        ws = server.open(f"/auctions/{live_auction.id}/live", cookie=cookie_of(sign_in(client, "alice")))
        assert alerts(until_out(ws)) == [str(sequence)]


def test_an_alert_that_was_read_is_not_repeated_even_by_the_process_that_sent_it(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    alice, path = people["alice"].id, f"/auctions/{live_auction.id}/live"
    cookie = cookie_of(sign_in(client, "alice"))
    bid(app, live_auction, people["alice"], 120_000)
    ws = server.open(path, cookie=cookie)
    frames_until(ws, lambda frame: piece_of(frame) == "standing")
    sequence = bid(app, live_auction, people["bob"], 130_000).sequence
    assert alerts(until_out(ws)) == [str(sequence)]
    record(app, live_auction)
    assert inbox.acknowledge_rank_out(alice, live_auction.id, sequence, utcnow()) == 1
    assert alerts(until_out(server.open(path, cookie=cookie))) == []


def test_nobody_is_alerted_to_the_displacement_of_another(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    bid(app, live_auction, people["alice"], 120_000)
    bid(app, live_auction, people["bob"], 130_000)
    record(app, live_auction)
    bid(app, live_auction, people["carol"], 110_000)
    cookie = cookie_of(sign_in(client, "carol"))
    assert alerts(until_out(server.open(f"/auctions/{live_auction.id}/live", cookie=cookie))) == []
