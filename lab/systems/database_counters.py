"""What a MariaDB server has done so far, by its own counters, without what reading them has sent.

They count every connection. The reading connection's part is known to the server as that session's own counters, and is
taken off in the same statement.
"""

import time
from collections.abc import Mapping
from typing import Final

from lab.systems.locking.connections import Connections, send

CARRIED_OUT: Final = tuple(
    f"com_{name}" for name in ("select", "insert", "update", "delete", "begin", "commit", "rollback", "call_procedure")
)
OF_SESSIONS: Final = ("questions", "bytes_received", "bytes_sent", *CARRIED_OUT)
"""Counted for each session too, so that one session's part can be taken off."""
OF_SERVER: Final = (
    "uptime",
    "innodb_data_fsyncs",
    "innodb_os_log_written",
    "innodb_row_lock_time",
    "innodb_row_lock_waits",
    "binlog_group_commits",
)

COMMITS: Final = "trx_rw_commits"
"""Committed transactions that wrote. The server only counts them once that is turned on."""

ROUNDED_SECONDS = 2
"""Uptimes and moments are whole seconds."""

Reading = Mapping[str, int]

_names = ", ".join(f"'{name}'" for name in (*OF_SESSIONS, *OF_SERVER))
_of_sessions = ", ".join(f"'{name}'" for name in OF_SESSIONS)
_READ: Final = (
    "SELECT LOWER(variable_name), whole.variable_value - "
    f"IF(variable_name IN ({_of_sessions}), own.variable_value, 0) "
    "FROM information_schema.global_status whole JOIN information_schema.session_status own USING (variable_name) "
    f"WHERE variable_name IN ({_names}) "
    f"UNION ALL SELECT name, count FROM information_schema.innodb_metrics WHERE name = '{COMMITS}'"
)
_TURN_ON: Final = f"SET GLOBAL innodb_monitor_enable = '{COMMITS}'"


class DatabaseCounters:
    """The counters of the server at `url`, over one connection that stays open between readings."""

    def __init__(self, url: str) -> None:
        self._connections = Connections(url, 1)

    def read(self) -> Reading:
        """Every counter so far. Raises StoreUnavailable; the next reading connects again."""
        return {name: int(value) for name, value in self._rows(_TURN_ON, _READ)} | {"read_at": int(time.monotonic())}

    def pid_file(self) -> str:
        """Path of the file with the server's process id."""
        ((path,),) = self._rows("SELECT @@pid_file")
        return str(path)

    def close(self) -> None:
        """End the connection. What it has sent counts from then on."""
        self._connections.close()

    def _rows(self, *statements: str) -> list[tuple[str, ...]]:
        """The rows of the last of these statements."""
        with self._connections.connection() as connection:
            return list(send(connection, *statements)[-1])


def was_restarted(before: Reading, after: Reading) -> bool:
    """Whether a server was started again between two readings, each with its `uptime` and `read_at` in seconds."""
    passed = after["read_at"] - before["read_at"]
    return after["uptime"] - before["uptime"] < passed - ROUNDED_SECONDS


def work_between(before: Reading, after: Reading) -> dict[str, int]:
    """What the server did between two readings; nothing when it was started again meanwhile.

    `statements` are those that clients sent, `carried_out` those that read, wrote, began or ended something, also
    inside of procedures. `commits` are transactions that wrote, also those of InnoDB itself. `flushes` are syncs of
    InnoDB's files and of the binary log. Bytes are those of InnoDB's log, and those that clients sent and were sent.
    """
    if was_restarted(before, after):
        return {}
    grown = {name: after[name] - before[name] for name in after}
    return {
        "statements": grown["questions"],
        "carried_out": sum(grown[name] for name in CARRIED_OUT),
        "commits": grown[COMMITS],
        "flushes": grown["innodb_data_fsyncs"] + grown.get("binlog_group_commits", 0),
        "log_bytes": grown["innodb_os_log_written"],
        "received_bytes": grown["bytes_received"],
        "sent_bytes": grown["bytes_sent"],
        "lock_wait_ms": grown["innodb_row_lock_time"],
        "lock_waits": grown["innodb_row_lock_waits"],
    }
