"""What the live store is given when an auction is rebuilt, computed from the ledger."""

from collections.abc import Iterator

from cashticket.auction.outages import version_after_loss
from cashticket.auction.values import SEQUENCE_MAX, Entry, State
from cashticket.engine.interface import Engine, Restoration, Snapshot
from cashticket.engine.pauses import RESTORING
from cashticket.ledger import bid_windows
from cashticket.ledger.bid_rows import entry_of
from cashticket.ledger.outages import last_outage
from cashticket.ledger.terms import terms_of
from cashticket.locale import to_ms
from cashticket.models import Auction
from cashticket.work.check.reading import Progress, silent


def last_sequence_given(
    engine: Engine, row: Auction, snapshot: Snapshot | None, backlog_max: int, heard: int, witnessed: bool | None
) -> int:
    """Return the highest sequence number that a bidder may have been answered with.

    `heard` is the highest that witnesses know, 0 for none. `witnessed`: somebody witnessed the process of the live
    store on which bids were answered; None when that is not known. `snapshot` is None when the live store has lost the
    auction. Where nobody remembers the last number, as many bids may be lost as can ever wait.
    """
    recorded = row.recorded_sequence
    heard = max(recorded, heard)
    if snapshot is not None and snapshot.sequence >= recorded and witnessed is not False:
        return max(snapshot.sequence, heard)
    if witnessed or (snapshot is None and heard == 0 and engine.clock() < to_ms(row.opens_at)):
        return heard
    return min(SEQUENCE_MAX, max(heard, recorded + backlog_max))


def restoration_of(
    row: Auction, snapshot: Snapshot | None, now_ms: int, stopped_ms: int, progress: Progress = silent
) -> Restoration:
    """Return terms, bids and counters as the ledger has them. The version is above every version ever shown.

    No bids are taken since `stopped_ms`. The bids are read in windows while the store is given them; `progress` is told
    after each. `now_ms` is the moment by the live store's clock.
    """
    version_max = version_after_loss(to_ms(row.opens_at), now_ms, row.recorded_sequence)
    ends = [to_ms(row.ends_at), *(bid.ends_at_ms for bid in bid_windows.last_bids(row.id, 1))]
    is_closing = row.state is State.CLOSING
    return Restoration(
        terms=terms_of(row),
        bids=_entries(row, progress),
        sequence=row.recorded_sequence,
        ends_at_ms=ends[0] if is_closing else max(ends),
        version=max(version_max, snapshot.version if snapshot else 0) + 1,
        state=State.CLOSING if is_closing else State.OPEN,
        paused="" if is_closing else RESTORING,
        stopped_ms=None if is_closing else stopped_ms,
        outage=last_outage(row.id),
    )


def _entries(row: Auction, progress: Progress) -> Iterator[Entry]:
    through = row.recorded_sequence
    for window in bid_windows.bids_between(row.id, 0, through):
        yield from map(entry_of, window)
        progress("numbers restored", window[-1].sequence, through)
