"""Requests of several threads write their rows at once: each accepted bid has one row, and the rules allow them all."""

from pathlib import Path

from cashticket.auction.values import Permission
from lab.checkers import violations
from lab.endings import ending_of_store
from lab.evidence import Evidence
from lab.history import OK, Recorder, read
from lab.servers.redis_server import RedisServer
from tests.fixtures.engines import SynchronousRig
from tests.storm.test_row_locks import ACCEPTED_AT_LEAST, PEOPLE, TERMS, THREADS, bid_at_once

EVERYBODY = 1_000_000


def test_threads_leave_one_row_for_each_accepted_bid(
    redis_server: RedisServer, synchronous_database: str, tmp_path: Path
) -> None:
    rig = SynchronousRig(redis_server, synchronous_database, THREADS)
    engine = rig.engine
    engine.open(TERMS)
    for person in range(1, PEOPLE + 1):
        engine.introduce(TERMS.auction_id, person, Permission.OK, 1, 1)
    recorder = Recorder(tmp_path / "history", "threads")
    bid_at_once(engine, recorder)
    recorder.close()

    evidence = Evidence(read(tmp_path / "history"), [ending_of_store(engine, TERMS)])
    answers = [each for each in evidence.all_of("bid") if each.outcome == OK and not each.answer["replayed"]]
    assert len(answers) >= ACCEPTED_AT_LEAST
    assert violations(evidence) == []
    rows = engine.inserted().peek(TERMS.auction_id, EVERYBODY)
    assert rows == engine.peek(TERMS.auction_id, EVERYBODY)
    assert sorted(each.answer["sequence"] for each in answers) == list(range(1, len(rows) + 1))
    assert engine.missing([TERMS.auction_id]) == 0
    rig.close()
