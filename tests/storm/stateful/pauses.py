"""Model of pauses and outages: how the end of an auction moves when bids are taken again (rule 19)."""

from collections.abc import Iterator

from lab.oracle.bidding import end_after_outage
from tests.storm.stateful.model import Happening, ModelAuction
from tests.storm.stateful.strategies import DEADLINE


def pause(auction: ModelAuction, reason: str, now: int) -> None:
    if auction.state == "open":
        auction.paused = reason
        if auction.stopped is None:
            auction.stopped = max(now, auction.last)


def resuming(auction: ModelAuction, now: int, known: int | None = None) -> Iterator[Happening]:
    """Happenings of taking bids again: the live store moves the end, then the ledger keeps the move."""
    count = len(auction.outages)
    yield "resume", lambda: resume(auction, now, known)
    if len(auction.outages) > count:
        yield "give back", lambda: record_outage(auction)


def resume(auction: ModelAuction, now: int, known: int | None = None) -> None:
    reason, now = auction.paused, max(now, auction.last)
    # A store that went back may have forgotten how far the end had moved.
    began, before = _began(auction, now, known), max(auction.ends, auction.ledger_ends)
    if auction.state == "open":
        latest = min(auction.closes + auction.cap + 7_200_000, DEADLINE)
        auction.ends = max(before, min(_fair_end(auction, before, began, now), latest))
        if auction.ends > before:
            auction.outages.append((began, now, before, auction.ends, reason))
    auction.paused, auction.stopped, auction.stopped_end = "", None, None


def lost_too_much(auction: ModelAuction, now: int, known: int | None = None) -> bool:
    """Whether an operator must decide how far the end moves."""
    now = max(now, auction.last)
    latest = min(auction.closes + auction.cap + 7_200_000, DEADLINE)
    return _fair_end(auction, auction.ends, _began(auction, now, known), now) > latest


def record_outage(auction: ModelAuction) -> bool:
    """The ledger keeps the newest outage. Returns whether it was missing."""
    missing = bool(auction.outages) and auction.outages[-1] not in auction.ledger_outages
    if missing:
        auction.ledger_outages.append(auction.outages[-1])
        if auction.ledger_state in ("open", "closing"):
            auction.ledger_ends = max(auction.ledger_ends, auction.outages[-1][3])
    return missing


def _began(auction: ModelAuction, now: int, known: int | None) -> int:
    moments = [now, *([] if known is None else [max(known, auction.last)])]
    return max(auction.opens, min([*moments, *([] if auction.stopped is None else [auction.stopped])]))


def _fair_end(auction: ModelAuction, end: int, began: int, now: int) -> int:
    return end_after_outage(end if auction.stopped_end is None else auction.stopped_end, began, now)
