"""The Lua verbs as callables. They are called by hash; the text is sent only to a store that does not have it."""

from collections.abc import Sequence
from hashlib import sha1
from importlib.resources import files
from typing import Any

import redis
from redis.exceptions import NoScriptError, ResponseError

from cashticket.engine.connection import checked, exchange, not_refused
from cashticket.engine.errors import UnknownAuction
from cashticket.engine.packing import head_of
from cashticket.engine.routing import Further
from cashticket.engine.store_identity import Argument, Command

WITHOUT_MEMORY = "#!lua flags=allow-oom\n"
NEEDED_WITHOUT_MEMORY = ("pause",)
"""Verbs that a store whose memory is full must still carry out. They add a few bytes at most."""


class Script:
    """One verb of `cashticket/engine/lua/`. A call is one round trip, two when the store lacks the script."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        text = (files("cashticket.engine") / "lua" / f"{verb}.lua").read_text(encoding="utf-8")
        self.source = WITHOUT_MEMORY + text if verb in NEEDED_WITHOUT_MEMORY else text
        self.sha = sha1(self.source.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, client: redis.Redis, keys: Sequence[str], arguments: Sequence[Argument] = ()) -> Any:
        """The reply of the verb. Raises StoreUnavailable, OutcomeUnknown, UnknownAuction when a key
        of the auction holds another kind of value, ResponseError for a fault in the script."""
        return self.confirmed(client, keys, arguments, ())[0]

    def confirmed(
        self,
        client: redis.Redis,
        keys: Sequence[str],
        arguments: Sequence[Argument],
        following: Sequence[Command],
        further: Further | None = None,
    ) -> list[Any]:
        """The reply of the verb, checked, then those to the commands `following` it in the same write and to `further`
        ones, unchecked.

        Raises what a plain call raises.
        """
        head = head_of("EVALSHA", self.sha, len(keys), *keys)
        try:
            return self._exchange(client, (head, *arguments), following, further)
        except NoScriptError:
            # A script the store does not have was not run, so this runs it once. EVAL also stores it.
            return self._exchange(client, ("EVAL", self.source, len(keys), *keys, *arguments), following, further)

    @staticmethod
    def _exchange(
        client: redis.Redis, command: Sequence[Argument], following: Sequence[Command], further: Further | None
    ) -> list[Any]:
        reply, *others = exchange(client, [command, *following], further)
        return [_checked(reply), *others]

    def each(self, client: redis.Redis, calls: Sequence[tuple[Sequence[str], Sequence[Argument]]]) -> list[Any]:
        """The replies of the verb to each of these keys and arguments, in one round trip; one more when the store
        lacks the script. An error about one call is its reply. Only for verbs that never write. Raises StoreUnavailable
        and OutcomeUnknown."""
        if not calls:
            return []
        replies = exchange(client, [(head_of("EVALSHA", self.sha, len(keys), *keys), *given) for keys, given in calls])
        lacking = [place for place, reply in enumerate(replies) if isinstance(reply, NoScriptError)]
        if lacking:
            # By its text, which stores it. Of a cluster only those nodes are asked, and none that is away.
            texts = [
                ("EVAL", self.source, len(calls[place][0]), *calls[place][0], *calls[place][1]) for place in lacking
            ]
            for place, reply in zip(lacking, exchange(client, texts), strict=True):
                replies[place] = reply
        return [not_refused(reply) for reply in replies]


def _checked(reply: Any) -> Any:
    if isinstance(reply, ResponseError) and str(reply).startswith("WRONGTYPE"):
        # Somebody else wrote it. The auction is lost until it is rebuilt, and the watch names it.
        raise UnknownAuction(
            "a key of the auction holds another kind of value than the live store was given"
        ) from reply
    return checked(reply)
