"""Turns exceptions into error responses: a page for people, a piece for htmx, an RFC 9457 document for programs.

If rendering fails, a static page is sent.
"""

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import redis
from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _
from markupsafe import escape
from sqlalchemy.exc import DisconnectionError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from cashticket.accounts.passwords import TooBusy
from cashticket.blueprints.request.log_context import request_code
from cashticket.blueprints.request.negotiation import is_piece_request, problem_response, wants_json
from cashticket.blueprints.request.rate_limits import LimitReached
from cashticket.blueprints.request.security import CsrfRefused
from cashticket.blueprints.wording import limits
from cashticket.engine.interface import OutcomeUnknown, Paused, StoreUnavailable, UnknownAuction
from cashticket.engine.pauses import (
    BACKLOG_FULL,
    DISK_FULL,
    MEMORY,
    NO_REPLICAS,
    NOT_WRITING,
    OPERATOR,
    OVERDUE,
    REPLICA_AWAY,
    WITNESS,
)
from cashticket.logs.failures import failure_text
from cashticket.models import units

blueprint = Blueprint("errors", __name__)
log = logging.getLogger(__name__)

RETRY_SECONDS = 2
PAUSE_SECONDS = 5


def title_and_advice(status: int) -> tuple[str, str]:
    """Title and advice for an HTTP status, in the reader's language."""
    texts = {
        400: (_("That request could not be read"), _("Go back, reload the page and try again.")),
        401: (_("Please sign in"), _("Sign in and try again.")),
        403: (_("Not allowed"), _("Your account may not do this.")),
        404: (_("Page not found"), _("Check the address, or look for the concert in the list.")),
        405: (_("That does not work here"), _("Go back and use the buttons of the page.")),
        409: (_("Already changed"), _("Reload the page to see how things stand now.")),
        413: (_("Too much at once"), _("Send less and try again.")),
        429: (_("Too many tries"), _("Wait a moment and try again.")),
        500: (_("Something broke on our side"), _("We have been told. Your accepted bids are safe.")),
        503: (_("Out of reach for a moment"), _("Your accepted bids are safe. Try again in a few seconds.")),
        504: (_("The result is being checked"), _("Send the same request again to learn its result.")),
    }
    if status in texts:
        return texts[status]
    return texts[400] if status < 500 else texts[500]


@blueprint.record_once
def log_bugs_safely(state: Any) -> None:
    """Have the application log unhandled exceptions here: its own line would quote the path, and with it a token."""
    state.app.log_exception = lambda exc_info: log.error("an error was not handled", exc_info=exc_info)


@blueprint.app_errorhandler(HTTPException)
def on_http_error(error: HTTPException) -> Response:
    if error.response is not None or error.code is None or error.code < 400:
        return make_response(error.get_response())
    headers = {key: value for key, value in error.get_headers() if key in ("Allow", "Retry-After", "WWW-Authenticate")}
    return error_response(error.code, headers)


@blueprint.app_errorhandler(CsrfRefused)
def on_csrf_refused(error: CsrfRefused) -> Response:
    return stale_form_response()


def stale_form_sentence() -> str:
    """What a form says that comes back because its token was out of date."""
    sentence = _(
        "This page was out of date, so nothing was done. What you typed is still here, except passwords: "
        "please send it again."
    )
    return str(sentence)


def stale_form_response() -> Response:
    """400 for a form that cannot be shown again."""
    return error_response(
        400, title=_("This page is out of date"), detail=_("Reload the page and send it again: nothing was changed.")
    )


@blueprint.app_errorhandler(UnknownAuction)
@blueprint.app_errorhandler(StoreUnavailable)
@blueprint.app_errorhandler(redis.RedisError)
@blueprint.app_errorhandler(OperationalError)
@blueprint.app_errorhandler(InterfaceError)
@blueprint.app_errorhandler(DisconnectionError)
@blueprint.app_errorhandler(PoolTimeout)
def on_store_unavailable(error: Exception) -> Response:
    """503 when a store does not answer, or lost an auction while a door asked about it; the same request may be sent
    again soon."""
    log.error("a store is unavailable: %s", failure_text(error))
    units.end_session()
    return error_response(503, {"Retry-After": str(RETRY_SECONDS)})


@blueprint.app_errorhandler(Paused)
def on_paused(error: Paused) -> Response:
    """503 while bidding is paused. Nothing was changed; the same bid may be sent again."""
    if error.reason in (BACKLOG_FULL, DISK_FULL, MEMORY, NO_REPLICAS, NOT_WRITING, REPLICA_AWAY):
        detail = _(
            "No bid could be kept safely at this moment, so none is taken. No chance was spent; try again shortly."
        )
    elif error.reason == WITNESS:
        detail = _("After a failure our staff looks for every accepted bid, so no bid is taken. No chance was spent.")
    elif error.reason in (OPERATOR, OVERDUE):
        detail = _("Our staff has paused bidding, so no bid is taken. No chance was spent.")
    else:
        detail = _("This auction is being checked, so no bid is taken. No chance was spent; try again shortly.")
    headers = {"Retry-After": str(PAUSE_SECONDS)}
    return error_response(503, headers, title=_("Bidding is paused"), detail=detail, is_pause=True)


@blueprint.app_errorhandler(LimitReached)
@blueprint.app_errorhandler(TooBusy)
def on_later(error: LimitReached | TooBusy) -> Response:
    """429 or 503 that says when to try again."""
    return again_later(error, lambda status, text: None)


def again_later(error: LimitReached | TooBusy, form: Callable[[int, str], Response | None]) -> Response:
    """What `form` returns for a status and the reason: the form as it was typed. Without one, the error page.

    429 when a limit is reached, 503 while too many passwords are being checked; Retry-After says when to try again.
    """
    if isinstance(error, LimitReached):
        status, seconds, text = 429, error.seconds, limits.reached(error.limit, error.seconds)
    else:
        status, seconds, text = 503, limits.BUSY_SECONDS, limits.busy()
    headers = {"Retry-After": str(seconds)}
    answer = None if wants_json() else form(status, text)
    if answer is None:
        return error_response(status, headers, detail=text)
    answer.headers.update(headers)
    return answer


@blueprint.app_errorhandler(OutcomeUnknown)
def on_outcome_unknown(error: OutcomeUnknown) -> Response:
    """504 for a read that got no answer. The bid door handles its own."""
    log.error("no answer from the live store: %s", failure_text(error))
    return error_response(504, {"Retry-After": str(RETRY_SECONDS)})


def error_response(
    status: int,
    headers: dict[str, str] | None = None,
    title: str | None = None,
    detail: str | None = None,
    *,
    is_pause: bool = False,
) -> Response:
    """The error as page, piece or problem document, as the request prefers. Never raises. `is_pause`: it is untrue once
    bidding goes on, so the page takes the piece away then."""
    try:
        default_title, default_detail = title_and_advice(status)
        title, detail = title or default_title, detail or default_detail
        if wants_json():
            return problem_response(status, title, detail, headers, code=request_code())
        name = "errors/_error.html" if is_piece_request() else "errors/error.html"
        body = render_template(name, status=status, title=title, detail=detail, code=request_code(), is_pause=is_pause)
    except Exception:
        log.exception("the error page failed")
        body = _last_resort(status)
    return Response(body, status, headers, content_type="text/html; charset=utf-8")


def _last_resort(status: int) -> str:
    phrase = escape(HTTPStatus(status).phrase)
    return f'<!doctype html><html lang="en"><title>{phrase}</title><h1>{phrase}</h1><p><a href="/">CashTicket</a></p>'
