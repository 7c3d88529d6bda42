"""`/metrics`: the counts of this process and the backlog of every auction, in the text format of Prometheus.

Scrape every process by itself. The backlog is read at the scrape and is the same from every process. It is all for the
inside: the front proxy does not pass /metrics on, and a request that came through a proxy is answered 404.
"""

from flask import Blueprint, Response, abort
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest

from cashticket.blueprints.request.counters import REGISTRY
from cashticket.blueprints.request.inside import comes_from_inside
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.wiring import current_engine

blueprint = Blueprint("metrics", __name__)

_backlog = Gauge(
    "cashticket_ledger_backlog", "Accepted bids not yet recorded, by auction.", ["auction"], registry=REGISTRY
)
_store_up = Gauge("cashticket_live_store_up", "1 when the live store answered this scrape.", registry=REGISTRY)


@blueprint.get("/metrics")
def exposed() -> Response:
    """Every metric, for the inside. Answers also while the live store is away."""
    if not comes_from_inside():
        abort(404)
    _backlog.clear()
    try:
        engine = current_engine()
        for auction_id, waiting in engine.backlog(engine.auctions()).items():
            _backlog.labels(str(auction_id)).set(waiting)
        _store_up.set(1)
    except (StoreUnavailable, OutcomeUnknown):
        _store_up.set(0)
    return Response(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
