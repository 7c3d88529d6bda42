"""The verbs by which callers find the store of an auction, on an engine that has one store."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol, cast

from cashticket.auction.store_names import FIRST_STORE, is_store_name

if TYPE_CHECKING:
    from cashticket.engine.condition import StoreCondition
    from cashticket.engine.interface import Engine

__all__ = ["FIRST_STORE", "OneStore", "StoreVerbs", "is_store_name"]


class StoreVerbs(Protocol):
    """A part of `Engine`."""

    def stores(self) -> Mapping[str, "Engine"]:
        """The engine on each live store, by the store's name, the first store first."""

    def of(self, auction_id: int) -> "Engine":
        """The engine on the store of this auction alone, whose clock, condition and beats are those of the auction.
        The first store's for an auction that nobody knows. Raises StoreUnavailable for a store without an address."""

    def present_condition(self) -> "StoreCondition":
        """`condition`, but of a cluster that of the shards that answer; it says whether one is missing (`is_whole`).
        Raises StoreUnavailable and OutcomeUnknown when nobody answers."""

    def silent(self) -> frozenset[str]:
        """The names of the stores that are frozen or cut off, as this process has noticed, and that nobody need ask
        now; a thread does. Empty where there is one store."""


class OneStore:
    """These verbs where the engine has one store, which is its own."""

    def stores(self) -> Mapping[str, "Engine"]:
        return {FIRST_STORE: cast("Engine", self)}

    def present_condition(self) -> "StoreCondition":
        return cast("Engine", self).condition()

    def silent(self) -> frozenset[str]:
        return frozenset()

    def of(self, auction_id: int) -> "Engine":
        return cast("Engine", self)
