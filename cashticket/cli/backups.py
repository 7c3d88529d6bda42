"""`flask ops backup|restore`: live stores and database, in the order that loses no answered bid."""

from collections.abc import Sequence
from pathlib import Path

import click

from cashticket.auction.store_names import FIRST_STORE
from cashticket.cli.output import command, json_option, print_one
from cashticket.engine.cluster_url import is_cluster_url
from cashticket.errors import OperatorError
from cashticket.ledger import queries
from cashticket.wiring import current_engine, current_settings
from cashticket.work import backup as backups

store_option = click.option(
    "--store-folder",
    "folders",
    metavar="[NAME=]FOLDER",
    multiple=True,
    required=True,
    help="Data folder of the live store (its setting `dir`), in which `appendonlydir` lies; once more, with its name, "
    "for each one in LIVE_STORES.",
)


@command("backup", example="ops backup /backup/2027-03-01 --store-folder /var/lib/redis")
@click.argument("folder", type=click.Path(path_type=Path, exists=False))
@store_option
@json_option
def back_up(folder: Path, folders: tuple[str, ...], as_json: bool) -> None:
    """Copy the log of every live store, then the database, into a new FOLDER. Bidding goes on meanwhile.

    MySQL and MariaDB need their client programs (mariadb-dump or mysqldump). SECRET_KEY is not in the backup.
    """
    _require_no_cluster()
    done = backups.back_up(folder, _by_store(folders), _database_url())
    print_one({"folder": str(done.folder), "live_store": done.live_store, "ledger": done.ledger}, as_json)


@command("restore", example="ops restore /backup/2027-03-01 --store-folder /var/lib/redis")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@store_option
@json_option
def restore(folder: Path, folders: tuple[str, ...], as_json: bool) -> None:
    """Put a backup into an empty database and the data folder of every live store, none of which may run.

    Then start the live stores and rebuild each auction that is printed: the ledger may be further than the live store.
    """
    _require_no_cluster()
    backups.restore(current_engine(), folder, _by_store(folders), _database_url())
    running = [auction.id for auction in queries.live_auctions()]
    print_one({"folder": str(folder), "rebuild": running if as_json else len(running)}, as_json)
    click.echo("Start every live store (the files belong to its account). Before any web process starts:", err=True)
    for auction_id in running:
        click.echo(f"  flask auction rebuild {auction_id} --yes --why 'restored from a backup'", err=True)


def _require_no_cluster() -> None:
    """Raises OperatorError for a cluster: its logs lie on several machines, and no moment is that of all of them."""
    for name, url in current_settings().store_urls.items():
        if is_cluster_url(url):
            setting = "REDIS_URL" if name == FIRST_STORE else f"{name} in LIVE_STORES"
            raise OperatorError(
                f"{setting} names a cluster, whose logs are copied on each node: docs/operations.md (A cluster) says "
                "how."
            )


def _by_store(folders: Sequence[str]) -> dict[str, Path]:
    """The data folder of every live store, by its name. Raises OperatorError unless each has one of its own."""
    names = tuple(current_settings().store_urls)
    by_store: dict[str, Path] = {}
    for text in folders:
        name, separator, path = text.partition("=")
        name, path = (name, path) if separator and name in names else (FIRST_STORE, text)
        if name in by_store:
            raise OperatorError(f"--store-folder is given twice for the live store {name}.")
        by_store[name] = Path(path)
    if missing := [name for name in names if name not in by_store]:
        hints = " ".join(f"--store-folder {name}=FOLDER" for name in missing)
        raise OperatorError(f"A backup has the log of every live store: add {hints}.")
    if len({path.resolve() for path in by_store.values()}) < len(by_store):
        raise OperatorError("Two live stores cannot have one data folder: name that of each.")
    return {name: by_store[name] for name in names}


def _database_url() -> str:
    settings = current_settings()
    return settings.migration_database_url or settings.database_url


commands = (back_up, restore)
