"""The Lua verbs as callables: shipped inside the package, called by hash, sent whole only to a store that lost them."""

from collections.abc import Sequence
from hashlib import sha1
from importlib.resources import files
from typing import Any

import redis
from redis.exceptions import NoScriptError

from cashticket.engine.connection import ask
from cashticket.engine.greeting import Word


class Script:
    """One verb of `cashticket/engine/lua/`. A warm call is one round trip; the first after a restart is two."""

    def __init__(self, verb: str) -> None:
        self.verb = verb
        self.source = (files("cashticket.engine") / "lua" / f"{verb}.lua").read_text(encoding="utf-8")
        self.sha = sha1(self.source.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, client: redis.Redis, keys: Sequence[str], arguments: Sequence[Word] = ()) -> Any:
        """Run the verb. Raises StoreUnavailable, OutcomeUnknown, or ResponseError for a fault in the script."""
        words = (len(keys), *keys, *arguments)
        try:
            return ask(client, "EVALSHA", self.sha, *words)
        except NoScriptError:
            # An unknown script was not run, so running it now is the first time. EVAL also stores it.
            return ask(client, "EVAL", self.source, *words)
