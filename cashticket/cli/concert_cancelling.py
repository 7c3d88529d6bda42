"""`flask concert cancel`: take back all auctions of a concert that is called off."""

from dataclasses import asdict

import click

from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, Data, command, json_option, print_many, print_one
from cashticket.cli.progress import ProgressLines
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine
from cashticket.work import cancelling
from cashticket.work.cancelling import AnnouncedConcert

FORESEEN = ("id", "state", "bidders", "offered", "bought", "refunds")


@command("cancel", example="concert cancel 3 --why 'the singer is ill' --dry-run")
@click.argument("concert_id", metavar="CONCERT_ID", type=ID)
@why_option
@operator_option
@click.option("--dry-run", is_flag=True, help="Change nothing; print for each auction whom it would tell.")
@json_option
def cancel(concert_id: int, why: str, operator: str, dry_run: bool, as_json: bool) -> None:
    """Cancel a concert: all its auctions are void at once, no tickets, refunds where bought, every bidder told.

    Everybody reads the reason. It cannot be undone, and the concert gets no more auctions. Telling everybody may take
    minutes; when it is interrupted, the settlement worker goes on. A repeat changes nothing, completes what was
    interrupted, with the first reason, and lists all refunds again.
    """
    if dry_run:
        rows = [{"id": each, **asdict(foreseen)} for each, foreseen in cancelling.foresee(concert_id).items()]
        print_many(rows, FORESEEN, as_json, none="The concert has no auction that is not void already.")
        return
    lines: dict[int, ProgressLines] = {}

    def say(auction_id: int, done: int, total: int) -> None:
        lines.setdefault(auction_id, ProgressLines(f"auction {auction_id}", says_end=True))(
            "bidders are told", done, total
        )

    done = cancelling.cancel_and_announce(current_engine(), concert_id, why, operator, utcnow(), say)
    print_one(_data(done, as_json=as_json), as_json)


def _data(done: AnnouncedConcert, *, as_json: bool) -> Data:
    cancelled, auctions = done.cancelled, list(done.cancelled.auction_ids)
    refunds = [asdict(refund) if as_json else f"{refund.seat} {refund.price:,}" for refund in done.refunds]
    return {
        "id": cancelled.concert_id,
        "state": "cancelled",
        "repeated": cancelled.repeated,
        "why": cancelled.why,
        "auctions": auctions if as_json else ", ".join(map(str, auctions)) or "none",
        "withdrawn": done.withdrawn,
        "refunds": refunds if as_json else ", ".join(map(str, refunds)) or "none",
        "mails": sum(each.told_now for each in done.announced),
    }
