"""Which processes of CashTicket run beside a restore, as far as the queue store still knows."""

from collections import Counter

import redis

from cashticket.wiring import current_shelves, queue_redis
from cashticket.witness.testimony import ShelfUnavailable
from cashticket.work import heartbeats


def running_processes() -> list[str]:
    """The kinds of processes that gave a sign of life within the last 15 seconds, such as "2 web"; none are known
    while the stores are away."""
    try:
        kinds = Counter(process.partition("-")[0] for process in current_shelves().living())
        signs = heartbeats.signs(queue_redis())
    except (redis.RedisError, ShelfUnavailable):
        return []
    described = [f"{count} {kind}" for kind, count in sorted(kinds.items()) if kind != "watch"]
    names = {kind: kind if kind == "watch" else f"worker {kind}" for kind in heartbeats.KINDS}
    return described + [f"{sign.alive} {names[kind]}" for kind, sign in signs.items() if sign.alive]
