"""The socket of a signed-in page that shows no auction, on a real server: who gets it, what it sends, how it ends."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import redis
import websocket
from flask import Flask
from sqlalchemy import update
from sqlalchemy.orm import Session

from cashticket import config, create_app
from cashticket.ledger.recording import record_waiting
from cashticket.live import people_rounds
from cashticket.live.capacity import Capacity, Limits
from cashticket.models import Auction, Person, SignIn
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.notify import inbox
from cashticket.settlement import awards
from lab.waiting import wait_until
from tests.fixtures.people import Browser, sign_in
from tests.staging.rows import END, HOUR
from tests.staging.settlement import add_settled_auction, award_of
from tests.web.live_server import LiveServer, close_code, frames_until, serving
from tests.web.live_sockets import bid, cookie_of, end_the_session, refusal

PATH = "/me/live"


@pytest.fixture(autouse=True)
def patient_titles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Alerts wait for the title of their concert however slow the machine is."""
    monkeypatch.setattr(people_rounds, "TITLE_SECONDS", 30.0)


def is_alert(frame: str) -> bool:
    return 'data-alert="rank-out"' in frame


def is_told(frame: str) -> bool:
    return '<i id="told"' in frame


def until_heard(client: redis.Redis) -> None:
    """Wait until the hub hears of people as well as of auctions."""
    wait_until(lambda: client.pubsub_numpat() == 2, "the hub to listen")


def test_nobody_without_a_session_gets_it(
    server: LiveServer, app: Flask, people: dict[str, Person], client: Browser
) -> None:
    assert refusal(lambda: server.open(PATH)) == 401
    assert refusal(lambda: server.open(PATH, cookie="cashticket=rubbish")) == 401
    cookie = cookie_of(sign_in(client, "alice"))
    server.open(PATH, cookie=cookie)
    end_the_session(cookie, app)
    assert refusal(lambda: server.open(PATH, cookie=cookie)) == 401


@pytest.mark.parametrize("origin", [None, "null", "http://evil.example"])
def test_no_page_of_another_site_gets_it(
    server: LiveServer, people: dict[str, Person], client: Browser, origin: str | None
) -> None:
    cookie = cookie_of(sign_in(client, "alice"))
    assert refusal(lambda: server.open(PATH, cookie=cookie, origin=origin)) == 403


def test_a_plain_request_is_asked_to_upgrade_or_to_sign_in(client: Browser, people: dict[str, Person]) -> None:
    assert client.get(PATH).status_code == 303
    assert client.get(PATH, headers={"Accept": "application/json"}).status_code == 401
    answer = sign_in(client, "alice").get(PATH)
    assert (answer.status_code, answer.headers["Upgrade"]) == (426, "websocket")


def test_it_takes_a_place_like_every_other_socket(
    server: LiveServer, app: Flask, live_auction: Auction, client: Browser
) -> None:
    app.extensions["socket_capacity"] = Capacity(Limits(process=9, address=9, person=2, anonymous=9))
    cookie = cookie_of(sign_in(client, "alice"))
    server.open(PATH, cookie=cookie)
    server.open(f"/auctions/{live_auction.id}/live", cookie=cookie)
    for path in (PATH, f"/auctions/{live_auction.id}/live"):
        assert refusal(lambda path=path: server.open(path, cookie=cookie)) == 503
    assert app.extensions["socket_capacity"].taken() == 2


@pytest.mark.parametrize(("language", "amount"), [("ko", "120,000원"), ("en", "₩120,000")])
def test_being_pushed_out_anywhere_is_told_with_concert_and_own_bid(
    server: LiveServer,
    app: Flask,
    live_auction: Auction,
    people: dict[str, Person],
    client: Browser,
    language: str,
    amount: str,
) -> None:
    app.extensions["hub"].listen()
    ws = server.open(f"{PATH}?lang={language}", cookie=cookie_of(sign_in(client, "alice")))
    bid(app, live_auction, people["alice"], 120_000)
    sequence = bid(app, live_auction, people["bob"], 130_000).sequence
    [alert] = frames_until(ws, is_alert)
    assert f'data-alert="rank-out" data-sequence="{sequence}" data-auction="{live_auction.id}"' in alert
    assert amount in alert and "한여름 밤의 공연" in alert and "130,000" not in alert
    assert f'href="/auctions/{live_auction.id}#bid"' in alert and "data-version=" in alert


