"""An engine of the load lab: the row of an accepted bid is in the database before its answer, exactly once."""

from collections.abc import Iterator

import pytest

from cashticket.auction.terms import Terms
from cashticket.auction.values import Accepted, Entry, Permission
from cashticket.engine.errors import OutcomeUnknown
from lab.servers.redis_server import RedisServer
from lab.systems.locking.connections import Connections, Rows, send
from lab.systems.synchronous.engine import SynchronousEngine
from tests.fixtures.engines import SynchronousRig

AUCTION, ALICE, BOB, CAROL = 7, 1, 2, 3
TERMS = Terms(AUCTION, 1, 10_000, 1_000, 1_000, 4_102_444_800_000)


@pytest.fixture
def rig(redis_server: RedisServer, synchronous_database: str) -> Iterator[SynchronousRig]:
    rig = SynchronousRig(redis_server, synchronous_database)
    rig.engine.open(TERMS)
    for person in (ALICE, BOB, CAROL):
        rig.engine.introduce(AUCTION, person, Permission.OK, 1, 1)
    yield rig
    rig.close()


def bid(engine: SynchronousEngine, person: int, amount: int) -> Accepted:
    answer = engine.place_bid(AUCTION, person, 1, amount, f"{person}-{amount}")
    assert isinstance(answer, Accepted)
    return answer


def ask(url: str, statement: str) -> Rows:
    with Connections(url, 1).connection() as connection:
        (rows,) = send(connection, statement)
        connection.close()
        return rows


@pytest.fixture
def closed(synchronous_database: str) -> Iterator[None]:
    """No row can be written until the end of the test, or until `ask(url, OPENED)`."""
    ask(synchronous_database, "ALTER TABLE synchronous_bids RENAME TO elsewhere")
    yield
    if ask(synchronous_database, "SHOW TABLES LIKE 'elsewhere'"):
        ask(synchronous_database, OPENED)


OPENED = "ALTER TABLE elsewhere RENAME TO synchronous_bids"
NUMBERS = f"SELECT sequence, person FROM synchronous_bids WHERE auction_id = {AUCTION} ORDER BY sequence"


def test_another_connection_sees_the_row_before_the_answer(rig: SynchronousRig, synchronous_database: str) -> None:
    seen: list[Rows] = []
    rig.engine.on_inserted = lambda auction, entry: seen.append(ask(synchronous_database, NUMBERS))
    bid(rig.engine, ALICE, 10_000)
    bid(rig.engine, BOB, 11_000)
    assert seen == [((1, ALICE),), ((1, ALICE), (2, BOB))]


def test_a_refused_bid_writes_nothing(rig: SynchronousRig, synchronous_database: str) -> None:
    rig.engine.place_bid(AUCTION, ALICE, 1, 9_000, "too low")
    assert ask(synchronous_database, NUMBERS) == ()


def test_a_repeated_request_writes_no_second_row(rig: SynchronousRig, synchronous_database: str) -> None:
    assert [bid(rig.engine, ALICE, 10_000).replayed for _ in range(3)] == [False, True, True]
    assert ask(synchronous_database, NUMBERS) == ((1, ALICE),)


def test_a_bid_without_a_row_is_no_answer_and_its_repeat_writes_the_whole_row(
    rig: SynchronousRig, synchronous_database: str, closed: None
) -> None:
    reported: list[Entry] = []
    rig.engine.on_inserted = lambda auction, entry: reported.append(entry)
    for person, amount in ((ALICE, 10_000), (BOB, 11_000)):
        with pytest.raises(OutcomeUnknown, match="accepted, and its row may be missing"):
            bid(rig.engine, person, amount)
    ask(synchronous_database, OPENED)
    assert (rig.engine.missing([AUCTION]), reported) == (2, [])
    bid(rig.engine, CAROL, 12_000)
    assert rig.engine.inserted().peek(AUCTION, 9) == [], "the first number has no row yet"
    assert bid(rig.engine, ALICE, 10_000).replayed and bid(rig.engine, BOB, 11_000).replayed
    # Who was displaced stands in the list alone, not in the remembered answer.
    assert rig.engine.inserted().peek(AUCTION, 9) == rig.engine.peek(AUCTION, 9)
    assert [entry.displaced for entry in rig.engine.inserted().peek(AUCTION, 9) if isinstance(entry, Entry)] == [
        None,
        ALICE,
        BOB,
    ]
    assert rig.engine.missing([AUCTION]) == 0


def test_rows_behind_a_missing_one_wait_for_it(rig: SynchronousRig, synchronous_database: str) -> None:
    for number, person in enumerate((ALICE, BOB, CAROL)):
        bid(rig.engine, person, 10_000 + 1_000 * number)
    ask(synchronous_database, "DELETE FROM synchronous_bids WHERE sequence = 2")
    assert rig.engine.inserted().peek(AUCTION, 9) == rig.engine.peek(AUCTION, 1)
    assert rig.engine.missing([AUCTION]) == 1


def test_a_number_that_is_given_again_replaces_no_row(rig: SynchronousRig, synchronous_database: str) -> None:
    bid(rig.engine, ALICE, 10_000)
    rig.start_sequence(AUCTION, 0)
    with pytest.raises(OutcomeUnknown, match="Duplicate entry"):
        bid(rig.engine, BOB, 11_000)
    assert ask(synchronous_database, NUMBERS) == ((1, ALICE),)


def test_recorded_rows_are_not_read_again(rig: SynchronousRig) -> None:
    bid(rig.engine, ALICE, 10_000)
    bid(rig.engine, BOB, 11_000)
    rows = rig.engine.inserted()
    assert rows.trim(AUCTION, 1) == 1
    assert rows.peek(AUCTION, 9) == rig.engine.peek(AUCTION, 9) and len(rows.peek(AUCTION, 9)) == 1
    assert bid(rig.engine, ALICE, 10_000).replayed
