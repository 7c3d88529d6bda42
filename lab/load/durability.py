"""What is on the disk before an answer: read from the running servers, and how long a sync of their disk takes."""

import os
import statistics
import tempfile
import time
from pathlib import Path

import pymysql

from lab.servers.mariadb_server import MariaDbServer
from lab.servers.redis_server import RedisServer

DATABASE = ("innodb_flush_log_at_trx_commit", "innodb_flush_method", "innodb_doublewrite", "log_bin", "sync_binlog")
STORE = ("appendonly", "appendfsync")
FLUSHES = {"commit": 1, "second": 2}
"""When MariaDB syncs its log, and innodb_flush_log_at_trx_commit for it: before each commit is answered, or once a
second."""

SYNCS = 50
BLOCK = bytes(4096)


def settings_of(database: MariaDbServer, store: RedisServer) -> dict[str, dict[str, str]]:
    """Every setting that says when MariaDB and the live store sync their disk, as these servers run with it."""
    columns = ", ".join(f"@@{name}" for name in DATABASE)
    with pymysql.connect(unix_socket=database.socket, user="root") as connection:
        cursor = connection.cursor()
        cursor.execute(f"SELECT {columns}")
        (row,) = cursor.fetchall()
    with store.client() as client:
        settings = client.config_get(*STORE)
    return {
        "MariaDB": {name: str(value) for name, value in zip(DATABASE, row, strict=True)},
        "live store": {name: str(settings[name]) for name in STORE},
    }


def sync_ms(folder: Path | None = None) -> float:
    """Median of SYNCS syncs of an appended block, in ms, on the disk of `folder`; by default that of the servers."""
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(SYNCS):
            began = time.perf_counter()
            file.write(BLOCK)
            os.fdatasync(file.fileno())
            times.append((time.perf_counter() - began) * 1000)
    return round(statistics.median(times), 3)
