"""`flask auction quarantine|resolve`: list entries that could not be recorded, and decide about one."""

import click

from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, Data, command, iso_or_none, json_option, print_many, print_one
from cashticket.ledger import queries
from cashticket.ledger.quarantine import NotResolvable, discard_entry, each_quarantined, is_complete, record_entry
from cashticket.locale import iso
from cashticket.models import Quarantined

COLUMNS = ("id", "sequence", "complete", "resolution", "reason")


@command("quarantine", example="auction quarantine 3")
@click.argument("auction_id", metavar="ID", type=ID)
@json_option
def quarantine(auction_id: int, as_json: bool) -> None:
    """List the entries that were set aside, with text and reason. Unresolved ones block settlement."""
    if queries.auction(auction_id) is None:
        raise NotResolvable(f"There is no auction {auction_id}; `flask auction list` shows them.")
    print_many(map(_data, each_quarantined(auction_id)), COLUMNS, as_json, none="Nothing was set aside.")


@command("resolve", example="auction resolve 3 7 --as discard --why 'a test entry, no receipt was given'")
@click.argument("auction_id", metavar="ID", type=ID)
@click.argument("entry_id", metavar="ENTRY", type=ID)
@click.option("--as", "how", type=click.Choice(("bid", "discard")), required=True, help="Record it or leave it out.")
@why_option
@operator_option
@json_option
def resolve(auction_id: int, entry_id: int, how: str, why: str, operator: str, as_json: bool) -> None:
    """Decide about an entry that was set aside: record it as a bid, or leave it out for good.

    A bid that is left out stays in the live store: rebuild the auction afterwards, so that both stores agree.
    """
    resolve_entry = record_entry if how == "bid" else discard_entry
    print_one(_data(resolve_entry(auction_id, entry_id, why, operator)), as_json)
    click.echo(
        f"Next: `flask auction check {auction_id}`; where the live store differs now, "
        f"`flask auction rebuild {auction_id} --yes` gives it the ledger's order.",
        err=True,
    )


def _data(entry: Quarantined) -> Data:
    return {
        "id": entry.id,
        "auction_id": entry.auction_id,
        "sequence": entry.sequence,
        "complete": is_complete(entry),
        "reason": entry.reason,
        "raw": entry.raw,
        "set_aside_at": iso(entry.set_aside_at),
        "resolved_at": iso_or_none(entry.resolved_at),
        "resolution": entry.resolution,
    }


commands = (quarantine, resolve)
