"""`flask ops backup-key`: a pair of keys for encrypted backups."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from cashticket import backup_keys
from cashticket.cli.output import command, json_option, print_one
from cashticket.errors import OperatorError


class KeyNotWritten(OperatorError):
    """There is no new key."""


@command("backup-key", example="ops backup-key /media/safe/cashticket-backup.key")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def make_backup_key(file: Path, as_json: bool) -> None:
    """Make a pair of keys for backups: write the private one to FILE, which must not exist, and print the public one.

    Run it on a machine of your own. Whoever has FILE reads every backup made for it; without FILE nobody does. Keep two
    copies in two places, none on a server of the installation.
    """
    public, text = backup_keys.make_pair(datetime.now(UTC))
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise KeyNotWritten(f"{file} is there already and was left as it is: name a file that is not.") from None
    try:
        with open(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    print_one({"private_key": str(file), "BACKUP_RECIPIENTS": public}, as_json)


commands = (make_backup_key,)
