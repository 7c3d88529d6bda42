"""The WebSocket of every page of a signed-in person that has none of its own: alerts of all auctions, and that a notice
was stored. Refused before the handshake like the socket of an auction page.
"""

import logging

from flask import Blueprint, Response, abort, g
from simple_websocket import Server
from sqlalchemy.exc import SQLAlchemyError

from cashticket.accounts.sessions import Principal
from cashticket.blueprints.request import sockets
from cashticket.blueprints.request.identity import signed_in_page
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction
from cashticket.extensions import sock
from cashticket.ledger import queries
from cashticket.live.watcher import Watcher
from cashticket.logs.failures import failure_text
from cashticket.wiring import current_engine, current_hub
from cashticket.work.missed_alerts import repeat_missed_alerts

blueprint = Blueprint("my_live", __name__)
blueprint.teardown_request(sockets.give_back_seat)

log = logging.getLogger(__name__)

PATH = "/me/live"


@blueprint.before_request
def admit() -> Response | None:
    """Refuse what is no handshake, foreign pages, everybody without a living session, and sockets beyond capacity."""
    if not sockets.is_asked_for():
        return None
    if refused := sockets.refusal():
        return refused
    try:
        g.watching = sockets.living_session() or abort(401)
    finally:
        # The application context lives as long as the socket, and a connection taken here would stay with it.
        queries.forget()
    sockets.take_seat(g.watching)
    return None


@blueprint.get(PATH)
@signed_in_page
def upgrade_only() -> Response:
    """Answers a plain request for the socket's address."""
    return sockets.upgrade_required()


@sock.route(PATH, bp=blueprint)
def live(ws: Server) -> None:
    """One socket: alerts that were missed first, then every alert, and a word for each new notice."""
    principal: Principal = g.watching
    watcher = Watcher(None, sockets.socket_locale(), principal.id, principal.epoch)
    # What this process hears from now on it sends or remembers, so nothing falls between search and socket.
    current_hub().listen()
    sockets.serve_watcher(ws, watcher, principal, lambda: _repeat_missed(watcher))


def _repeat_missed(watcher: Watcher) -> None:
    """Send what was missed, as far as the stores answer: what was not found stands in the notices."""
    try:
        repeat_missed_alerts(current_hub(), current_engine(), watcher)
    except (OutcomeUnknown, StoreUnavailable, UnknownAuction, SQLAlchemyError) as error:
        log.warning("missed alerts of a person could not be looked up: %s", failure_text(error))
    finally:
        queries.forget()
