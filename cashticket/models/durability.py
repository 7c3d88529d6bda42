"""Settings of the database server that decide whether commits survive and whole units are undone."""

from sqlalchemy import Connection, text

SETTINGS = text("SELECT @@innodb_flush_log_at_trx_commit, @@log_bin, @@sync_binlog, @@innodb_rollback_on_timeout")


def loss_risks(connection: Connection) -> list[str]:
    """How recorded bids could be lost and the setting that prevents it, a sentence each. Empty for a durable server and
    for SQLite, which is for development. Raises SQLAlchemyError while the database is away."""
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
    return sentences
