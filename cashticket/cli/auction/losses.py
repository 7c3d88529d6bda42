"""Why numbers of an auction have no bid, for `flask auction export|show|check`: the numbers that were given up, and the
bids that were answered and could not be kept."""

from cashticket.auction.aliases import alias
from cashticket.cli.output import Data
from cashticket.ledger.gaps import gaps_of
from cashticket.ledger.given_up_bids import given_up_bids
from cashticket.locale import iso, to_moment
from cashticket.models import Auction, Outage


def losses_of(auction: Auction) -> Data:
    """The `gaps` (first and last number, reason, moment) and the `given_up_bids` of an auction, bidders by alias."""
    return {
        "gaps": [
            {"first": gap.first, "last": gap.last, "reason": gap.reason, "found_at": iso(gap.found_at)}
            for gap in gaps_of(auction.id)
        ],
        "given_up_bids": [
            {
                "sequence": bid.sequence,
                "alias": alias(auction.alias_salt, auction.id, bid.person_id),
                "amount": bid.amount,
                "at": iso(to_moment(bid.at_ms)),
                "reason": bid.reason,
                "given_up_at": iso(bid.given_up_at),
            }
            for bid in given_up_bids(auction.id)
        ],
    }


def counted(losses: Data) -> Data:
    """What `losses_of` returned, for a line each: the numbers that were given up, and how many bids."""
    numbers = ", ".join(_numbers(gap) for gap in losses["gaps"])
    return {"gaps": numbers or "none", "given_up_bids": len(losses["given_up_bids"])}


def sentences_of(losses: Data) -> list[str]:
    """A sentence for each gap and for each bid that was given up."""
    return [
        *(
            f"no bid has number {_numbers(gap)}, given up on {gap['found_at']}: {gap['reason']}"
            for gap in losses["gaps"]
        ),
        *(
            f"a bid of {bid['amount']:,} won by {bid['alias']} does not count; it was answered with number "
            f"{bid['sequence']} on {bid['at']}: {bid['reason']}"
            for bid in losses["given_up_bids"]
        ),
    ]


def _numbers(gap: Data) -> str:
    return f"{gap['first']}" if gap["first"] == gap["last"] else f"{gap['first']} to {gap['last']}"


def outage_data(row: Outage) -> Data:
    """An outage of an auction, for printing."""
    moments = {name: iso(getattr(row, name)) for name in ("began_at", "ended_at", "ends_before", "ends_after")}
    return {"number": row.number, **moments, "reason": row.reason}
