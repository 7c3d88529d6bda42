"""What the queue store must be: one store, because RQ does not run on a cluster."""

from collections.abc import Mapping

from cashticket.config.addresses import REDIS_HINT, redis_problem
from cashticket.engine.cluster_url import is_cluster_url


def queue_store_problem(text: str) -> str | None:
    """What is wrong with the URL of the queue store."""
    if is_cluster_url(text):
        return f"names a cluster, on which jobs cannot be queued; give it a store of its own: {REDIS_HINT}"
    return redis_problem(text)


def queue_store_missing(environ: Mapping[str, str]) -> str | None:
    """Why QUEUE_REDIS_URL must be set although it is not."""
    if environ.get("QUEUE_REDIS_URL") or not is_cluster_url(environ.get("REDIS_URL") or ""):
        return None
    return f"is missing: REDIS_URL names a cluster, on which jobs cannot be queued; name a store for it: {REDIS_HINT}"
