"""What a withdrawal means for the history of the cut-off, for the check when the ledger could not take it, and for who
would close the account."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from cashticket import redis_keys
from cashticket.extensions import db
from cashticket.ledger import withdrawals
from cashticket.ledger.history import cutoff_history
from cashticket.models import Person
from cashticket.work import withdrawing
from cashticket.work.check.compare import check, check_since
from cashticket.work.standing_bids import binding_auctions
from tests.integration.test_withdrawals import faults, record, stage, withdraw
from tests.staging.auctions import Stage

__all__ = ["stage"]


def test_the_history_of_the_cut_off_falls_with_a_withdrawal_and_ends_where_the_auction_does(stage: Stage) -> None:
    assert stage.engine.read(stage.id).cutoff == 125_000
    withdraw(stage)
    record(stage)
    assert [cutoff for _, cutoff in cutoff_history(stage.row()).points] == [100_000, 125_000, 120_000]
    stage.bid("carol", 140_000)
    record(stage)
    assert [cutoff for _, cutoff in cutoff_history(stage.row()).points] == [100_000, 125_000, 120_000, 125_000]
    assert stage.engine.read(stage.id).cutoff == 125_000


def test_who_bids_less_after_a_withdrawal_that_was_set_aside_has_lowered_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(session: object, auction_id: int, entries: list[object]) -> None:
        raise IntegrityError("INSERT", {}, Exception("refused"))

    record(stage)
    mark = check(stage.engine, stage.id).mark
    assert mark is not None
    with monkeypatch.context() as patched:
        patched.setattr(withdrawals, "insert_withdrawals", lambda *given: refuse(*given) if given[2] else None)
        withdraw(stage)
        record(stage)
    stage.bid("mallory", 115_000)
    record(stage)
    db.session.remove()
    for report in (check(stage.engine, stage.id), check_since(stage.engine, stage.id, mark)):
        assert {finding.invariant for finding in report.findings} == {"I14"}, report.faults
        assert not report.stops_bidding


def test_who_bids_less_after_a_withdrawal_that_cannot_be_read_has_lowered_nothing(stage: Stage, redis_client) -> None:
    record(stage)
    mallory = db.session.get_one(Person, stage.people["mallory"])
    withdrawing.withdraw(stage.engine, stage.id, mallory, "made up", "olga")
    redis_client.lset(redis_keys.bids(stage.id), -1, "no entry")
    stage.bid("mallory", 115_000)
    record(stage)
    assert "I15" not in {finding.invariant for finding in check(stage.engine, stage.id).findings}
    assert stage.row().recorded_sequence == 6


def test_who_was_withdrawn_before_the_ledger_had_the_bid_is_bound_all_the_same(app: Flask) -> None:
    stage = Stage(app)
    stage.bid("mallory", 130_000)
    withdraw(stage)
    assert [each.id for each in binding_auctions(stage.engine, stage.people["mallory"])] == [stage.id]
    assert binding_auctions(stage.engine, stage.people["bob"]) == []


@pytest.mark.parametrize("recorded", [False, True])
def test_a_withdrawal_while_the_check_reads_is_no_fault(
    app: Flask, stage: Stage, monkeypatch: pytest.MonkeyPatch, recorded: bool
) -> None:
    places = stage.engine.places

    def by_another_process() -> None:
        with app.app_context():
            withdraw(stage)
            if recorded:
                record(stage)

    def after_a_withdrawal(auction_id: int, people: list[int]) -> object:
        with ThreadPoolExecutor(1) as pool:
            pool.submit(by_another_process).result()
        return places(auction_id, people)

    monkeypatch.setattr(stage.engine, "places", after_a_withdrawal)
    assert faults(stage) == []
