"""Frames show what pages show, in the language of each reader."""

import pytest
from flask import Flask, render_template
from flask_babel import force_locale

from cashticket.blueprints.auction.frames import PIECES, Frames
from cashticket.engine.interface import Engine
from cashticket.live.pieces import board_context, standing_context
from tests.staging.watchers import ALICE, AUCTION, BOB, bid, open_auction


@pytest.fixture
def engine(app: Flask) -> Engine:
    engine: Engine = app.extensions["engine"]
    open_auction(engine)
    bid(engine, ALICE, 120_000)
    bid(engine, BOB, 130_000)
    return engine


@pytest.mark.parametrize("locale", ["ko", "en"])
@pytest.mark.parametrize("person", [None, ALICE, BOB])
def test_a_frame_is_the_piece_of_the_page(app: Flask, engine: Engine, locale: str, person: int | None) -> None:
    kind = "standing" if person else "board"
    context = standing_context(engine, AUCTION, person) if person else board_context(engine, AUCTION)
    with app.test_request_context("/"), force_locale(locale):
        page = render_template(PIECES[kind], oob="outerMorph", **context)
    with Frames(app, "http://127.0.0.1").rendering() as render:
        assert render(kind, locale, context) == page


def test_frames_of_one_language_leave_pages_and_the_other_language_alone(app: Flask, engine: Engine) -> None:
    context = board_context(engine, AUCTION)
    with Frames(app, "http://127.0.0.1").rendering() as render:
        assert "원" in render("board", "ko", context)
        assert "₩" in render("board", "en", context) and "Live prices" in render("board", "en", context)
        assert "Live prices" not in render("board", "ko", context)
    with app.test_request_context("/"), force_locale("en"):
        assert "Live prices" in render_template(PIECES["board"], **context)
