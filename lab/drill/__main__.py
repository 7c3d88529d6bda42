"""Runs the drill: loses the queue store, the database, the live store and everything, one after the other.

    python -m lab.drill --bids 20000 --database mariadb

Exit status 1 when a bid is missing that must be there, or a check finds a fault.
"""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cashticket import config, create_app
from lab.drill.bidders import Bidders
from lab.drill.evening import Evening
from lab.drill.losses import Drill, Drilled
from lab.filling.auctions import fill_auction
from lab.signed_in import add_people, invite

LOSSES = ("queue-store", "database", "live-store", "everything")
SEATS = 20
GUESTS = 1_200


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m lab.drill", description="Lose stores of its own, and restore them."
    )
    parser.add_argument("--bids", type=int, default=1_000, help="recorded bids before the first loss (1000)")
    parser.add_argument("--database", choices=("sqlite", "mariadb"), default="mariadb")
    parser.add_argument("--losses", nargs="+", choices=LOSSES, default=LOSSES, metavar="LOSS", help=", ".join(LOSSES))
    parser.add_argument("--guests", type=int, default=GUESTS, help="people who go on bidding, three times each (1200)")
    parser.add_argument("--in-process", action="store_true", help="commands in this process, without the start of each")
    parser.add_argument("--json", action="store_true", help="print JSON alone")
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="ct-drill-") as folder:
        rows = drill(
            Path(folder),
            bids=given.bids,
            database=given.database,
            losses=given.losses,
            guests=given.guests,
            in_process=given.in_process,
        )
    if given.json:
        print(json.dumps({"bids": given.bids, "database": given.database, "losses": [row.facts() for row in rows]}))
    else:
        _print(given.bids, given.database, rows)
    return 0 if all(row.is_well for row in rows) else 1


def drill(
    folder: Path,
    *,
    bids: int,
    database: str,
    losses: Sequence[str],
    guests: int,
    in_process: bool,
    migrated: Path | None = None,
) -> list[Drilled]:
    """Run the drill in an empty folder. Returns what became of each loss; nothing that it started remains.

    `migrated` is a migrated file of SQLite to begin with, which saves a migration.
    """
    evening = Evening(folder, database, in_process)
    try:
        evening.live.start()
        evening.queue.start()
        if migrated:
            evening.database.begin_with(migrated)
        else:
            evening.run("db", "upgrade")
        app = create_app(config.load(evening.environment, folder / "instance"))
        with app.app_context():
            engine = app.extensions["engine"]
            auction = fill_auction(engine, add_people(bids), SEATS, bids_each=range(1, 2))
            invited = invite(app, engine, auction.id, add_people(guests))
        key = folder / "backup.key"
        recipient = json.loads(evening.output("ops", "backup-key", str(key), "--json"))["BACKUP_RECIPIENTS"]
        evening.start()
        with Bidders(evening.web.port, auction.id, invited) as bidders:
            drilled = Drill(evening, app, auction.id, bidders, (recipient, key))
            rows = [getattr(drilled, loss.replace("-", "_"))() for loss in losses]
        assert not bidders.refused, f"lawful bids were refused: {bidders.refused[:5]}"
        return rows
    finally:
        evening.remove()


def _print(bids: int, database: str, rows: Sequence[Drilled]) -> None:
    print(f"{bids:,} recorded bids on {database}, {os.cpu_count()} processors, Python {sys.version.split()[0]}")
    for row in rows:
        print(f"{row.lost} lost:")
        steps = {"backup, while bids went on": row.backup, "restore": row.restore, "rebuild": row.rebuild}
        for step, seconds in steps.items():
            if seconds is not None:
                print(f"  {seconds:7.1f} s  {step}")
        print(f"  {row.without_bids:7.1f} s  the longest time without an accepted bid")
        if row.restored_through is not None:
            print(f"  the restored database had every bid up to number {row.restored_through:,}")
        lost = f"numbers {row.missing[0]:,} to {row.missing[-1]:,}" if row.missing else "none"
        print(f"  {row.answered - len(row.missing):,} of {row.answered:,} answered bids are there; missing: {lost}")
        for number in row.unexplained:
            print(f"  MISSING, and must not be: bid {number}")
        for fault in row.faults:
            print(f"  FAULT: {fault}")


if __name__ == "__main__":
    sys.exit(main())
