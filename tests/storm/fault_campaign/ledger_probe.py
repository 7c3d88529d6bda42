"""Reads the ledger several times a second, on a direct connection: how far each auction is recorded, and some rows."""

import threading
from collections.abc import Sequence

from sqlalchemy import Connection, Engine, bindparam, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from lab.history import Recorder
from tests.storm.fault_campaign.stores import StoreLog

LOOK_SECONDS, ROWS_EVERY = 0.15, 30
MARKS = text("SELECT id, recorded_sequence FROM auctions WHERE id IN :ids").bindparams(bindparam("ids", expanding=True))
ROWS = text(
    "SELECT sequence, person_id, nth, amount, request_id FROM bids WHERE auction_id = :auction"
    " ORDER BY sequence DESC LIMIT 200"
)


class LedgerProbe(threading.Thread):
    """Reads until stopped. Also reads the live store's log each time, so that no part of it is missed."""

    def __init__(self, url: str, recorder: Recorder, auctions: Sequence[int], log: StoreLog) -> None:
        super().__init__(name="ledger-probe", daemon=True)
        # Set for the engine, not for each connection: there a broken link raises the driver's error, unwrapped.
        self._engine: Engine = create_engine(
            url,
            isolation_level="AUTOCOMMIT",
            pool_size=1,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 1, "read_timeout": 2},
        )
        self._recorder, self._auctions, self._log = recorder, list(auctions), log
        self._stopping = threading.Event()

    def stop(self) -> None:
        self._stopping.set()

    def run(self) -> None:
        turn = 0
        while not self._stopping.wait(LOOK_SECONDS):
            self._log.read()
            try:
                with self._engine.connect() as connection:
                    self._look(connection)
                    if turn % ROWS_EVERY == 0:
                        self._read_rows(connection)
            except SQLAlchemyError:
                continue
            turn += 1
        self._engine.dispose()

    def _look(self, connection: Connection) -> None:
        pending = {auction: self._recorder.invoke("mark", auction=auction) for auction in self._auctions}
        for auction, recorded in connection.execute(MARKS, {"ids": self._auctions}):
            pending[auction].ok(recorded=recorded)

    def _read_rows(self, connection: Connection) -> None:
        for auction in self._auctions:
            pending = self._recorder.invoke("ledger", auction=auction)
            pending.ok(rows=[list(row) for row in connection.execute(ROWS, {"auction": auction})])
