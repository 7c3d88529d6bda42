"""The WebSocket of an auction page. Everything that can be refused is refused before the handshake.

An open socket holds a thread (or greenlet) and no database connection. It only sends: a browser asks by HTTP.
"""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, abort, current_app, g, request, session
from flask_babel import get_locale
from simple_websocket import Server
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ServiceUnavailable

from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.accounts.sessions import Principal
from cashticket.blueprints.auction.frames import Frames
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.counters import set_sockets
from cashticket.blueprints.request.identity import current_principal
from cashticket.blueprints.request.origin import own_origins
from cashticket.extensions import sock
from cashticket.ledger import queries
from cashticket.live import handshake
from cashticket.live.connection import SERVICE_RESTART, serve
from cashticket.live.watcher import Watcher
from cashticket.locale import LANGUAGES
from cashticket.wiring import current_engine, current_hub, current_settings, socket_capacity, wire_live
from cashticket.work.missed_alerts import MissedAlert, missed_alert

blueprint = Blueprint("live", __name__)

PATH = "/auctions/<int(max=9007199254740991):auction_id>/live"
RETRY_SECONDS = 5


@blueprint.record_once
def bind_hub(state: Any) -> None:
    """Give the application its hub and its socket capacity. Starts nothing and connects to nothing."""
    base_url = state.app.extensions["settings"].base_url
    wire_live(state.app, Frames(state.app, base_url).rendering)


# Before the handshake


@blueprint.before_request
def admit() -> Response | None:
    """Refuse what is no handshake, foreign pages, unknown auctions, ended sessions, and sockets beyond capacity."""
    if "Upgrade" not in request.headers:
        return None
    if status := handshake.fault(request.method, request.environ["SERVER_PROTOCOL"], dict(request.headers)):
        return _upgrade_required() if status == 426 else Response(status=status)
    # In production a page of ours can only come from the configured address.
    if request.headers.get("Origin") not in own_origins(any_host=not current_settings().production):
        record(SecurityEvent.SOCKET_REFUSED)
        abort(403)
    auction_id = (request.view_args or {})["auction_id"]
    _refuse_unknown(auction_id)
    try:
        g.watching = _living_session()
        g.missed = _missed_alert(auction_id, g.watching)
    finally:
        # The application context lives as long as the socket, and a connection taken here would stay with it.
        queries.forget()
    g.seat = socket_capacity().take(address(), g.watching.id if g.watching else None)
    if g.seat is None:
        raise ServiceUnavailable(retry_after=RETRY_SECONDS)
    return None


@blueprint.teardown_request
def give_back_seat(error: BaseException | None) -> None:
    """Free the seat, whether or not the handshake succeeded."""
    if seat := g.pop("seat", None):
        seat.give_back()
        set_sockets(socket_capacity().taken())


def _refuse_unknown(auction_id: int) -> None:
    if auction_id in current_engine().versions([auction_id]):
        return
    auction = queries.auction(auction_id)
    if auction is None:
        abort(404)
    if auction.state.is_end:
        # Its keys have left the live store. The page that asks learns from its pieces where the results are.
        abort(410)
    raise ServiceUnavailable(retry_after=RETRY_SECONDS)


def _living_session() -> Principal | None:
    """The signed-in person, None for the anonymous. Aborts with 401 if a session was sent and has ended."""
    principal = current_principal()
    if principal is None:
        if str(current_app.config["SESSION_COOKIE_NAME"]) in request.cookies and not session:
            abort(401)
        return None
    if principal.row is None:
        abort(401)
    # A living session takes over the newest epoch, so that only a later change has it checked again.
    principal.epoch = principal.row.session_epoch
    return principal


def _missed_alert(auction_id: int, principal: Principal | None) -> MissedAlert:
    if principal is None:
        return MissedAlert()
    return missed_alert(current_hub(), current_engine(), auction_id, principal.id)


# The socket


@blueprint.get(PATH)
def upgrade_only(auction_id: int) -> Response:
    """Answers a plain request for the socket's address."""
    return _upgrade_required()


def _upgrade_required() -> Response:
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": handshake.VERSION}
    return Response(status=426, headers=headers)


@sock.route(PATH, bp=blueprint)
def live(ws: Server, auction_id: int) -> None:
    """One socket: the present board first (signed in, the standing too), then every change and every alert."""
    principal: Principal | None = g.watching
    watcher = Watcher(auction_id, _locale())
    if principal:
        watcher.person, watcher.epoch = principal.id, principal.epoch
        watcher.missed_sequence, watcher.searched_through = g.missed.sequence, g.missed.searched_through
    set_sockets(socket_capacity().taken())
    hub = current_hub()
    hub.join(watcher)
    try:
        serve(ws, watcher.mailbox, _session_check(principal, watcher))
    finally:
        hub.leave(watcher)


def _locale() -> str:
    language = request.args.get("lang", "")
    return language if language in LANGUAGES else str(get_locale())


def _session_check(principal: Principal | None, watcher: Watcher) -> Callable[[], bool]:
    """A function that returns whether the session behind a socket still lives."""

    def still_signed_in() -> bool:
        fresh = Principal.parse(principal.get_id()) if principal else None
        try:
            return fresh is not None and fresh.row is not None
        except SQLAlchemyError:
            # The database is down, so this cannot be checked: the browser is asked to reconnect.
            watcher.mailbox.end(SERVICE_RESTART)
            return True
        finally:
            queries.forget()

    return still_signed_in
