"""Telling every auction at once of a person's right to bid."""

from collections.abc import Mapping

from cashticket.auction.values import Permission
from cashticket.engine.interface import Engine, UnknownAuction


def introduce_everywhere(
    engine: Engine,
    person: int,
    permission: Permission,
    epoch: int,
    revision: int,
    exceptions: Mapping[int, Permission] | None = None,
) -> int:
    """Introduce a person to every auction not finished, with another permission in those that `exceptions` names; how
    many heard of it. Auctions published later learn it when the person comes. Raises StoreUnavailable and
    OutcomeUnknown: repeating is harmless, an older revision is ignored.
    """
    told, others = 0, exceptions or {}
    for auction_id in engine.auctions():
        try:
            engine.introduce(auction_id, person, others.get(auction_id, permission), epoch, revision)
        except UnknownAuction:
            continue
        told += 1
    return told
