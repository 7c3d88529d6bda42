"""Whether the database keeps what it committed and undoes whole units, as far as it tells."""

from sqlalchemy import Connection, text

ASKED = text("SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog, @@innodb_rollback_on_timeout")


def loss_risks(connection: Connection) -> list[str]:
    """What to change so that no recorded bid can be lost, a sentence each; empty for a durable server and for SQLite,
    which is for development. Raises SQLAlchemyError while the database is away."""
    if connection.dialect.name == "sqlite":
        return []
    flushed, logged, synced, whole = map(int, connection.execute(ASKED).one())
    found = []
    if flushed != 1:
        found.append("it does not write every commit to its disk (innodb_flush_log_at_trx_commit = 1)")
    if logged and synced != 1:
        found.append("its binary log may lack the last commits after a power cut (sync_binlog = 1)")
    if not whole:
        found.append("a lock wait undoes half a unit of work (innodb_rollback_on_timeout = ON)")
    return found
