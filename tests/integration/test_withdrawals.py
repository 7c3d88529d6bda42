"""A withdrawn standing: recorded once, told to who comes in, checked, rebuilt, settled and shown."""

from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from cashticket import redis_keys
from cashticket.auction import rules
from cashticket.auction.values import NoticeKind, RankedBid, State
from cashticket.extensions import db
from cashticket.ledger import public_record, queries, withdrawals
from cashticket.ledger.order import count_bidders, order_windows
from cashticket.ledger.recording import record_waiting
from cashticket.models import FinalRank, Notification, OutboxMessage, RecordedBid, Withdrawal
from cashticket.models.columns import utcnow
from cashticket.settlement.outcomes import outcome_of
from cashticket.settlement.readiness import find_problem
from cashticket.work.check.compare import check, check_since
from cashticket.work.closing import close_and_settle
from cashticket.work.rebuilding import rebuild
from tests.staging.auctions import Stage
from tests.staging.engine import order_of

BIDS = (("mallory", 130_000), ("alice", 125_000), ("bob", 120_000), ("carol", 110_000))


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Mallory and alice are winning, bob is next; mallory's bid and alice's are recorded."""
    stage = Stage(app)
    for name, amount in BIDS:
        stage.bid(name, amount)
        if name == "alice":
            record_waiting(stage.engine, stage.id)
    return stage


def withdraw(stage: Stage, name: str = "mallory") -> None:
    assert stage.engine.withdraw(stage.id, stage.people[name]).entry


def record(stage: Stage) -> None:
    while record_waiting(stage.engine, stage.id):
        pass
    db.session.remove()


def rows(stage: Stage) -> list[tuple[int, int, int, int, int, int | None]]:
    of = select(Withdrawal).where(Withdrawal.auction_id == stage.id).order_by(Withdrawal.sequence)
    return [
        (each.sequence, each.person_id, each.amount, each.rank, each.cutoff, each.brought_in_id)
        for each in db.session.scalars(of)
    ]


def faults(stage: Stage) -> list[str]:
    db.session.remove()
    return check(stage.engine, stage.id).faults


def test_it_is_recorded_in_line_with_the_bids_and_a_repeat_adds_nothing(stage: Stage) -> None:
    withdraw(stage)
    stage.bid("carol", 140_000)
    entries = stage.engine.peek(stage.id, 10)
    record(stage)
    assert rows(stage) == [(5, stage.people["mallory"], 130_000, 1, 120_000, stage.people["bob"])]
    assert [bid.sequence for bid in stage.recorded()] == [1, 2, 3, 4, 6]
    assert stage.row().recorded_sequence == 6

    class Again:
        """The list once more, as a drain that died before it trimmed finds it."""

        def peek(self, auction_id: int, count: int) -> object:
            return entries

        def trim(self, auction_id: int, through_sequence: int) -> int:
            return 0

        def discard(self, auction_id: int, raw: str) -> bool:
            return False

    record_waiting(Again(), stage.id)  # type: ignore[arg-type]
    assert len(rows(stage)) == 1 and len(stage.recorded()) == 5


def test_the_ledger_orders_as_the_live_store_does(stage: Stage) -> None:
    withdraw(stage)
    record(stage)
    order = [bid for window in order_windows(stage.id) for bid in window]
    assert order == queries.final_order(stage.id) == order_of(stage.engine, stage.id)
    assert stage.people["mallory"] not in [bid.person for bid in order]
    assert count_bidders(db.session(), stage.id) == 3
    stage.bid("mallory", 115_000)
    withdraw(stage, "alice")
    record(stage)
    order = queries.final_order(stage.id)
    assert order == order_of(stage.engine, stage.id) and count_bidders(db.session(), stage.id) == 3
    assert RankedBid(stage.people["mallory"], 115_000, 6) in order


def test_who_comes_in_has_a_notice_and_a_mail_and_nobody_else(stage: Stage) -> None:
    withdraw(stage)
    record(stage)
    [notice] = db.session.scalars(select(Notification).where(Notification.kind == NoticeKind.MOVED_IN))
    assert (notice.person_id, notice.occasion, notice.facts["own"]) == (stage.people["bob"], 5, 120_000)
    mails = select(OutboxMessage).where(OutboxMessage.kind == NoticeKind.MOVED_IN)
    assert [mail.reference for mail in db.session.scalars(mails)] == [notice.id]


def test_where_nobody_comes_in_nobody_is_told(stage: Stage) -> None:
    withdraw(stage, "carol")
    record(stage)
    assert db.session.scalars(select(Notification)).all() == []


@pytest.mark.parametrize("recorded", [False, True])
def test_the_check_is_sound_before_and_after_recording_and_since_a_mark(stage: Stage, recorded: bool) -> None:
    mark = check(stage.engine, stage.id).mark
    withdraw(stage)
    if recorded:
        record(stage)
    assert mark is not None and faults(stage) == check_since(stage.engine, stage.id, mark).faults == []
    stage.bid("mallory", 135_000)
    withdraw(stage, "bob")
    if recorded:
        record(stage)
    later = check_since(stage.engine, stage.id, mark)
    assert faults(stage) == later.faults == []
    if recorded:
        assert later.mark is not None and later.mark.people == 3
        assert check_since(stage.engine, stage.id, later.mark).faults == []


@pytest.mark.parametrize(
    ("change", "invariant"),
    [
        ({"amount": 125_000}, "I2"),
        ({"rank": 2}, "I6"),
        ({"cutoff": 1}, "I6"),
        ({"brought_in_id": None}, "I13"),
        ({"at_ms": 1}, "I5"),
        ({"sequence": 50}, "I1"),
    ],
)
def test_the_check_finds_a_withdrawal_that_the_rules_do_not_give(
    stage: Stage, change: dict[str, int | None], invariant: str
) -> None:
    withdraw(stage)
    record(stage)
    db.session.execute(update(Withdrawal).values(**change))
    db.session.commit()
    assert invariant in {finding.invariant for finding in check(stage.engine, stage.id).findings}


def test_the_check_finds_a_withdrawn_person_who_still_stands(stage: Stage, redis_client) -> None:
    withdraw(stage)
    record(stage)
    redis_client.zadd(redis_keys.standings(stage.id), {str(stage.people["mallory"]): rules.score(130_000, 1)})
    assert any("no bid is the newest of its bidder" in each for each in faults(stage))


def test_a_rebuilt_auction_ranks_without_who_was_withdrawn(stage: Stage) -> None:
    withdraw(stage)
    stage.bid("carol", 140_000)
    record(stage)
    before = order_of(stage.engine, stage.id)
    rebuilt = rebuild(stage.engine, stage.id, replace=True, backlog_max=10, account_for=lambda facts: None)
    assert rebuilt.findings == [] and rebuilt.paused == ""
    assert order_of(stage.engine, stage.id) == before
    assert stage.engine.place(stage.id, stage.people["mallory"]).chances_left == 2


def test_settlement_gives_the_seats_to_those_who_are_left(app: Flask) -> None:
    stage = Stage(app, ends_in_ms=-1_000)
    for name, amount in BIDS:
        stage.bid(name, amount)
    end = stage._ends[stage.id]
    assert stage.engine.withdraw(stage.id, stage.people["mallory"], end - 400).entry
    record(stage)
    assert find_problem(db.session(), stage.row(), 5) is None
    close_and_settle(stage.engine, stage.id)
    assert stage.row().state is State.SETTLED
    assert stage.winners() == {"VIP-1": "alice", "VIP-2": "bob"}
    ranks = select(FinalRank.person_id).where(FinalRank.auction_id == stage.id).order_by(FinalRank.rank)
    assert db.session.scalars(ranks).all() == [stage.people[name] for name in ("alice", "bob", "carol")]
    assert faults(stage) == []
    assert outcome_of(stage.row(), stage.people["mallory"], utcnow()).kind == "withdrawn"
    record_ = public_record.record_of(stage.id)
    assert record_ is not None
    [shown] = [row for row in public_record.page(record_, 1) if row.is_withdrawal]
    assert (shown.sequence, shown.amount, shown.rank, shown.cutoff, shown.moved_ms) == (5, 130_000, 1, 120_000, 0)


def test_a_withdrawal_of_somebody_the_ledger_does_not_know_is_set_aside(stage: Stage) -> None:
    withdraw(stage)
    entries = stage.engine.peek(stage.id, 10)
    strange = [replace(entries[-1], person=999_999)]

    class Source:
        def peek(self, auction_id: int, count: int) -> object:
            return [*entries[:-1], *strange] if not rows_known() else []

        def trim(self, auction_id: int, through_sequence: int) -> int:
            return 0

        def discard(self, auction_id: int, raw: str) -> bool:
            return False

    def rows_known() -> bool:
        return db.session.scalar(select(RecordedBid.id).where(RecordedBid.sequence == 4)) is not None

    record_waiting(Source(), stage.id)  # type: ignore[arg-type]
    assert rows(stage) == [] and stage.row().recorded_sequence == 5
    assert any("set aside" in each for each in faults(stage))


def test_a_notice_that_is_refused_keeps_no_withdrawal_from_being_recorded(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(session: object, rows: list[object]) -> None:
        raise IntegrityError("INSERT", {}, Exception("refused"))

    monkeypatch.setattr(withdrawals, "add_notices", refuse)
    withdraw(stage)
    record(stage)
    assert [row[0] for row in rows(stage)] == [5] and stage.row().recorded_sequence == 5
    assert "no notice of withdrawal 5" in caplog.text
