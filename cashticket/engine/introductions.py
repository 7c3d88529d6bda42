"""What auctions know of a person, and how every open auction is told of a change."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from cashticket.auction.values import Permission, Reason, Refused
from cashticket.engine.interface import (
    Engine,
    OutcomeUnknown,
    StaleSession,
    StoreUnavailable,
    UnknownAuction,
    UnknownPerson,
)


@dataclass(frozen=True, slots=True)
class Introduction:
    """A person's right to bid and session epoch, as of one revision of the person."""

    permission: Permission
    epoch: int
    revision: int

    def objection(self, epoch: int) -> Refused | UnknownPerson | StaleSession | None:
        """Why a bid from a session of `epoch` is not even judged; None when the person may bid."""
        if epoch > self.epoch:
            return UnknownPerson()
        if epoch < self.epoch:
            return StaleSession()
        if self.permission is Permission.BLOCKED:
            return Refused(Reason.BLOCKED)
        return Refused(Reason.NOT_VERIFIED) if self.permission is Permission.UNVERIFIED else None


def introduce_everywhere(
    engine: Engine,
    person: int,
    permission: Permission,
    epoch: int,
    revision: int,
    exceptions: Mapping[int, Permission] | None = None,
) -> int:
    """Introduce a person to every auction that is not finished; returns to how many.

    `exceptions` maps auctions to another permission. An auction published later is told when the person comes to it.
    Raises StoreUnavailable and OutcomeUnknown: then call again, an older revision is ignored.
    """
    count, permissions = 0, exceptions or {}
    failure: Exception | None = None
    for store in engine.stores().values():
        try:
            for auction_id in store.auctions():
                allowed = permissions.get(auction_id, permission)
                with suppress(UnknownAuction):
                    store.introduce(auction_id, person, allowed, epoch, revision, is_change=True)
                    count += 1
        except (StoreUnavailable, OutcomeUnknown) as error:
            # The auctions of the other stores are told all the same.
            failure = failure or error
    if failure:
        raise failure
    return count
