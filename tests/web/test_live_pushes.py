"""Everything that changes on an auction page comes over its socket, from the first bid to the result."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import websocket
from flask import Flask
from sqlalchemy import event

from cashticket.accounts import sessions
from cashticket.auction.values import State
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.locale import to_ms
from cashticket.models import Person
from cashticket.models.columns import utcnow
from tests.fixtures.people import Browser
from tests.staging.auctions import Stage
from tests.web.live_server import LiveServer, frames_until


class Page:
    """What one open auction page is sent, piece by piece."""

    def __init__(self, ws: websocket.WebSocket) -> None:
        self._ws = ws

    def board(self, *words: str) -> str:
        """The next board that has all these words."""
        return self._next("board", words)

    def standing(self, *words: str) -> str:
        """The next own standing that has all these words."""
        return self._next("standing", words)

    def _next(self, piece: str, words: tuple[str, ...]) -> str:
        return frames_until(
            self._ws,
            lambda frame: re.match(rf'\s*<section id="{piece}"', frame) is not None and all(w in frame for w in words),
        )[-1]


def cookie_of(app: Flask, person: int) -> str:
    """The value of the cookie that a signed-in person has."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(signer.dumps({"_user_id": begin_session(person), "_fresh": True}))


@pytest.fixture
def opened(app: Flask, server: LiveServer) -> Callable[..., Page]:
    """`opened(stage, name)`: that person's open page, or a stranger's."""

    def open_page(stage: Stage, name: str | None = None) -> Page:
        cookie = f"cashticket={cookie_of(app, stage.people[name])}" if name else None
        page = Page(server.open(f"/auctions/{stage.id}/live", cookie=cookie))
        page.board('id="board"')
        if name:
            page.standing('id="standing"')
        return page

    return open_page


def begin_session(person: int) -> str:
    """A session as signing in makes it, without the cost of hashing."""
    principal = sessions.begin(db.session.get_one(Person, person), "a browser of tests")
    db.session.remove()
    return principal.get_id()


def record(app: Flask, stage: Stage) -> None:
    while record_waiting(app.extensions["engine"], stage.id):
        pass
    db.session.remove()


def test_everything_from_the_first_bid_to_the_result_is_sent_piece_by_piece(
    app: Flask, opened: Callable[..., Page]
) -> None:
    stage = Stage(app, seats=1, soft_close_seconds=7_200, soft_close_cap_seconds=60)
    stranger, alice = opened(stage), opened(stage, "alice")
    announced = to_ms(stage.row().closes_at)

    moved = stage.bid("alice", 120_000).ends_at_ms
    assert moved == announced + 60_000
    board = stranger.board("120,000원", f'data-ends-at-ms="{moved}"')
    assert re.search(r'data-now-ms="\d+"', board) and re.search(
        r'<tr id="rung-\w+" data-alias="\w+">\s*<td>1</td>', board
    )
    alice.standing('data-position="winning"', 'class="mark mark-accepted"')

    record(app, stage)
    alice.standing('data-position="winning"', 'class="mark mark-recorded"')

    stage.bid("bob", 130_000)
    # Bob's 130,000 takes a step of 5,000 more: 15,000 above her 120,000.
    alice.standing('data-position="out"', "120,000원", "15,000원")

    extended = announced + 600_000
    stage.engine.extend(stage.id, extended)
    for page in (stranger, alice):
        page.board(f'data-ends-at-ms="{extended}"')

    stage.engine.close(stage.id, now_ms=extended + 1)
    stranger.board('data-state="closing"')
    alice.standing('data-position="closing"')

    stage.engine.finish(stage.id, State.SETTLED)
    stranger.board('data-state="settled"')
    alice.standing('data-position="settled"', f'hx-get="/auctions/{stage.id}/standing?lang=')


def test_the_opening_is_sent_when_it_comes(app: Flask, opened: Callable[..., Page]) -> None:
    opens_at = utcnow() + timedelta(seconds=2)
    stage = Stage(app, opens_at=opens_at)
    page = opened(stage)
    page.board('data-state="open"')


@contextmanager
def statements_of_others() -> Iterator[list[str]]:
    """SQL statements that other threads than the test's own send meanwhile."""
    statements: list[str] = []
    own_thread = threading.current_thread()

    def record_statement(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if threading.current_thread() is not own_thread:
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", record_statement)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", record_statement)


def test_open_sockets_need_no_statement_but_the_title_of_an_alert(app: Flask, opened: Callable[..., Page]) -> None:
    stage = Stage(app, seats=1)
    with statements_of_others() as statements:
        alices = [opened(stage, "alice") for _ in range(8)]
        strangers = [opened(stage) for _ in range(16)]
        assert statements, "the person is looked up before the handshake"
        statements.clear()
        stage.bid("alice", 120_000)
        record(app, stage)
        for page in alices:
            page.standing('class="mark mark-recorded"')
        stage.bid("bob", 130_000)
        for page in alices:
            page.standing('data-position="out"')
        stage.engine.extend(stage.id, to_ms(stage.row().closes_at) + 60_000)
        for page in (*alices, *strangers):
            page.board(f'data-ends-at-ms="{to_ms(stage.row().closes_at) + 60_000}"')
        stage.engine.finish(stage.id, State.VOIDED)
        for page in (*alices, *strangers):
            page.board('data-state="voided"')
    # Once a minute an alert has the titles of concerts asked for, in one statement for all sockets.
    asked = [text for text in statements if text != "BEGIN"]
    assert len(asked) == 1 and "concerts.title" in asked[0]


# Pieces for everybody


@pytest.mark.parametrize("path", ["board?lang=ko", "board?lang=en"])
def test_public_pieces_are_the_same_for_everybody_and_may_be_cached(app: Flask, client: Browser, path: str) -> None:
    stage = Stage(app)
    stage.bid("alice", 120_000)
    answers = [client.get(f"/auctions/{stage.id}/{path}")]
    for name in ("alice", "bob"):
        client.set_cookie("cashticket", cookie_of(app, stage.people[name]))
        answers.append(client.get(f"/auctions/{stage.id}/{path}"))
    for answer in answers:
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "cookie" not in answer.headers.get("Vary", "").lower()
        assert answer.headers["Cache-Control"] == "public, max-age=1"
    moving = re.compile(r'data-now-ms="\d+"|\d\d:\d\d:\d\d')
    assert len({moving.sub("", answer.get_data(as_text=True)) for answer in answers}) == 1


def test_a_strangers_page_has_board_and_ladder_and_takes_no_cookie(app: Flask, client: Browser) -> None:
    stage = Stage(app)
    stage.bid("alice", 120_000)
    answer = client.get(f"/auctions/{stage.id}")
    text = answer.get_data(as_text=True)
    assert 'id="board"' in text and 'class="ladder"' in text and "120,000원" in text
    assert "Set-Cookie" not in answer.headers
