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
from cashticket.blueprints.request.context import present_request
from cashticket.blueprints.request.log_context import request_code
from cashticket.blueprints.request.negotiation import is_piece_request, problem_response, wants_json
from cashticket.blueprints.request.pages_again import page_again
from cashticket.blueprints.request.rate_limits import LimitReached
from cashticket.blueprints.request.redirects import HOME, page_to_return_to
from cashticket.blueprints.request.security import SAFE_METHODS, CsrfRefused, FormStale
from cashticket.blueprints.wording import failures, limits
from cashticket.engine.interface import OutcomeUnknown, Paused, StoreUnavailable, UnknownAuction
from cashticket.logs.failures import failure_text
from cashticket.models import units

blueprint = Blueprint("errors", __name__)
log = logging.getLogger(__name__)

RETRY_SECONDS = 2
PAUSE_SECONDS = 5


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
    # A page of another site does not choose where ours leads.
    return stale_form_response(leads_back=isinstance(error, FormStale))


def stale_form_title() -> str:
    return str(_("This page is out of date"))


def stale_form_sentence() -> str:
    """What a form says that comes back because its token was out of date."""
    sentence = _(
        "This page was out of date, so nothing was done. What you typed is still here, except passwords: "
        "please send it again."
    )
    return str(sentence)


def stale_form_response(*, leads_back: bool = True) -> Response:
    """400 for a form whose token is out of date: its page again, or the way back to it. Not `leads_back`: home."""
    again = page_again(400, stale_form_sentence()) if leads_back else None
    return again or error_response(
        400,
        title=stale_form_title(),
        detail=_("Reload the page and send it again: nothing was changed."),
        back=page_to_return_to() if leads_back else HOME,
    )


@blueprint.app_errorhandler(UnknownAuction)
@blueprint.app_errorhandler(StoreUnavailable)
def on_live_store_away(error: Exception) -> Response:
    """503 when the live store is away, or lost an auction while a door asked about it: nothing was done, so the same
    request may be sent again soon."""
    log.error("a store is unavailable: %s", failure_text(error))
    units.end_session()
    if _is_look():
        return _nothing_to_show()
    detail = failures.no_bid_now() if present_request().blueprint == "bids" else None
    return error_response(503, {"Retry-After": str(RETRY_SECONDS)}, detail=detail)


@blueprint.app_errorhandler(redis.RedisError)
@blueprint.app_errorhandler(OperationalError)
@blueprint.app_errorhandler(InterfaceError)
@blueprint.app_errorhandler(DisconnectionError)
@blueprint.app_errorhandler(PoolTimeout)
def on_store_unavailable(error: Exception) -> Response:
    """503 when the database or the queue store does not answer; the same request may be sent again soon."""
    log.error("a store is unavailable: %s", failure_text(error))
    units.end_session()
    return error_response(503, {"Retry-After": str(RETRY_SECONDS)})


@blueprint.app_errorhandler(Paused)
def on_paused(error: Paused) -> Response:
    """503 while bidding is paused. Nothing was changed; the same bid may be sent again."""
    headers = {"Retry-After": str(PAUSE_SECONDS)}
    return error_response(
        503, headers, title=_("Bidding is paused"), detail=failures.paused(error.reason), is_pause=True
    )


@blueprint.app_errorhandler(LimitReached)
@blueprint.app_errorhandler(TooBusy)
def on_later(error: LimitReached | TooBusy) -> Response:
    """429 or 503 that says when to try again; a form of somebody signed in comes back."""
    return again_later(error, page_again)


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
    """503 for a look at an auction that got no answer, 504 for an act whose result is unknown. The bid door has its
    own answer."""
    log.error("no answer from the live store: %s", failure_text(error))
    if _is_look():
        return _nothing_to_show()
    return error_response(504, {"Retry-After": str(RETRY_SECONDS)})


def _is_look() -> bool:
    """Whether this request changes nothing, so that its answer need not speak of a bid."""
    return present_request().method in SAFE_METHODS


def _nothing_to_show() -> Response:
    """503 to somebody who only looked at what the live store knows."""
    title, detail = failures.nothing_to_show()
    return error_response(503, {"Retry-After": str(RETRY_SECONDS)}, title=title, detail=detail)


def error_response(
    status: int,
    headers: dict[str, str] | None = None,
    title: str | None = None,
    detail: str | None = None,
    *,
    is_pause: bool = False,
    back: str | None = None,
) -> Response:
    """The error as page, piece or problem document, as the request prefers. Never raises. `is_pause`: it is untrue once
    bidding goes on, so the page takes the piece away then. `back` is the page that the error page leads back to; else
    that of the form that was sent, because its own address may show nothing."""
    try:
        default_title, default_detail = failures.title_and_advice(status)
        title, detail = title or default_title, detail or default_detail
        if wants_json():
            return problem_response(status, title, detail, headers, code=request_code())
        if back is None:
            back = HOME if present_request().method in SAFE_METHODS else page_to_return_to()
        name = "errors/_error.html" if is_piece_request() else "errors/error.html"
        shown = {"title": title, "detail": detail, "code": request_code(), "is_pause": is_pause, "back": back}
        body = render_template(name, status=status, **shown)
    except Exception:
        log.exception("the error page failed")
        body = _last_resort(status)
    return Response(body, status, headers, content_type="text/html; charset=utf-8")


def _last_resort(status: int) -> str:
    phrase = escape(HTTPStatus(status).phrase)
    return f'<!doctype html><html lang="en"><title>{phrase}</title><h1>{phrase}</h1><p><a href="/">CashTicket</a></p>'
