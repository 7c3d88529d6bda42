"""Which live store the watch saw last, kept in the queue store over its restarts."""

import logging

import redis

from cashticket import redis_keys
from cashticket.auction.store_names import FIRST_STORE
from cashticket.logs.failures import failure_text
from cashticket.work.watch.troubles import Troubles

log = logging.getLogger(__name__)


class SeenStore:
    """Call `is_other` once a round with the identity of the live store that answers."""

    def __init__(self, client: redis.Redis, troubles: Troubles, store: str = FIRST_STORE) -> None:
        """`client` is one of the queue store, `store` the name of the live store that is watched."""
        self._client, self._troubles = client, troubles
        self._key = redis_keys.live_store_seen(store)
        self._identity = ""

    def is_other(self, identity: str) -> bool:
        """Whether another process, or another role, answers than the one checked last."""
        last = self._last()
        if last and last != identity:
            log.error("another process or role of the live store answers: no bids until every auction is checked")
        if last == identity == self._identity:
            return False
        self._keep(identity)
        return True

    def _last(self) -> str:
        """Identity of the live store that was checked last, '' for none."""
        try:
            stored = self._client.get(self._key) or self._identity
        except redis.RedisError:
            stored = self._identity
        return stored.decode() if isinstance(stored, bytes) else str(stored)

    def _keep(self, identity: str) -> None:
        self._identity = identity
        try:
            self._client.set(self._key, identity)
        except redis.RedisError as error:
            self._troubles.log(
                "identity", f"the queue store does not keep which live store was checked: {failure_text(error)}"
            )
