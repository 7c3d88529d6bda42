"""A primary with a semi-synchronous replica, set up by the files of deploy/database, and what is said of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from cashticket.models import durability, units
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.replicated_database import DatabaseServer, ReplicatedDatabase, missing
from lab.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.sweep, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReplicatedDatabase]:
    if reason := missing():
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    started = ReplicatedDatabase(tmp_path_factory.mktemp("pair"))
    try:
        started.start()
        wait_until(started.answers, "HAProxy")
        started.prepare()
        yield started
    finally:
        started.remove()


def risks(pair: ReplicatedDatabase, replicas: int = 1) -> list[str]:
    engine = create_engine(pair.url())
    try:
        with engine.connect() as connection:
            return durability.loss_risks(connection, replicas)
    finally:
        engine.dispose()


def test_a_primary_whose_commits_wait_for_a_replica_is_durable(pair: ReplicatedDatabase) -> None:
    assert risks(pair) == []
    assert risks(pair, replicas=2) == ["1 of 2 replicas are connected; with none, commits wait until one is"]


def test_a_primary_that_waits_for_nobody_is_told_of_where_a_replica_is_expected(pair: ReplicatedDatabase) -> None:
    pair.primary.ask("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
    try:
        assert risks(pair) == ["commits wait for none of 1 replicas (rpl_semi_sync_master_enabled = ON on the primary)"]
        assert risks(pair, replicas=0) == []
    finally:
        pair.primary.ask("SET GLOBAL rpl_semi_sync_master_enabled = ON")


def test_a_server_without_the_settings_is_told_of(mariadb_server: MariaDbServer) -> None:
    engine = create_engine(mariadb_server.url("mysql"))
    with engine.connect() as connection:
        assert durability.loss_risks(connection, 1)[-1].startswith("commits wait for none of 1 replicas")
        assert durability.takes_writes(connection)
    engine.dispose()


def test_a_primary_that_fell_back_to_asynchronous_says_so(pair: ReplicatedDatabase) -> None:
    settings = {"rpl_semi_sync_master_timeout": ("100", "2592000000"), "rpl_semi_sync_master_wait_point": ("1", "0")}
    for name, (value, _) in settings.items():
        pair.primary.ask(f"SET GLOBAL {name} = {value}")
    pair.replica.ask("STOP SLAVE IO_THREAD")
    try:
        pair.primary.ask("CREATE DATABASE IF NOT EXISTS waits_in_vain")
        sentences = risks(pair)
        assert sentences[0].startswith("it fell back to asynchronous replication")
        assert "wait_point = AFTER_SYNC" in sentences[1] and "goes on alone after 100 ms" in sentences[2]
    finally:
        pair.replica.ask("START SLAVE IO_THREAD")
        for name, (_, value) in settings.items():
            pair.primary.ask(f"SET GLOBAL {name} = {value}")
    wait_until(lambda: risks(pair) == [], "the replica to confirm commits again")


def test_a_pool_leaves_a_server_that_takes_no_writes(pair: ReplicatedDatabase) -> None:
    """As after a promotion that left connections to the former primary open."""
    url = pair.url(pair.replica.port)
    engine = create_engine(url, **units.engine_options(url))
    units.prepare(engine)
    with engine.connect() as connection:
        assert not durability.takes_writes(connection)
        connection.execute(text("SELECT 1"))
    idle = engine.pool.checkedin()  # type: ignore[attr-defined]
    with pytest.raises(OperationalError) as refusal, engine.connect() as connection:
        connection.execute(text("CREATE TABLE cashticket.refused (id INT)"))
    assert idle and refusal.value.connection_invalidated
    engine.dispose()


def test_what_was_committed_outlives_the_primary_which_comes_back_without_taking_writes(
    pair: ReplicatedDatabase,
) -> None:
    pair.primary.ask("CREATE TABLE cashticket.kept (id INT PRIMARY KEY)")
    pair.primary.ask("INSERT INTO cashticket.kept VALUES (1), (2), (3)")
    pair.kill_primary()
    assert "without a replica" in pair.promote()
    assert pair.primary.ask("SELECT COUNT(*) FROM cashticket.kept") == ((3,),)
    assert risks(pair)[0].startswith("commits wait for none"), "alone by an operator's decision, and told of"
    pair.replica.start()
    assert pair.replica.ask("SELECT @@read_only") == ((1,),)
    pair.add_replica()
    assert risks(pair) == [] and pair.replica.ask("SELECT COUNT(*) FROM cashticket.kept") == ((3,),)


def test_a_script_changes_nothing_in_a_server_that_holds_something(pair: ReplicatedDatabase) -> None:
    says = r"(?s)not empty: nothing was changed. It has: .*cashticket\b.* mariadb-install-db --skip-test-db"
    with pytest.raises(AssertionError, match=says):
        pair._follow()
    assert Path(pair.primary.socket).exists() and risks(pair) == []


def test_a_new_replica_in_place_of_a_lost_one_is_not_begun_where_it_would_wait_for_itself(
    pair: ReplicatedDatabase,
) -> None:
    pair.primary.ask("DROP USER IF EXISTS cashticket_replica@'%'")
    pair.replica.kill()
    connected = "SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_master_clients'"
    wait_until(lambda: pair.primary.ask(connected) == (("Rpl_semi_sync_master_clients", "0"),), "the loss to be seen")
    with pytest.raises(AssertionError, match="Can't connect"):
        pair._follow()
    with pytest.raises(AssertionError, match=r"nothing was changed.*rpl_semi_sync_master_enabled = OFF"):
        pair.add_replica()
    assert pair.primary.ask("SELECT User FROM mysql.user WHERE User = 'cashticket_replica'") == ()
    pair.primary.ask("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
    pair.add_replica()
    assert risks(pair) == []


def test_a_primary_that_waits_for_nobody_takes_a_commit_along_when_it_dies(pair: ReplicatedDatabase) -> None:
    """The control: the same death, without the setting, loses what was answered, and these tests see it."""
    pair.primary.ask("CREATE TABLE cashticket.lost (id INT PRIMARY KEY)")
    pair.primary.ask("SET GLOBAL rpl_semi_sync_master_enabled = OFF")
    pair.replica.ask("STOP SLAVE IO_THREAD")
    pair.primary.ask("INSERT INTO cashticket.lost VALUES (1)")
    pair.kill_primary()
    pair.promote()
    assert pair.primary.ask("SELECT COUNT(*) FROM cashticket.lost") == ((0,),)
    pair.add_replica()
    assert risks(pair) == []


def test_a_reader_is_one_more_copy_for_which_no_commit_waits(pair: ReplicatedDatabase) -> None:
    """If it confirmed commits, the replica that is promoted could lack what was answered."""
    reader = DatabaseServer(3, pair.folder)
    reader.empty()
    reader.start()
    try:
        with pytest.raises(AssertionError, match="a reader must confirm no commit: nothing was changed"):
            pair.add_reader(reader)
        reader.ask("SET GLOBAL rpl_semi_sync_slave_enabled = OFF")
        assert "the reader follows" in pair.add_reader(reader)
        confirming = pair.primary.ask("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_master_clients'")
        assert confirming == (("Rpl_semi_sync_master_clients", "1"),) and risks(pair) == []
        pair.primary.ask("CREATE TABLE cashticket.read_there (id INT PRIMARY KEY)")
        wait_until(lambda: ("read_there",) in reader.ask("SHOW TABLES IN cashticket"), "the table at the reader")
    finally:
        reader.kill()
