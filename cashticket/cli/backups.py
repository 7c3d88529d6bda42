"""`flask ops backup|restore`: live stores and database, in the order that loses no answered bid, plain or encrypted."""

import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from pyrage.x25519 import Identity, Recipient
from sqlalchemy.exc import DBAPIError

from cashticket import backup_keys
from cashticket.auction.store_names import FIRST_STORE, is_store_name
from cashticket.cli.output import command, json_option, print_one
from cashticket.engine.cluster_url import is_cluster_url
from cashticket.errors import OperatorError
from cashticket.ledger import queries
from cashticket.wiring import current_engine, current_settings
from cashticket.work.backup import making, restoring
from cashticket.work.backup.database_copy import stores_named
from cashticket.work.backup.parts import SavedParts

KEY_BYTES_MAX = 65_536
PLAIN = (
    "This backup is not encrypted: whoever reads the disk it lies on reads names, addresses and phone numbers. "
    "Make keys with `flask ops backup-key` on a machine of your own and set BACKUP_RECIPIENTS."
)


class NoKey(OperatorError):
    """A key cannot be read or named so."""


class _RecipientType(click.ParamType[Recipient]):
    name = "RECIPIENT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Recipient:
        if problem := backup_keys.recipient_problem(str(value)):
            self.fail(f"it {problem}.", param, ctx)
        return backup_keys.recipients_of([str(value)])[0]


@command("backup", example="ops backup /backup/2027-03-01 --store-folder /var/lib/redis")
@click.argument("folder", type=click.Path(path_type=Path, exists=False))
@click.option(
    "--store-folder",
    "folders",
    metavar="[NAME=]FOLDER",
    multiple=True,
    required=True,
    help="Data folder of the live store (its setting `dir`), in which `appendonlydir` lies; once more, with its name, "
    "for each further one that has auctions.",
)
@click.option(
    "--recipient",
    "added",
    type=_RecipientType(),
    multiple=True,
    help="Encrypt for this public key (age1…) too, beside those of BACKUP_RECIPIENTS. May be repeated.",
)
@json_option
def back_up(folder: Path, folders: tuple[str, ...], added: tuple[Recipient, ...], as_json: bool) -> None:
    """Copy the log of every live store, then the database, into a new FOLDER. Bidding goes on meanwhile.

    With recipients everything is encrypted in the age format on its way, and the private key of any one of them opens
    it. The database is read in one transaction by an account that may read. SECRET_KEY is not in the backup.
    """
    _require_no_cluster()
    settings = current_settings()
    names = list(dict.fromkeys([*settings.backup_recipients, *map(str, added)]))
    url = _database_url()
    stores = dict.fromkeys([*settings.store_urls, *sorted(stores_named(url))])
    done = making.back_up(folder, _by_store(folders, tuple(stores)), url, backup_keys.recipients_of(names))
    facts = {"folder": str(done.folder), "live_store": done.live_store, "ledger": done.ledger}
    print_one(facts | {"recipients": names if as_json else ", ".join(names) or "none, not encrypted"}, as_json)
    if not names and settings.production:
        click.echo(PLAIN, err=True)


@command("restore", example="ops restore /backup/2027-03-01 --store-folder /var/lib/redis --identity backup.key")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--store-folder",
    "folders",
    metavar="[NAME=]FOLDER",
    multiple=True,
    help="Data folder of the live store, which gets its log; once more, with its name, for each one in LIVE_STORES.",
)
@click.option("--database-only", is_flag=True, help="Put back the database alone: the live store was not lost.")
@click.option("--check", is_flag=True, help="Read the whole backup, say whether it can be put back, change nothing.")
@click.option(
    "--identity",
    "files",
    type=click.Path(path_type=Path, allow_dash=True),
    multiple=True,
    help="File with a private key that opens the backup; - reads it from standard input. May be repeated.",
)
@json_option
def restore(
    folder: Path, folders: tuple[str, ...], database_only: bool, check: bool, files: tuple[Path, ...], as_json: bool
) -> None:
    """Put a backup into an empty database and the data folder of every live store, none of which may run.

    The backup is read to its end before anything is put back, and a site that runs is refused. After a kill run it
    again: it begins anew. Then run `flask db upgrade`, start the live stores, and rebuild each auction that is printed:
    the ledger may be further than the live store. After --database-only the live store has its auctions, and each is
    rebuilt all the same.
    """
    if bool(folders) + database_only + check != 1:
        raise click.UsageError("Name one of --store-folder DIR, --database-only and --check.")
    saved = SavedParts(folder, _identities(files))
    if check:
        restoring.check(saved)
        print_one({"folder": str(folder), "encrypted": bool(files), "parts": len(saved.names)}, as_json)
        return
    say = partial(click.echo, err=True)
    if database_only:
        restoring.restore_database(saved, _database_url(), say)
    else:
        _require_no_cluster()
        by_store = _by_store(folders, tuple(current_settings().store_urls))
        restoring.restore(current_engine(), saved, by_store, _database_url(), say)
    _say_what_follows(folder, bool(folders), as_json)


def _say_what_follows(folder: Path, with_store: bool, as_json: bool) -> None:
    """Print what has to be rebuilt, and on standard error the steps to take."""
    try:
        running = [auction.id for auction in queries.live_auctions()]
    except DBAPIError:
        # The backup is of an earlier release, whose tables lack what this one asks for.
        raise OperatorError(
            f"{folder} was put back whole, and is of an earlier release: run `flask db upgrade`, "
            f"{'start the live stores, ' if with_store else ''}then `flask auction rebuild ID --yes --why …` for each "
            "auction that `flask auction list` shows as open or closing, before any other process starts."
        ) from None
    numbers = running if as_json else ", ".join(map(str, running)) or "none"
    print_one({"folder": str(folder), "rebuild": numbers}, as_json)
    start = "Start every live store. " if with_store else ""
    click.echo(f"Run `flask db upgrade`. {start}Before any other process of CashTicket starts:", err=True)
    for auction_id in running:
        click.echo(f"  flask auction rebuild {auction_id} --yes --why 'restored from a backup'", err=True)


def _identities(files: tuple[Path, ...]) -> list[Identity]:
    identities: list[Identity] = []
    for file in files:
        try:
            identities += backup_keys.identities_in(_content(file))
        except ValueError as error:
            raise NoKey(f"{'Standard input' if str(file) == '-' else file} {error}.") from None
    return identities


def _content(file: Path) -> str:
    if str(file) == "-":
        return sys.stdin.read(KEY_BYTES_MAX)
    with file.open(encoding="utf-8", errors="replace") as opened:
        return opened.read(KEY_BYTES_MAX)


def _require_no_cluster() -> None:
    """Raises OperatorError for a cluster: its logs lie on several machines, and no moment is that of all of them."""
    for name, url in current_settings().store_urls.items():
        if is_cluster_url(url):
            setting = "REDIS_URL" if name == FIRST_STORE else f"{name} in LIVE_STORES"
            raise OperatorError(
                f"{setting} names a cluster, whose logs are copied on each node: docs/operations.md (A cluster) says "
                "how."
            )


def _by_store(folders: Sequence[str], names: Sequence[str]) -> dict[str, Path]:
    """The data folder of each of these live stores, by name. Raises OperatorError unless each has one of its own."""
    by_store: dict[str, Path] = {}
    for text in folders:
        name, separator, path = text.partition("=")
        if separator and name not in names and is_store_name(name):
            raise OperatorError(
                f"LIVE_STORES has no live store {name}: leave {text} out, or write ./{text} for a folder."
            )
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
