"""The record lists each move of the end: late bids, operators with their reason, outages. It says how far and when."""

import re
from datetime import timedelta

import pytest
from flask import Flask

from cashticket.engine.pauses import RESTARTED
from cashticket.ledger.operator_acts import record_alone
from cashticket.locale import to_moment
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.work import publishing
from cashticket.work.giving_back import resume
from tests.fixtures.people import Browser
from tests.staging.auctions import HOUR_MS, Stage
from tests.web.test_public_record import cells, page, settle

MINUTE_MS = 60_000


@pytest.fixture
def stage(app: Flask) -> Stage:
    """An auction of 2 seats whose end late bids move by two minutes each, by half an hour at most."""
    return Stage(app, soft_close_seconds=120, soft_close_cap_seconds=1_800)


@pytest.fixture
def reader(app: Flask) -> Browser:
    return Browser(app)


def closes_at(stage: Stage) -> int:
    return stage.engine.read(stage.id).terms.closes_at_ms


def moves(reader: Browser, stage: Stage) -> list[str]:
    """The moves of the end as an English reader sees them, each as one line of words."""
    part = page(reader, stage.id, "?lang=en").partition('id="end-moves"')[2].partition("</section>")[0]
    return [" ".join(re.sub("<[^>]+>", " ", move).split()) for move in re.findall("<li>(.*?)</li>", part, re.DOTALL)]


def moved(reader: Browser, stage: Stage) -> list[int]:
    """How far (ms) each bid moved the end, by the CSV."""
    return [int(row["moved_end_by_ms"]) for row in cells(reader, stage.id)]


def test_an_end_that_never_moved_is_said_to_have_stayed(stage: Stage, reader: Browser) -> None:
    stage.bid("alice", 100_000)
    settle(stage)
    assert moves(reader, stage) == [] and "The end never moved." in page(reader, stage.id, "?lang=en")
    assert moved(reader, stage) == [0]


def test_late_bids_are_marked_and_counted_as_one_move(stage: Stage, reader: Browser) -> None:
    end = closes_at(stage)
    stage.bid("alice", 100_000, now_ms=end - MINUTE_MS)
    stage.bid("bob", 110_000, now_ms=end)
    # The hall is full: this one enters nowhere, so it moves nothing.
    stage.bid("carol", 100_000, now_ms=end + 1_000)
    settle(stage)
    assert moved(reader, stage) == [MINUTE_MS, MINUTE_MS, 0]
    [move] = moves(reader, stage)
    assert move.startswith("Extended by 2 min") and "by late bids, no. 1 to no. 2" in move
    text = page(reader, stage.id, "?lang=ko")
    assert text.count("1분 연장됨") == 2 and f'href="/auctions/{stage.id}/record?lang=ko#bid-1"' in text


def test_a_single_late_bid_is_named(stage: Stage, reader: Browser) -> None:
    stage.bid("alice", 100_000)
    stage.bid("bob", 110_000, now_ms=closes_at(stage) - MINUTE_MS)
    settle(stage)
    [move] = moves(reader, stage)
    assert move.startswith("Extended by 1 min") and "by the late bid no. 2" in move


def test_what_an_operator_moved_is_told_with_the_reason_and_without_the_name(stage: Stage, reader: Browser) -> None:
    end = closes_at(stage)
    stage.bid("alice", 100_000)
    publishing.extend(stage.engine, stage.id, to_moment(end + 10 * MINUTE_MS), "the lights <failed>", "anna")
    stage.bid("bob", 110_000, now_ms=end + 9 * MINUTE_MS)
    settle(stage)
    first, second = moves(reader, stage)
    assert first.startswith("Extended by 10 min") and "Reason: the lights &lt;failed&gt;" in first
    assert second.startswith("Extended by 1 min") and "by the late bid no. 2" in second
    assert moved(reader, stage) == [0, MINUTE_MS]
    assert "anna" not in page(reader, stage.id)


def test_a_reason_that_was_written_for_operators_alone_stays_with_them(stage: Stage, reader: Browser) -> None:
    end = to_moment(closes_at(stage))
    facts = {"from": (end - timedelta(minutes=5)).isoformat(), "to": end.isoformat()}
    record_alone("anna", Act.AUCTION_EXTEND, auction_subject(stage.id), "as Kim asked", facts)
    settle(stage)
    [move] = moves(reader, stage)
    assert move.startswith("Extended by 5 min") and "our staff moved the end" in move and "Kim" not in move


def test_time_given_back_for_an_outage_is_a_move_of_its_own(app: Flask, reader: Browser) -> None:
    stage = Stage(app, ends_in_ms=HOUR_MS)
    now = stage.engine.clock()
    stage.engine.pause(stage.id, RESTARTED, now_ms=now - 70_000)
    assert resume(stage.engine, stage.id, RESTARTED, "", now - 70_000)
    stage.bid("alice", 100_000)
    settle(stage)
    [move] = moves(reader, stage)
    assert move.startswith("Extended by 1 min 10 s") and "a technical problem on our side" in move
    assert moved(reader, stage) == [0]
