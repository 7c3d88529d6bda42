"""Sockets: what their doors share. Everything that can be refused is refused before the handshake.

An open socket holds a thread (or greenlet) and no database connection. It only sends: a browser asks by HTTP.
"""

from collections.abc import Callable

from flask import Response, abort, current_app, g, request, session
from flask_babel import get_locale
from simple_websocket import Server
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ServiceUnavailable

from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.accounts.sessions import Principal
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.counters import set_sockets
from cashticket.blueprints.request.identity import current_principal
from cashticket.blueprints.request.origin import own_origins
from cashticket.ledger import queries
from cashticket.live import handshake
from cashticket.live.connection import SERVICE_RESTART, serve
from cashticket.live.watcher import Watcher
from cashticket.locale import LANGUAGES
from cashticket.wiring import current_hub, current_settings, socket_capacity

RETRY_SECONDS = 5


# Before the handshake


def is_asked_for() -> bool:
    """Whether this request asks for another protocol; else it is a plain one."""
    return "Upgrade" in request.headers


def refusal() -> Response | None:
    """The answer to what is no handshake, None for a good one. Aborts with 403 for a page that is not ours."""
    if status := handshake.fault(request.method, request.environ["SERVER_PROTOCOL"], dict(request.headers)):
        return upgrade_required() if status == 426 else Response(status=status)
    # In production a page of ours can only come from the configured address.
    if request.headers.get("Origin") not in own_origins(any_host=not current_settings().production):
        record(SecurityEvent.SOCKET_REFUSED)
        abort(403)
    return None


def living_session() -> Principal | None:
    """The signed-in person, None for the anonymous. Aborts with 401 if a session was sent and has ended. One statement.

    The caller ends the database session afterwards, or its connection would stay with the socket.
    """
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


def take_seat(principal: Principal | None) -> None:
    """Take a place for the socket of this request. Aborts with 503 when there is none."""
    g.seat = socket_capacity().take(address(), principal.id if principal else None)
    if g.seat is None:
        raise ServiceUnavailable(retry_after=RETRY_SECONDS)


def give_back_seat(error: BaseException | None) -> None:
    """Free the place, whether or not the handshake succeeded. For `teardown_request` of each door."""
    if seat := g.pop("seat", None):
        seat.give_back()
        set_sockets(socket_capacity().taken())


def upgrade_required() -> Response:
    """The answer to a plain request for the address of a socket."""
    headers = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": handshake.VERSION}
    return Response(status=426, headers=headers)


# The socket


def serve_watcher(
    ws: Server, watcher: Watcher, principal: Principal | None, joined: Callable[[], None] = lambda: None
) -> None:
    """Serve one socket until it ends. `joined` is called once the hub knows it, before anything is sent."""
    set_sockets(socket_capacity().taken())
    hub = current_hub()
    hub.join(watcher)
    try:
        joined()
        serve(ws, watcher.mailbox, _session_check(principal, watcher))
    finally:
        hub.leave(watcher)


def socket_locale() -> str:
    """The language of the frames: that of `lang`, else of the reader."""
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
