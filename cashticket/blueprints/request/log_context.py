"""What every log line of a request says about it: its code, the client's network and the endpoint.

The code names one request: nginx gives it (header X-Request-ID), and error pages show it. It is no bid's `request_id`.
"""

import os
import re

from flask import Blueprint, Response, g

from cashticket.accounts.security_log import SecurityEvent, has_line, record
from cashticket.blueprints.request.context import present_request, sent_header
from cashticket.logs.clients import shortened
from cashticket.logs.context import clear_context, set_context
from cashticket.wiring import current_settings

blueprint = Blueprint("log_context", __name__)

HEADER = "HTTP_X_REQUEST_ID"
CODE = re.compile(r"[A-Za-z0-9_-]{8,64}")


@blueprint.before_app_request
def bind() -> None:
    """Give the lines of this request their context. The thread's last request may have left its own."""
    request = present_request()
    g.request_code = code = _given_code() or os.urandom(16).hex()
    set_context(request_id=code, client=shortened(request.remote_addr), endpoint=request.endpoint)


@blueprint.after_app_request
def record_limit(response: Response) -> Response:
    """Write a security line for a 429 that no door has recorded more exactly."""
    if response.status_code == 429 and not has_line():
        record(SecurityEvent.LIMIT_HIT)
    return response


@blueprint.teardown_app_request
def unbind(error: BaseException | None) -> None:
    clear_context()


def request_code() -> str:
    """The code of this request; "" before it has one."""
    return str(g.get("request_code", ""))


def _given_code() -> str | None:
    """The code from the header, believed only of a proxy that we trust."""
    given = sent_header(HEADER)
    if given is None or not current_settings().proxies or not CODE.fullmatch(given):
        return None
    return given
