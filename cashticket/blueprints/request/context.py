"""The request itself, for what runs in every request: `flask.request` looks it up again for each attribute."""

from flask import Request, request
from flask.ctx import RequestContext
from flask.globals import request_ctx


def present_context() -> RequestContext:
    """The context of this request. Raises RuntimeError outside one."""
    context: RequestContext = request_ctx._get_current_object()  # type: ignore[attr-defined]
    return context


def present_request() -> Request:
    """This request. Raises RuntimeError outside one."""
    present: Request = request._get_current_object()  # type: ignore[attr-defined]
    return present


def sent_header(variable: str) -> str | None:
    """A header of this request by its name in WSGI, such as HTTP_ORIGIN; None when it was not sent.

    `Headers.get` raises and catches an error for each header that is absent, which most are.
    """
    value: str | None = present_request().environ.get(variable)
    return value
