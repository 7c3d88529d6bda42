"""Scripts whose answer counts only when enough replicas of the live store have what they wrote.

Which verbs need it: those whose effect somebody relies on before a later confirmed write follows. An accepted bid (the
bidder is told), `open` (the organiser is told), `close` (the ledger settles), `extend`, `resume`, `give_back` and an
operator's `pause` (all are announced), a changed introduction (a block, an ended session). A promoted replica may
forget the others: it takes no bids before it was checked, and their callers repeat them.
"""

from collections.abc import Sequence
from typing import Any

import redis

from cashticket.engine.confirming import MARK, Confirmation
from cashticket.engine.connection import reconnect
from cashticket.engine.errors import OutcomeUnknown
from cashticket.engine.scripts import Script
from cashticket.engine.store_identity import Argument, Command


class ReplicatedWrites:
    """Runs scripts on `client` and waits for `replicas` replicas; 0 waits for none.

    Each call raises OutcomeUnknown when too few replicas have what was written.
    """

    def __init__(self, client: redis.Redis, replicas: int) -> None:
        self._client, self._place_bid = client, Script("place_bid")
        self._confirmation = Confirmation(replicas) if replicas else None

    def run_bid(self, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """The reply of `place_bid`. A replay writes nothing, so it takes a second round trip on the same connection.
        Other answers than these two are not waited for."""
        confirmation = self._confirmation
        if confirmation is None:
            return self._place_bid(self._client, keys, arguments)

        def further(replies: Sequence[Any]) -> Sequence[Command]:
            return (MARK, confirmation) if _is(replies[0], "replayed") else ()

        reply, *others = self._place_bid.confirmed(self._client, keys, arguments, (confirmation,), further)
        if _is(reply, "accepted", "replayed"):
            self._check(confirmation, others)
        return reply

    def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """The reply of a script that may change nothing, because an earlier call did: a mark is written behind it."""
        confirmation = self._confirmation
        if confirmation is None:
            return script(self._client, keys, arguments)
        reply, *others = script.confirmed(self._client, keys, arguments, (MARK, confirmation))
        self._check(confirmation, others)
        return reply

    def _check(self, confirmation: Confirmation, replies: Sequence[Any]) -> None:
        # A mark that was not written confirms nothing before it.
        failed = next((reply for reply in replies if isinstance(reply, Exception)), replies[-1])
        try:
            confirmation.check(failed)
        except OutcomeUnknown:
            # The process that answers may no longer be the primary: the next call looks for the present one.
            reconnect(self._client)
            raise


def _is(reply: Any, *kinds: str) -> bool:
    return isinstance(reply, list) and reply[0] in kinds
