"""`flask ops …`: work on the whole installation."""

from datetime import UTC, datetime

import click
from flask.cli import AppGroup

from cashticket.cli import backup_key, backups, capacity, doctor, push_keys
from cashticket.cli.output import command, json_option, print_one
from cashticket.work.forgetting import forget

group = AppGroup(
    "ops",
    help="The whole installation: size it, find what is wrong, back it up, restore it, forget what is not needed.",
)


@command("forget", example="ops forget --dry-run")
@click.option("--dry-run", is_flag=True, help="Count what would be forgotten, and change nothing.")
@json_option
def forget_old(dry_run: bool, as_json: bool) -> None:
    """Delete or blank personal data that is old enough, in small steps; cron runs it every night.

    docs/privacy.md says what is kept for how long. It may run beside an auction, and be stopped and run again.
    """
    counts = forget(datetime.now(UTC), dry=dry_run, progress=_Progress())
    print_one({**counts, "dry_run": dry_run}, as_json)


class _Progress:
    """Tells on standard error how far each rule has come, in every hundredth window."""

    def __init__(self) -> None:
        self._windows = 0

    def __call__(self, rule: str, count: int) -> None:
        self._windows += 1
        if self._windows % 100 == 0:
            click.echo(f"{rule}: {count:,} so far", err=True)


for each in (
    forget_old,
    *doctor.commands,
    *backups.commands,
    *backup_key.commands,
    *push_keys.commands,
    *capacity.commands,
):
    group.add_command(each)