def test_the_page_of_another_auction_is_told_the_same(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    ws = server.open(f"/auctions/{live_auction.id}/live", cookie=cookie_of(sign_in(client, "alice")))
    bid(app, live_auction, people["alice"], 120_000)
    bid(app, live_auction, people["bob"], 130_000)
    alert = frames_until(ws, is_alert)[-1]
    assert "120,000원" in alert and "한여름 밤의 공연" in alert


@pytest.mark.parametrize("recorded", [True, False])
def test_what_was_missed_is_repeated_until_it_is_read(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser, recorded: bool
) -> None:
    cookie = cookie_of(sign_in(client, "alice"))
    app.extensions["hub"].listen()
    bid(app, live_auction, people["alice"], 120_000)
    sequence = bid(app, live_auction, people["bob"], 130_000).sequence
    wait_until(lambda: app.extensions["hub"].recent_alerts(people["alice"].id), "the news of it")
    if recorded:
        record(app, live_auction)
    for _ in range(2):
        [alert] = frames_until(server.open(PATH, cookie=cookie), is_alert)
        assert f'data-sequence="{sequence}"' in alert and "120,000원" in alert
    if recorded:
        inbox.acknowledge_rank_out(people["alice"].id, live_auction.id, sequence, utcnow())
        ws = server.open(PATH, cookie=cookie)
        bid(app, live_auction, people["alice"], 140_000)
        later = bid(app, live_auction, people["carol"], 150_000).sequence
        [alert] = frames_until(ws, is_alert)
        assert f'data-sequence="{later}"' in alert, "what was read was told again"


def test_another_process_repeats_what_the_ledger_has(
    settings: config.Settings, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    cookie = cookie_of(sign_in(client, "alice"))
    bid(app, live_auction, people["alice"], 120_000)
    sequence = bid(app, live_auction, people["bob"], 130_000).sequence
    record(app, live_auction)
    with serving(create_app(replace(settings))) as other:
        [alert] = frames_until(other.open(PATH, cookie=cookie), is_alert)
    assert f'data-sequence="{sequence}"' in alert


def test_nobody_hears_of_what_is_over_for_them(
    server: LiveServer, app: Flask, live_auction: Auction, people: dict[str, Person], client: Browser
) -> None:
    """Alice is winning again, and what pushed her out is unread."""
    cookie = cookie_of(sign_in(client, "alice"))
    bid(app, live_auction, people["alice"], 120_000)
    bid(app, live_auction, people["bob"], 130_000)
    bid(app, live_auction, people["alice"], 140_000)
    record(app, live_auction)
    ws = server.open(PATH, cookie=cookie)
    app.extensions["hub"].listen()
    sequence = bid(app, live_auction, people["bob"], 150_000).sequence
    [alert] = frames_until(ws, is_alert)
    assert f'data-sequence="{sequence}"' in alert


def test_an_offer_is_told_to_whom_it_is_made_and_to_nobody_else(
    server: LiveServer,
    app: Flask,
    redis_client: redis.Redis,
    people: dict[str, Person],
    client: Browser,
    browser: Callable[[], Browser],
) -> None:
    ids = {name: person.id for name, person in people.items()}
    bids = [(ids["alice"], 150_000), (ids["bob"], 140_000), (ids["carol"], 130_000)]
    auction = add_settled_auction(bids)
    carol = server.open(PATH, cookie=cookie_of(sign_in(client, "carol")))
    mallory = server.open(PATH, cookie=cookie_of(sign_in(browser(), "mallory")))
    until_heard(redis_client)
    awards.decline(award_of(auction, ids["alice"]).id, ids["alice"], END + HOUR)
    [frame] = frames_until(carol, is_told)
    spread = re.search(r'data-version="\d+" data-spread-ms="(\d+)"', frame)
    assert spread and int(spread[1]) <= 100
    assert not any(is_told(frame) for frame in end_of(mallory, app))


def test_a_session_that_ends_takes_its_sockets_with_it_and_no_other(
    server: LiveServer,
    app: Flask,
    redis_client: redis.Redis,
    live_auction: Auction,
    people: dict[str, Person],
    client: Browser,
    browser: Callable[[], Browser],
) -> None:
    ended, living = (cookie_of(sign_in(visitor, "alice")) for visitor in (client, browser()))
    ended_ws, living_ws = server.open(PATH, cookie=ended), server.open(PATH, cookie=living)
    until_heard(redis_client)
    end_the_session(ended, app)
    assert close_code(ended_ws) == 1008
    bid(app, live_auction, people["alice"], 120_000)
    bid(app, live_auction, people["bob"], 130_000)
    assert is_alert(frames_until(living_ws, is_alert)[-1])


def test_an_end_whose_message_was_lost_is_found_in_the_tables(
    server: LiveServer, redis_client: redis.Redis, people: dict[str, Person], client: Browser
) -> None:
    ws = server.open(PATH, cookie=cookie_of(sign_in(client, "alice")))
    until_heard(redis_client)

    def end_silently(session: Session) -> None:
        session.execute(update(SignIn).values(ended_at=utcnow()))
        session.execute(update(Person).values(session_epoch=Person.session_epoch + 1))

    in_one_unit(end_silently)
    for subscriber in redis_client.client_list():
        if int(subscriber["psub"]):
            redis_client.client_kill_filter(_id=subscriber["id"])
    assert close_code(ws) == 1008


def record(app: Flask, live_auction: Auction) -> None:
    while record_waiting(app.extensions["engine"], live_auction.id):
        pass


def end_of(ws: websocket.WebSocket, app: Flask) -> list[str]:
    """Everything that came before the hub ended the socket."""
    app.extensions["hub"].close()
    frames = []
    while True:
        opcode, data = ws.recv_data(control_frame=True)
        if opcode == websocket.ABNF.OPCODE_CLOSE:
            return frames
        frames.append(data.decode())
