"""What all deliverers know of the mail server, in the queue store: that it takes nothing just now, and what was sent.

While the server refuses everybody, no deliverer asks it for a minute; one line in the log says why, each minute.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import cast

import redis

from cashticket import redis_keys
from cashticket.logs.failures import failure_text
from cashticket.notify.refusals import ServerRefused
from cashticket.wiring import queue_redis

log = logging.getLogger(__name__)

PAUSE_SECONDS = 60
TROUBLE_SECONDS = 600
"""A trouble is forgotten when nobody has tried for so long; the first mail that is taken ends it at once."""

OUTCOMES = ("sent", "deferred", "failed", "dropped")


def pause(refusal: ServerRefused) -> None:
    """Let every deliverer leave the server alone for a minute, because it refused everybody."""
    client = queue_redis()
    client.set(redis_keys.MAIL_TROUBLE, refusal.code, ex=TROUBLE_SECONDS)
    if client.set(redis_keys.MAIL_PAUSE, refusal.code, ex=PAUSE_SECONDS, nx=True):
        log.error("the mail server takes no mail, everything waits for a minute: %s", failure_text(refusal))


def is_paused() -> bool:
    """Whether the server was found to refuse everybody less than a minute ago."""
    return bool(queue_redis().exists(redis_keys.MAIL_PAUSE))


def count(outcome: str) -> None:
    """Count what became of a try; one of OUTCOMES. A message that was taken ends the server's trouble."""
    with suppress(redis.RedisError):
        client = queue_redis()
        client.hincrby(redis_keys.MAIL_COUNTS, outcome)
        if outcome == "sent" and client.delete(redis_keys.MAIL_TROUBLE):
            log.warning("the mail server takes mail again")


def trouble() -> str:
    """The code with which the server refuses everybody, '' while it takes mail. Raises redis.RedisError."""
    code = cast("bytes | None", queue_redis().get(redis_keys.MAIL_TROUBLE))
    return code.decode() if code else ""


def counts() -> Mapping[str, int]:
    """How often each outcome came since the queue store was new. Raises redis.RedisError."""
    stored = cast("dict[bytes, bytes]", queue_redis().hgetall(redis_keys.MAIL_COUNTS))
    return {outcome: int(stored.get(outcome.encode(), 0)) for outcome in OUTCOMES}
