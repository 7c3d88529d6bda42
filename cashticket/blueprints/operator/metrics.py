"""`/metrics`: what this process has counted, and what stores, queues, watch and workers tell, as text for Prometheus.

Scrape every process by itself. What is read at the scrape is the same from every process. It is all for the inside: the
front proxy does not pass /metrics on, and a request that came through a proxy is answered 404.
"""

from collections.abc import Iterator
from itertools import chain

from flask import Blueprint, Response, abort
from prometheus_client import CONTENT_TYPE_LATEST, Metric, generate_latest

from cashticket.blueprints.operator.primary_figures import PRIMARIES
from cashticket.blueprints.operator.process_figures import QUEUE_STORE, READING_COPY, THIS_PROCESS, WATCH
from cashticket.blueprints.operator.store_figures import DATABASE, LIVE_STORE
from cashticket.blueprints.request.counters import REGISTRY
from cashticket.blueprints.request.inside import comes_from_inside

blueprint = Blueprint("metrics", __name__)

PARTS = (LIVE_STORE, DATABASE, QUEUE_STORE, WATCH, READING_COPY, THIS_PROCESS, PRIMARIES)


@blueprint.get("/metrics")
def exposed() -> Response:
    """Every metric, for the inside. Answers also while a store is away."""
    if not comes_from_inside():
        abort(404)
    text = generate_latest(_Scrape())
    return Response(text, content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})


class _Scrape:
    """What the library asks for when it writes its text."""

    def collect(self) -> Iterator[Metric]:
        return chain(REGISTRY.collect(), *(part.families() for part in PARTS))
