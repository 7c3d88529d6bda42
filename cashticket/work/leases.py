"""Leases: claims in the queue store that expire by themselves.

They save double work; correctness never depends on them. A killed holder blocks others only until its lease expires.
"""

import os
import secrets
import socket
from typing import Any, cast

import redis

# Take or renew the lease unless another token holds it. Returns 1 when held.
_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
# Delete the lease if this token holds it. Returns 1 when it did.
_RELEASE = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""


class Lease:
    """A claim on `key` that expires after `milliseconds` unless renewed. Every method raises redis.RedisError."""

    def __init__(self, client: redis.Redis, key: str, milliseconds: int) -> None:
        self._client, self._key, self._milliseconds = client, key, milliseconds
        # Host and process are for whoever looks at the queue store.
        self._token = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"

    def hold(self, milliseconds: int | None = None) -> bool:
        """Take or renew the lease, for `milliseconds` if given. Returns False while another holder has it."""
        return self._run(_HOLD, self._token, milliseconds or self._milliseconds)

    def release(self) -> bool:
        """End the lease. Returns False if it had expired or belongs to another holder."""
        return self._run(_RELEASE, self._token)

    def is_taken(self) -> bool:
        """Whether any holder has the lease now."""
        return bool(self._client.exists(self._key))

    def _run(self, script: str, *arguments: Any) -> bool:
        return cast(int, self._client.eval(script, 1, self._key, *arguments)) == 1
