"""What a bid costs the lab's row locks, in statements and in flushes."""

import json
from collections.abc import Iterator

import pytest

from cashticket.auction.values import Accepted
from lab.servers.mariadb_server import MariaDbServer
from lab.systems.locking import crowd
from lab.systems.locking.__main__ import main
from lab.systems.locking.cost import Cost, measure
from lab.systems.locking.engine import LockingEngine, create_tables, empty_tables

PEOPLE = 40
PLAIN_STATEMENTS = 8
"""Begin, lock, look; person, bid, amounts, auction, commit."""
PROCEDURE_CARRIES_OUT = 10
"""The call, those eight, and the answer."""
READ_STATEMENTS = 11
"""Two that begin, the auction, the clock, five parts of the order and its histogram, commit."""

FORMS = pytest.mark.parametrize("procedure", [False, True], ids=["plain", "procedure"])


@pytest.fixture(scope="module")
def counted_database() -> Iterator[str]:
    """On a server that nobody else uses: its counters count everybody's statements, also those of connections that
    another test has left behind."""
    server = MariaDbServer()
    try:
        url = server.start().create_database("counted")
        create_tables(url)
        yield url
    finally:
        server.remove()


def cost_of_accepted_bids(url: str, *, procedure: bool, threads: int = 1) -> Cost:
    empty_tables(url)
    engine = LockingEngine(url, threads, procedure)
    crowd.publish(engine, 1, PEOPLE, seats=5)
    engine.connect()
    cost = measure(url, lambda: crowd.bid(engine, 1, PEOPLE - 1, threads))
    engine.disconnect()
    assert cost.bids == 3 * (PEOPLE - 1)
    return cost


def test_an_accepted_bid_takes_eight_statements_in_two_packets(counted_database: str) -> None:
    cost = cost_of_accepted_bids(counted_database, procedure=False)
    assert cost.statements == cost.carried_out == PLAIN_STATEMENTS


def test_an_accepted_bid_by_the_procedure_is_one_statement_for_the_client(counted_database: str) -> None:
    cost = cost_of_accepted_bids(counted_database, procedure=True)
    assert (cost.statements, cost.carried_out) == (1, PROCEDURE_CARRIES_OUT)


@FORMS
def test_a_bid_refused_after_another_is_one_statement_and_takes_no_lock(counted_database: str, procedure: bool) -> None:
    empty_tables(counted_database)
    engine = LockingEngine(counted_database, 1, procedure)
    crowd.publish(engine, 1, 1)

    def refused_bids() -> int:
        return sum(not isinstance(engine.place_bid(1, 1, 1, 1, f"r{number}"), Accepted) for number in range(20))

    refused_bids()
    cost = measure(counted_database, refused_bids)
    engine.disconnect()
    assert (cost.bids, cost.statements) == (20, 1)
    assert cost.carried_out == (3 if procedure else 1), "no transaction begins, so no lock is waited for"


def test_a_poll_that_finds_nothing_new_is_one_statement_and_a_board_eleven(counted_database: str) -> None:
    empty_tables(counted_database)
    engine = LockingEngine(counted_database, 1)
    crowd.publish(engine, 1, PEOPLE, seats=5)
    crowd.bid(engine, 1, PEOPLE, 1)
    poll = measure(counted_database, lambda: len(engine.versions([1])))
    board = measure(counted_database, lambda: min(1, engine.read(1).bidders))
    place = measure(counted_database, lambda: len(engine.places(1, [1])))
    engine.disconnect()
    assert (poll.statements, board.statements, place.statements) == (1, READ_STATEMENTS, 1)


@FORMS
def test_each_accepted_bid_of_one_thread_is_flushed(procedure: bool) -> None:
    server = MariaDbServer(durable=True)
    try:
        url = server.start().create_database("durable")
        create_tables(url)
        cost = cost_of_accepted_bids(url, procedure=procedure)
    finally:
        server.remove()
    assert cost.flushes is not None and cost.flushes >= 1, "an answer must not come before its bid is on the disk"
    assert cost.server_ms is not None and cost.client_ms > 0


def test_the_command_prints_what_a_bid_costs_in_each_form(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--people", "4", "--threads", "2", "--rounds", "1"])
    figures = json.loads(capsys.readouterr().out.splitlines()[-1])
    statements = {form: means["statements"] for form, means in figures["means"].items()}
    assert statements == {"live store": 1, "row lock": PLAIN_STATEMENTS, "procedure": 1}
    assert all(rounds[0]["bids"] == 12 for rounds in figures["rounds"].values())
