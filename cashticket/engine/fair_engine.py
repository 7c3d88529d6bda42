"""The verbs of an engine that stop bidding, let it go on, and end it, so that its time is fair to outages (rule 19)."""

from typing import Protocol

from cashticket.auction.outages import Silence
from cashticket.engine.values import Beat, Closing


class FairEngine(Protocol):
    """A part of `Engine`."""

    def pause(self, auction_id: int, reason: str, instead_of: str = "", now_ms: int | None = None) -> bool:
        """Take no bids until resumed. False, and nothing changed, when bidding is over or paused for another reason
        than `instead_of`: only its own reason ends a pause. Raises UnknownAuction, ValueError without a reason."""

    def resume(
        self,
        auction_id: int,
        reason: str,
        checked_on: str = "",
        known_ms: int | None = None,
        deadline_ms: int | None = None,
        recorded_end_ms: int | None = None,
        now_ms: int | None = None,
    ) -> bool:
        """Take bids again, if paused for exactly this reason; returns whether it was. `checked_on` is the identity of
        the process on which it was found sound, '' for the one that answers; on any other it is RESTARTED. The end
        moves by the time since the pause, or since orders were last taken (`known_ms`, which alone counts after CLOCK);
        from `recorded_end_ms` if that is later, at most to `latest_end` of the law. Raises UnknownAuction."""

    def beat(self) -> Beat:
        """Note that the store takes orders, and return since when it did and the last times in which it took none of
        anybody. Each process that works with it all the time calls this once a second."""

    def give_back(
        self, auction_id: int, silence: Silence, deadline_ms: int | None = None, recorded_end_ms: int | None = None
    ) -> bool:
        """Move the end by the part of `silence` that was not given back yet, like `resume`; returns whether it moved.
        Nothing moves once bidding is over, nor while RESTARTED: resuming counts that time. Raises UnknownAuction."""

    def close(self, auction_id: int, now_ms: int | None = None, known_ms: int | None = None) -> Closing:
        """End bidding if `ends_at` has come and it is not paused. Repeating changes nothing. With `known_ms`, the last
        moment at which the store is known to have taken orders, an end that came later stays while that was more than
        AWAY_MS ago: the store may have been away since. Raises UnknownAuction."""
