"""The WebSocket of an auction page. Everything that can be refused is refused before the handshake.

An open socket holds a thread (or greenlet) and no database connection. It tells and never listens: what a browser
wants, it asks by HTTP.
"""

import weakref
from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, Flask, Response, abort, current_app, g, request, session
from flask_babel import get_locale
from simple_websocket import Server
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ServiceUnavailable

from cashticket.accounts.sessions import Principal
from cashticket.auction.values import Entry
from cashticket.blueprints.auction.frames import Frames
from cashticket.blueprints.request.counters import set_sockets
from cashticket.blueprints.request.identity import current_principal
from cashticket.blueprints.request.origin import own_origins
from cashticket.config import Settings
from cashticket.engine.connection import connect
from cashticket.extensions import db, sock
from cashticket.ledger import queries
from cashticket.live import handshake
from cashticket.live.capacity import Capacity, Limits
from cashticket.live.channel import Watcher
from cashticket.live.connection import SERVICE_RESTART, serve
from cashticket.live.hub import Hub
from cashticket.locale import LANGUAGES
from cashticket.notify import inbox
from cashticket.wiring import current_engine, current_settings

blueprint = Blueprint("live", __name__)

PATH = "/auctions/<int(max=9007199254740991):auction_id>/live"
PERSON_SOCKETS = 16
RETRY_SECONDS = 5
UNRECORDED_MAX = 500
"""How many bids that wait for the ledger are searched for somebody who has just come back."""


_hubs: "weakref.WeakSet[Hub]" = weakref.WeakSet()


def hub() -> Hub:
    """The hub of this process. Its threads start with the first socket."""
    return cast(Hub, current_app.extensions["hub"])


def close_all(code: int = SERVICE_RESTART) -> None:
    """Close every socket of this process, for its end: 1012 tells browsers to come back. Waits for nobody."""
    for each in list(_hubs):
        each.close(code)


# Before the handshake


@blueprint.before_request
def admit() -> Response | None:
    """Refuse what is no handshake, a foreign page, an unknown auction, an ended session and a full house; leave no
    connection behind."""
    if "Upgrade" not in request.headers:
        return None
    if status := handshake.fault(request.method, request.environ["SERVER_PROTOCOL"], dict(request.headers)):
        return _to_upgrade() if status == 426 else Response(status=status)
    # In production a page can only come from the configured address.
    if request.headers.get("Origin") not in own_origins(any_host=not current_settings().production):
        abort(403)
    auction_id = (request.view_args or {})["auction_id"]
    _refuse_unknown(auction_id)
    try:
        g.watching = _living_session()
        g.missed, g.sought_through = _missed(auction_id, g.watching.id) if g.watching else (0, 0)
    finally:
        # The application context lives as long as the socket, and a connection taken here would stay with it.
        db.session.remove()
    person = g.watching.id if g.watching else None
    g.seat = _capacity().take(request.remote_addr or "", person)
    if g.seat is None:
        raise ServiceUnavailable(retry_after=RETRY_SECONDS)
    return None


@blueprint.teardown_request
def give_back_seat(error: BaseException | None) -> None:
    """Free the seat, whether the handshake came to something or not."""
    if seat := g.pop("seat", None):
        seat.give_back()
        set_sockets(_capacity().taken())


def _refuse_unknown(auction_id: int) -> None:
    if auction_id in current_engine().versions([auction_id]):
        return
    if queries.auction(auction_id) is None:
        abort(404)
    raise ServiceUnavailable(retry_after=RETRY_SECONDS)


def _living_session() -> Principal | None:
    """Who watches, None for the anonymous. 401 for a session that was sent and is not alive."""
    principal = current_principal()
    if principal is None:
        if str(current_app.config["SESSION_COOKIE_NAME"]) in request.cookies and not session:
            abort(401)
        return None
    if principal.row is None:
        abort(401)
    # Sessions that live on take up the newest epoch, so this one is in doubt only after the next change.
    principal.epoch = principal.row.session_epoch
    return principal


def _missed(auction_id: int, person: int) -> tuple[int, int]:
    """The newest bid that pushed this person out without their having read of it, 0 when there is none; and the bid up
    to which the ledger was searched.

    The order matters: first the news are listened to, then the bids searched that wait for the ledger, then the ledger
    itself. A displacement is in one of them at every moment. Whether it still is so is seen by the first look.
    """
    hub().listen()
    waiting = current_engine().peek(auction_id, UNRECORDED_MAX)
    recorded = queries.recorded_sequence(auction_id) or 0
    pushed_out = [
        entry.sequence for entry in waiting if isinstance(entry, Entry) and entry.alert and entry.displaced == person
    ]
    unrecorded = [sequence for sequence in pushed_out if sequence > recorded]
    return max([*unrecorded, inbox.unseen_rank_out(person, auction_id)]), recorded


def _capacity() -> Capacity:
    return cast(Capacity, current_app.extensions["sockets"])


# The socket


@blueprint.get(PATH)
def upgrade_only(auction_id: int) -> Response:
    """A plain request for the socket's address."""
    return _to_upgrade()


def _to_upgrade() -> Response:
    spoken = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": handshake.VERSION}
    return Response(status=426, headers=spoken)


@sock.route(PATH, bp=blueprint)
def live(ws: Server, auction_id: int) -> None:
    """One socket: the present board (and, signed in, the standing) first, then every change and every alert."""
    principal: Principal | None = g.watching
    watcher = Watcher(auction_id, _locale())
    if principal:
        watcher.person, watcher.epoch = principal.id, principal.epoch
        watcher.missed, watcher.sought_through = g.missed, g.sought_through
    set_sockets(_capacity().taken())
    present = hub()
    present.join(watcher)
    try:
        serve(ws, watcher.mailbox, _session_check(principal, watcher))
    finally:
        present.leave(watcher)


def _locale() -> str:
    asked = request.args.get("lang", "")
    return asked if asked in LANGUAGES else str(get_locale())


def _session_check(principal: Principal | None, watcher: Watcher) -> Callable[[], bool]:
    """Whether the session behind a socket still lives. While the tables are away the browser is asked to come back."""

    def still_signed_in() -> bool:
        fresh = Principal.parse(principal.get_id()) if principal else None
        try:
            return fresh is not None and fresh.row is not None
        except SQLAlchemyError:
            watcher.mailbox.end(SERVICE_RESTART)
            return True
        finally:
            db.session.remove()

    return still_signed_in


# Setting up


@blueprint.record_once
def prepare(state: Any) -> None:
    """Give the application its hub and its capacity. Starts nothing and connects to nothing."""
    app: Flask = state.app
    settings: Settings = app.extensions["settings"]
    # Universities and mobile carriers share addresses; an address is held to a share of a production process only.
    address = max(64, settings.sockets_max // 4) if settings.production else settings.sockets_max
    app.extensions["sockets"] = Capacity(Limits(settings.sockets_max, address, PERSON_SOCKETS))
    app.extensions["hub"] = Hub(
        app.extensions["engine"],
        lambda: connect(settings.redis_url),
        Frames(app, settings.base_url).rendering,
        lambda: connect(settings.queue_redis_url),
    )
    _hubs.add(app.extensions["hub"])
