"""Leases: short-lived claims in the queue Redis. They save double work; nothing relies on them to be right.

A lease belongs to whoever knows its token. It ends by itself, so a killed holder blocks nobody for long.
"""

import secrets
from typing import Any, cast

import redis

# Hold it if it is ours or nobody's. 1 when held.
_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
# End it if it is ours. 1 when it was.
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


class Lease:
    """A claim on `key` for `milliseconds`, to be held again before they are over. Raises redis.RedisError."""

    def __init__(self, client: redis.Redis, key: str, milliseconds: int) -> None:
        self._client, self._key, self._milliseconds = client, key, milliseconds
        self._token = secrets.token_hex(16)

    def hold(self) -> bool:
        """Take or renew. False while somebody else has it."""
        return self._ask(_HOLD, self._token, self._milliseconds)

    def release(self) -> bool:
        """Give it up; False when it was not ours any more. Somebody else's lease is left alone."""
        return self._ask(_RELEASE, self._token)

    def is_taken(self) -> bool:
        """Whether anybody holds it now."""
        return bool(self._client.exists(self._key))

    def _ask(self, script: str, *arguments: Any) -> bool:
        return cast(int, self._client.eval(script, 1, self._key, *arguments)) == 1
