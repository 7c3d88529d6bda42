"""Pages say that the time stands still during a pause, and afterwards how far the end moved and why."""

import json
from datetime import timedelta

from flask import Flask

from cashticket.engine.pauses import OPERATOR, RESTARTED
from cashticket.ledger import outages
from cashticket.live.watcher import mark_of_board
from cashticket.models.columns import utcnow
from cashticket.work.closing import close_and_settle
from cashticket.work.giving_back import resume
from tests.fixtures.people import Browser
from tests.staging.auctions import Stage


def after_seventy_seconds(stage: Stage, reason: str = RESTARTED) -> None:
    now = stage.engine.clock()
    stage.engine.pause(stage.id, reason, now_ms=now - 70_000)
    assert resume(stage.engine, stage.id, reason, "", now - 70_000)


def test_a_paused_auction_says_that_its_time_stands_still(app: Flask) -> None:
    stage, reader = Stage(app), Browser(app)
    stage.engine.pause(stage.id, OPERATOR)
    for path in (f"/auctions/{stage.id}", f"/auctions/{stage.id}/board"):
        assert 'data-paused="시간 멈춤"' in reader.get(path + "?lang=ko").text
        assert 'data-paused="Time stopped"' in reader.get(path + "?lang=en").text
    assert "멈춘 만큼 마감이 늦춰져요" in reader.get(f"/auctions/{stage.id}?lang=ko").text


def test_a_pause_that_changes_no_version_changes_the_board(app: Flask) -> None:
    stage = Stage(app)
    before = mark_of_board(stage.engine.read(stage.id))
    stage.engine._client.hset(f"{{auction:{stage.id}}}:state", "checked_on", "another-process master")
    assert mark_of_board(stage.engine.read(stage.id)) != before


def test_the_board_says_how_far_the_end_moved_and_why(app: Flask) -> None:
    stage, reader = Stage(app), Browser(app)
    assert "data-outage" not in reader.get(f"/auctions/{stage.id}/board?lang=ko").text
    after_seventy_seconds(stage)
    page = reader.get(f"/auctions/{stage.id}/board?lang=ko").text
    assert "마감이 1분 10초 늦춰졌어요" in page and "시스템 문제" in page and 'data-outage="1"' in page
    after_seventy_seconds(stage, OPERATOR)
    page = reader.get(f"/auctions/{stage.id}?lang=en").text
    assert "our staff had paused bidding" in page and "It has moved 2 times so far" in page


def test_the_results_and_the_command_keep_each_move(app: Flask) -> None:
    stage, reader = Stage(app), Browser(app)
    after_seventy_seconds(stage)
    shown = app.test_cli_runner().invoke(args=["auction", "show", str(stage.id), "--json"])
    (kept,) = json.loads(shown.stdout)["outages"]
    assert (kept["number"], kept["reason"]) == (1, RESTARTED) and kept["ends_before"] < kept["ends_after"]
    stage.engine.close(stage.id, now_ms=stage.engine.read(stage.id).ends_at_ms)
    close_and_settle(stage.engine, stage.id)
    page = reader.get(f"/auctions/{stage.id}/results?lang=ko").text
    assert "마감이 늦춰진 기록" in page and "1분 10초 늦춰졌어요" in page
    assert len(outages.outages_of(stage.id)) == 1


def test_results_without_an_outage_say_nothing_of_it(app: Flask) -> None:
    stage = Stage(app, ends_in_ms=-1_000)
    close_and_settle(stage.engine, stage.id)
    assert 'id="outages"' not in Browser(app).get(f"/auctions/{stage.id}/results").text
    assert stage.row().ends_at < utcnow() + timedelta(seconds=1)
