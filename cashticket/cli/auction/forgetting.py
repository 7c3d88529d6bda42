"""`flask auction forget`: take the keys of ended auctions out of the live store."""

import click

from cashticket.cli.output import ID, command, iso_or_none, json_option, print_many
from cashticket.ledger import queries
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine, queue_redis
from cashticket.work import ending_keys, stopping

NO_LIMIT = float("inf")


@command("forget", example="auction forget --due")
@click.argument("auction_ids", metavar="[ID]...", type=ID, nargs=-1)
@click.option("--due", is_flag=True, help="All auctions that were settled or voided more than a day ago.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@json_option
def forget(auction_ids: tuple[int, ...], due: bool, dry_run: bool, as_json: bool) -> None:
    """Remove every key of ended auctions from the live store. The ledger keeps everything and answers from then on.

    The watch does it by itself a day after the end. An auction that is not settled or voided, or of which bids wait for
    the ledger, or whose live store does not answer, stays as it is, with the reason and exit status 1. Repeating it is
    harmless.
    """
    if due == bool(auction_ids):
        raise click.UsageError("Name auctions by ID, or give --due for all that ended more than a day ago.")
    now = utcnow()
    ids = ending_keys.due(now, without_limit=True) if due else list(dict.fromkeys(auction_ids))
    if dry_run:
        done = ending_keys.foresee(current_engine(), ids)
    else:
        done = ending_keys.forget_all(current_engine(), queue_redis(), ids, now, stopping.stop_event, NO_LIMIT)
    columns = ("id", "state", "keys", "keys_left_at", "why")
    print_many([_row(auction_id, done, dry_run) for auction_id in ids], columns, as_json, none="nothing is due")
    if done.refused or done.away:
        raise click.exceptions.Exit(1)


def _row(auction_id: int, done: ending_keys.Forgotten, dry_run: bool) -> dict[str, object]:
    row, staying = queries.auction(auction_id), done.refused | done.away
    return {
        "id": auction_id,
        "state": row.state if row else None,
        "keys": "stay" if auction_id in staying else "would leave" if dry_run else "left",
        "keys_left_at": iso_or_none(row.keys_left_at) if row else None,
        "why": staying.get(auction_id, ""),
    }


commands = (forget,)
