"""`flask auction export` writes rows as they are read: in windows, with progress, and nobody appears twice."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from cashticket.engine.redis_engine import RedisEngine
from cashticket.models import Auction
from cashticket.models.units import in_one_unit
from cashticket.work import exporting
from tests.cli.test_operator_commands import run, table
from tests.staging.auctions import Stage
from tests.staging.final_ranks import add_results, void_auction

AMOUNTS = {"alice": 130_000, "bob": 120_000, "carol": 110_000, "mallory": 100_000}


@pytest.fixture(autouse=True)
def small_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "WINDOW", 2)


@pytest.fixture
def running(app: Flask) -> Stage:
    stage = Stage(app)
    for name, amount in AMOUNTS.items():
        stage.bid(name, amount)
    return stage


def after_first_window(monkeypatch: pytest.MonkeyPatch, stage: Stage, name: str, amount: int) -> None:
    """Let somebody bid once the first window of the order was read."""
    read = RedisEngine.rows

    def rows(engine: RedisEngine, auction_id: int, first: int, count: int) -> Any:
        window = read(engine, auction_id, first, count)
        if first == 1:
            stage.bid(name, amount)
        return window

    monkeypatch.setattr(RedisEngine, "rows", rows)


def exported(app: Flask, auction_id: int) -> tuple[Any, str]:
    result = run(app, "auction", "export", str(auction_id), "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout), result.stderr


def test_a_quiet_order_is_exported_whole_over_several_windows(app: Flask, running: Stage) -> None:
    shown, said = exported(app, running.id)
    assert [row["amount"] for row in shown["lines"]] == list(AMOUNTS.values())
    assert [row["rank"] for row in shown["lines"]] == [1, 2, 3, 4]
    assert (shown["final"], shown["sequence"], shown["bids_meanwhile"], said) == (False, 4, 0, "")


def test_whoever_overtakes_while_it_is_read_makes_nobody_appear_twice(
    app: Flask, running: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_first_window(monkeypatch, running, "mallory", 200_000)
    shown, said = exported(app, running.id)
    # Bob was pushed into the second window, where he is left out; mallory went past what was written.
    assert [row["amount"] for row in shown["lines"]] == [130_000, 120_000, 110_000]
    assert shown["bids_meanwhile"] == 1 and "1 bids came in" in said and "Nobody appears twice" in said


def test_a_raise_above_what_was_written_hides_nobody_else(
    app: Flask, running: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_first_window(monkeypatch, running, "bob", 140_000)
    shown, _ = exported(app, running.id)
    assert [row["amount"] for row in shown["lines"]] == [130_000, 120_000, 110_000, 100_000]


def test_final_ranks_are_exported_in_windows_with_progress(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cashticket.cli.auction.export.PROGRESS_ROWS", 3)
    auction_id = add_results(7)
    shown, said = exported(app, auction_id)
    assert [row["rank"] for row in shown["lines"]] == [1, 2, 3, 4, 5, 6, 7]
    assert [row["seat"] for row in shown["lines"][:3]] == ["VIP-1", "VIP-2", None]
    assert shown["final"] is True and "bids_meanwhile" not in shown and shown["cutoff"] == 999_000
    assert said.splitlines() == ["3 of 7 rows", "6 of 7 rows"]
    assert [row["rank"] for row in table(run(app, "auction", "export", str(auction_id)))] == list("1234567")


def test_rows_leave_before_the_last_one_is_read(app: Flask, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    from cashticket import spreadsheet

    def rows() -> Iterator[dict[str, Any]]:
        yield {"rank": 1}
        spreadsheet.sys.stdout.buffer.flush()
        assert b"1\r\n" in capsysbinary.readouterr().out
        yield {"rank": 2}

    spreadsheet.print_csv(rows(), ["rank"])
    assert capsysbinary.readouterr().out == b"2\r\n"


def test_a_voided_auction_whose_ranks_do_not_count_yet_is_exported_from_its_bids(app: Flask, running: Stage) -> None:
    from cashticket.ledger.recording import record_waiting

    while record_waiting(running.engine, running.id):
        pass
    void_auction(running.id)
    in_one_unit(lambda session: setattr(session.get_one(Auction, running.id), "ranked_at", None))
    shown, _ = exported(app, running.id)
    assert [row["amount"] for row in shown["lines"]] == list(AMOUNTS.values()) and shown["final"] is True
    assert shown["cutoff"] == 120_000


def test_an_order_without_bids_is_an_empty_list(app: Flask) -> None:
    shown, _ = exported(app, Stage(app).id)
    assert shown["lines"] == []
