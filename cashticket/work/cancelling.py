"""Cancelling a concert in both stores: first the ledger, where all its auctions are void from one moment on, then each
auction in the live store, and its bidders are told.

After a crash the watch does the rest, as for every voided auction; the command again does it at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from cashticket.engine.interface import Engine
from cashticket.settlement import cancelling
from cashticket.settlement.cancelling import Cancelled
from cashticket.settlement.voiding import Foreseen, Refund
from cashticket.work.cached_pages import renewing_pages
from cashticket.work.voiding import Announced, HalfVoided, void_and_announce

Progress = Callable[[int, int, int], None]
"""Called with an auction, how many of its bidders are told, and of how many."""


class HalfCancelled(HalfVoided):
    """The concert is cancelled in the ledger; the live store has not taken all of it: the command must be repeated."""


@dataclass(frozen=True, slots=True)
class AnnouncedConcert:
    """A cancelled concert whose bidders are told. `announced` are the auctions that this call told about. `refunds` are
    all bought seats whose prices are to be given back, and `withdrawn` counts those that were only offered, whoever
    told their holders."""

    cancelled: Cancelled
    announced: tuple[Announced, ...]
    refunds: tuple[Refund, ...]
    withdrawn: int


def foresee(concert_id: int) -> dict[int, Foreseen]:
    """What cancelling would do to each auction now; nothing is changed. Raises NotCancellable."""
    return cancelling.foresee(concert_id)


def cancel_and_announce(
    engine: Engine, concert_id: int, why: str, operator: str, now: datetime, progress: Progress
) -> AnnouncedConcert:
    """Cancel a concert at `now` (UTC) and tell every bidder of its auctions, in this process. An auction that cannot be
    finished does not keep the others waiting. Raises NotCancellable and HalfCancelled."""
    cancelled = cancel(concert_id, why, operator, now)
    announced: list[Announced] = []
    trouble: HalfVoided | None = None
    for auction_id in cancelled.to_tell:
        say = partial(progress, auction_id)
        try:
            announced.append(void_and_announce(engine, auction_id, cancelled.why, operator, now, say))
        except HalfVoided as error:
            trouble = error
    if trouble is not None:
        raise HalfCancelled(f"Concert {concert_id} is cancelled. {trouble}") from trouble
    return AnnouncedConcert(cancelled, tuple(announced), *cancelling.taken_back(concert_id))


@renewing_pages()
def cancel(concert_id: int, why: str, operator: str, now: datetime) -> Cancelled:
    """Cancel a concert in the ledger at `now` (UTC). Its auctions are still to be ended in the live store, and their
    bidders to be told. Raises NotCancellable."""
    return cancelling.cancel(concert_id, why, operator, now)
