"""`flask ops backup|restore`: both stores, in the order that loses no answered bid."""

from pathlib import Path

import click

from cashticket.cli.output import command, json_option, print_one
from cashticket.engine.cluster_url import is_cluster_url
from cashticket.errors import OperatorError
from cashticket.ledger import queries
from cashticket.wiring import current_engine, current_settings
from cashticket.work import backup as backups

store_option = click.option(
    "--store-folder",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    help="Data folder of the live store (its setting `dir`), in which `appendonlydir` lies.",
)


@command("backup", example="ops backup /backup/2027-03-01 --store-folder /var/lib/redis")
@click.argument("folder", type=click.Path(path_type=Path, exists=False))
@store_option
@json_option
def back_up(folder: Path, store_folder: Path, as_json: bool) -> None:
    """Copy the log of the live store, then the database, into a new FOLDER. Bidding goes on meanwhile.

    MySQL and MariaDB need their client programs (mariadb-dump or mysqldump). SECRET_KEY is not in the backup.
    """
    _require_one_store()
    done = backups.back_up(folder, store_folder, _database_url())
    print_one({"folder": str(done.folder), "live_store": done.live_store, "ledger": done.ledger}, as_json)


@command("restore", example="ops restore /backup/2027-03-01 --store-folder /var/lib/redis")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@store_option
@json_option
def restore(folder: Path, store_folder: Path, as_json: bool) -> None:
    """Put a backup into an empty database and the data folder of the live store, which must not run.

    Then start the live store and rebuild each auction that is printed: the ledger may be further than the live store.
    """
    _require_one_store()
    backups.restore(current_engine(), folder, store_folder, _database_url())
    running = [auction.id for auction in queries.live_auctions()]
    print_one({"folder": str(folder), "rebuild": running if as_json else len(running)}, as_json)
    click.echo("Start the live store (the files belong to its account). Before any web process starts:", err=True)
    for auction_id in running:
        click.echo(f"  flask auction rebuild {auction_id} --yes --why 'restored from a backup'", err=True)


def _require_one_store() -> None:
    """Raises OperatorError for a cluster: its logs lie on several machines, and no moment is that of all of them."""
    if is_cluster_url(current_settings().redis_url):
        raise OperatorError(
            "REDIS_URL names a cluster, whose logs are copied on each node: docs/operations.md (A cluster) says how."
        )


def _database_url() -> str:
    settings = current_settings()
    return settings.migration_database_url or settings.database_url


commands = (back_up, restore)
