"""The WebSocket of an auction page. Everything that can be refused is refused before the handshake."""

from typing import Any

from flask import Blueprint, Response, abort, g, request
from simple_websocket import Server
from werkzeug.exceptions import ServiceUnavailable

from cashticket.accounts.sessions import Principal
from cashticket.blueprints.auction.frames import Frames
from cashticket.blueprints.request import sockets
from cashticket.blueprints.request.counters import count_update
from cashticket.extensions import sock
from cashticket.ledger import queries
from cashticket.live.watcher import Watcher
from cashticket.wiring import current_engine, current_hub, wire_live
from cashticket.work.live_tables import LiveTables
from cashticket.work.missed_alerts import MissedAlert, missed_alert

blueprint = Blueprint("live", __name__)
blueprint.teardown_request(sockets.give_back_seat)

PATH = "/auctions/<int(max=9007199254740991):auction_id>/live"


@blueprint.record_once
def bind_hub(state: Any) -> None:
    """Give the application its hub and its socket capacity. Starts nothing and connects to nothing."""
    base_url = state.app.extensions["settings"].base_url
    wire_live(state.app, Frames(state.app, base_url).rendering, LiveTables(state.app), count_update)


# Before the handshake


@blueprint.before_request
def admit() -> Response | None:
    """Refuse what is no handshake, foreign pages, unknown auctions, ended sessions, and sockets beyond capacity."""
    if not sockets.is_asked_for():
        return None
    if refused := sockets.refusal():
        return refused
    auction_id = (request.view_args or {})["auction_id"]
    _refuse_unknown(auction_id)
    try:
        g.watching = sockets.living_session()
        g.missed = _missed_alert(auction_id, g.watching)
    finally:
        # The application context lives as long as the socket, and a connection taken here would stay with it.
        queries.forget()
    sockets.take_seat(g.watching)
    return None


def _refuse_unknown(auction_id: int) -> None:
    if auction_id in current_engine().versions([auction_id]):
        return
    auction = queries.auction(auction_id)
    if auction is None:
        abort(404)
    if auction.state.is_end:
        # Its keys have left the live store. The page that asks learns from its pieces where the results are.
        abort(410)
    raise ServiceUnavailable(retry_after=sockets.RETRY_SECONDS)


def _missed_alert(auction_id: int, principal: Principal | None) -> MissedAlert:
    if principal is None:
        return MissedAlert()
    return missed_alert(current_hub(), current_engine(), auction_id, principal.id)


# The socket


@blueprint.get(PATH)
def upgrade_only(auction_id: int) -> Response:
    """Answers a plain request for the socket's address."""
    return sockets.upgrade_required()


@sock.route(PATH, bp=blueprint)
def live(ws: Server, auction_id: int) -> None:
    """One socket: the present board first (signed in, the standing too), then every change and every alert."""
    principal: Principal | None = g.watching
    watcher = Watcher(auction_id, sockets.socket_locale())
    if principal:
        watcher.person, watcher.epoch = principal.id, principal.epoch
        watcher.missed_sequence, watcher.searched_through = g.missed.sequence, g.missed.searched_through
    sockets.serve_watcher(ws, watcher, principal)
