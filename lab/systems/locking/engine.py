"""`Engine` on row locks in MySQL or MariaDB."""

from collections.abc import Sequence

from cashticket.auction.values import Entry, Permission
from cashticket.engine.condition import Pulse, StoreCondition
from cashticket.engine.errors import UnknownAuction
from cashticket.engine.news import Recorded
from cashticket.engine.values import OnAccepted, Restoration
from lab.systems.locking.bidding import Publish
from lab.systems.locking.connections import Connections, send
from lab.systems.locking.rows import auction_row
from lab.systems.locking.schema import create_tables, empty_tables
from lab.systems.locking.withdrawing import LockingWithdrawing

__all__ = ["LockingEngine", "create_tables", "empty_tables"]

_FSYNC = {0: "everysec", 1: "always", 2: "everysec"}

# A newer revision replaces; a person who was forgotten has no epoch and takes any. The epoch is assigned last, because
# each assignment sees those before it.
_INTRODUCE = """INSERT INTO locking_people (auction_id, person, permission, epoch, revision)
    SELECT auction_id, %(person)s, %(permission)s, %(epoch)s, %(revision)s FROM locking_auctions
    WHERE auction_id = %(auction_id)s
    ON DUPLICATE KEY UPDATE
    permission = IF(locking_people.epoch IS NULL OR VALUES(revision) >= locking_people.revision,
        VALUES(permission), locking_people.permission),
    revision = IF(locking_people.epoch IS NULL, VALUES(revision), GREATEST(VALUES(revision), locking_people.revision)),
    epoch = IF(VALUES(revision) >= locking_people.revision, VALUES(epoch), locking_people.epoch)"""


class LockingEngine(LockingWithdrawing):
    """Decides bids in transactions on the database at `url`, with at most `pool_size` connections. `procedure`: by one
    stored procedure. `publish` and `on_accepted` are those of MemoryEngine."""

    def __init__(
        self,
        url: str,
        pool_size: int,
        procedure: bool = False,
        *,
        publish: Publish | None = None,
        on_accepted: OnAccepted | None = None,
    ) -> None:
        connections = Connections(url, pool_size)
        super().__init__(connections, uses_procedure=procedure, publish=publish, on_accepted=on_accepted)

    def connect(self) -> None:
        """Open every connection now, before bids come."""
        self._connections.open_all()

    def disconnect(self) -> None:
        """End every connection."""
        self._connections.close()

    def condition(self) -> StoreCondition:
        (row,) = self._rows("SELECT @@hostname, @@port, @@innodb_flush_log_at_trx_commit")
        return StoreCondition(run_id=f"{row[0]}:{row[1]}", fsync=_FSYNC[int(row[2])], now_ms=self.clock())

    def pulse(self) -> Pulse:
        return Pulse(self.condition().identity, self.clock())

    def bids_in_flight(self) -> frozenset[object]:
        """None: a bid that was answered is committed, so nobody has to witness it."""
        return frozenset()

    def introduce(
        self,
        auction_id: int,
        person: int,
        permission: Permission,
        epoch: int,
        revision: int,
        *,
        is_change: bool = False,
    ) -> None:
        values = {"auction_id": auction_id, "person": person, "permission": permission.value}
        with self._connections.connection() as connection, connection.cursor() as cursor:
            if not cursor.execute(_INTRODUCE, {**values, "epoch": epoch, "revision": revision}):
                auction_row(connection, auction_id)

    def forget_people(self, auction_id: int) -> None:
        self._rows(f"UPDATE locking_people SET epoch = NULL WHERE auction_id = {auction_id}")

    def note_people_known(self, at_ms: int) -> None:
        self._rows(f"REPLACE INTO locking_marks VALUES ('people_known', {at_ms})")

    def people_known_at(self) -> int | None:
        rows = self._rows("SELECT value FROM locking_marks WHERE name = 'people_known'")
        return int(rows[0][0]) if rows else None

    def strangers(self) -> list[str]:
        """None: the column of ids holds nothing else."""
        return []

    def trim(self, auction_id: int, through_sequence: int) -> int:
        """Mark bids as recorded. They stay where they are: the table of bids is the record."""
        with self._connections.connection() as connection:
            send(connection, "START TRANSACTION")
            try:
                row = auction_row(connection, auction_id, locked=True)
            except UnknownAuction:
                send(connection, "ROLLBACK")
                return 0
            recorded = min(through_sequence, row["sequence"])
            is_later = recorded > row["recorded"]
            part = f"auction_id = {auction_id} AND sequence > {row['recorded']} AND sequence <= {recorded}"
            changed = f"recorded = {recorded}, version = version + 1 WHERE auction_id = {auction_id}"
            change = f"UPDATE locking_auctions SET {changed}" if is_later else "DO 0"
            counted, *_ = send(connection, f"SELECT COUNT(*) FROM locking_bids WHERE {part}", change, "COMMIT")
        if is_later:
            self._tell(auction_id, [Recorded(row["version"] + 1, recorded)])
        return int(counted[0][0])

    def discard(self, auction_id: int, raw: str) -> bool:
        """False: the columns of a bid hold nothing that cannot be read."""
        return False

    def forget(self, auction_id: int) -> bool:
        with self._connections.connection() as connection:
            send(connection, "START TRANSACTION")
            try:
                row = auction_row(connection, auction_id, locked=True)
            except UnknownAuction:
                send(connection, "ROLLBACK")
                return True
            is_over = row["state"] in ("settled", "voided") and row["recorded"] == row["sequence"]
            tables = ("locking_amounts", "locking_bids", "locking_people", "locking_auctions") if is_over else ()
            send(connection, *(f"DELETE FROM {table} WHERE auction_id = {auction_id}" for table in tables), "COMMIT")
        return is_over

    def restore(self, restoration: Restoration) -> None:
        """Not here: the tables are the record themselves, and come back with the database. Raises
        NotImplementedError."""
        raise NotImplementedError("an auction in the tables is restored by restoring the database")

    def put_back(self, auction_id: int, entries: Sequence[Entry], through: int) -> bool:
        """Not here, for the same reason. Raises NotImplementedError."""
        raise NotImplementedError("bids in the tables come back with the database")
