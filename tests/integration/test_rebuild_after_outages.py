"""A rebuilt auction gets its lost time back, and keeps an end that had moved before."""

from cashticket.engine.pauses import OPERATOR, OVERDUE, RESTORING
from cashticket.locale import to_ms
from cashticket.work import orders_taken
from cashticket.work.closing import close_and_settle
from tests.integration.test_rebuild import rebuilt, record_all
from tests.staging.auctions import Stage


def test_an_end_that_came_meanwhile_moves_by_the_time_without_bids(app, redis_client, queue_redis) -> None:
    stage = Stage(app, ends_in_ms=-1_000)
    end = to_ms(stage.row().ends_at)
    stage.bid("alice", 100_000, now_ms=end - 90_000)
    record_all(stage)
    redis_client.flushall()
    orders_taken.note(queue_redis, {stage.id: end - 60_000})
    assert rebuilt(stage).paused == ""
    board = stage.engine.read(stage.id)
    assert board.ends_at_ms == board.outage.ended_ms + 60_000 == to_ms(stage.row().ends_at)
    assert board.outage.reason == RESTORING
    stage.engine.pause(stage.id, OPERATOR)
    redis_client.flushall()
    rebuilt(stage)
    again = stage.engine.read(stage.id)
    assert again.ends_at_ms >= board.ends_at_ms and again.outage.number == 2, "a moved end stays moved"


def test_an_end_that_had_come_before_the_store_was_lost_stays(app, redis_client) -> None:
    stage = Stage(app, ends_in_ms=-1_000)
    stage.bid("alice", 100_000)
    record_all(stage)
    redis_client.flushall()
    assert rebuilt(stage).paused == ""
    close_and_settle(stage.engine, stage.id)
    assert stage.winners() == {"VIP-1": "alice"}


def test_too_much_lost_time_waits_for_an_operator(app, redis_client, queue_redis) -> None:
    stage = Stage(app, ends_in_ms=-4 * 3_600_000, starts_in_ms=-6 * 3_600_000)
    end = to_ms(stage.row().ends_at)
    stage.bid("alice", 100_000, now_ms=end - 90_000)
    record_all(stage)
    redis_client.flushall()
    orders_taken.note(queue_redis, {stage.id: end - 60_000})
    assert rebuilt(stage).paused == OVERDUE
    close_and_settle(stage.engine, stage.id)
    assert stage.row().state != "settled"
    answer = app.test_cli_runner().invoke(
        args=["auction", "extend", str(stage.id), "--to", "2032-01-01T12:00", "--why", "the store was lost"]
    )
    assert answer.exit_code == 1 and "cancellation deadline" in answer.stderr, "rules stay rules"
    answer = app.test_cli_runner().invoke(args=["auction", "resume", str(stage.id), "--why", "nobody was there"])
    assert answer.exit_code == 0
    close_and_settle(stage.engine, stage.id)
    assert stage.winners() == {"VIP-1": "alice"}
