"""Settings of the database server that decide whether commits survive and whole units are undone."""

from sqlalchemy import Connection, text

SETTINGS = text("SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog, @@innodb_rollback_on_timeout")
REPLICATION = (text("SHOW GLOBAL VARIABLES LIKE 'rpl_semi_sync_%'"), text("SHOW GLOBAL STATUS LIKE 'Rpl_semi_sync_%'"))
TIMEOUT_MS_MIN = 3_600_000
"""A primary that goes on without its replica sooner than this is told of: an hour is enough to promote or to decide."""


def loss_risks(connection: Connection, replicas: int = 0) -> list[str]:
    """How recorded bids could be lost and the setting that prevents it, a sentence each. Empty for a durable server and
    for SQLite, which is for development. With `replicas`, commits must wait for one of so many replicas.
    Raises SQLAlchemyError while the database is away."""
    if connection.dialect.name == "sqlite":
        return []
    flush_log, binary_log, sync_binary_log, rollback_on_timeout = map(int, connection.execute(SETTINGS).one())
    sentences = []
    if flush_log != 1:
        sentences.append("it does not write every commit to its disk (innodb_flush_log_at_trx_commit = 1)")
    if binary_log and sync_binary_log != 1:
        sentences.append("its binary log may lack the last commits after a power cut (sync_binlog = 1)")
    if not rollback_on_timeout:
        sentences.append("a lock wait undoes half a unit of work (innodb_rollback_on_timeout = ON)")
    return sentences + (replication_risks(connection, replicas) if replicas else [])


def takes_writes(connection: Connection) -> bool:
    """Whether the server is a primary, by its own word. SQLite always is one."""
    return connection.dialect.name == "sqlite" or not connection.execute(text("SELECT @@read_only")).scalar()


def replication_risks(connection: Connection, replicas: int) -> list[str]:
    """How commits could miss the `replicas` that are expected, a sentence each. Raises SQLAlchemyError while the
    database is away."""
    return _replication_risks(_replication(connection), replicas)


def _replication(connection: Connection) -> dict[str, str]:
    """Settings and state of semi-synchronous replication by name, in the words that MariaDB uses."""
    rows = [row for question in REPLICATION for row in connection.execute(question)]
    return {name.lower().replace("source", "master").replace("replica", "slave"): value for name, value in rows}


def _replication_risks(server: dict[str, str], replicas: int) -> list[str]:
    if server.get("rpl_semi_sync_master_enabled", "OFF") != "ON":
        return [f"commits wait for none of {replicas} replicas (rpl_semi_sync_master_enabled = ON on the primary)"]
    sentences = []
    if server["rpl_semi_sync_master_status"] != "ON":
        sentences.append(
            "it fell back to asynchronous replication, so that new commits are on one machine alone: see to its replica"
        )
    elif (connected := int(server["rpl_semi_sync_master_clients"])) < replicas:
        sentences.append(f"{connected} of {replicas} replicas are connected; with none, commits wait until one is")
    if server["rpl_semi_sync_master_wait_point"] != "AFTER_SYNC":
        sentences.append("others see a commit before a replica has it (rpl_semi_sync_master_wait_point = AFTER_SYNC)")
    if (timeout_ms := int(server["rpl_semi_sync_master_timeout"])) < TIMEOUT_MS_MIN:
        sentences.append(
            f"without a replica it goes on alone after {timeout_ms} ms (rpl_semi_sync_master_timeout = 2592000000)"
        )
    return sentences
