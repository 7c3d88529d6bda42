"""Whom the session of a request names. Every request asks, so nothing is read twice and nothing that is not needed."""

from typing import Any

from flask import g
from flask.sessions import SessionMixin

from cashticket.accounts.sessions import Principal
from cashticket.blueprints.request.context import present_context
from cashticket.blueprints.request.session_free import SESSION_FREE


def session_of_somebody() -> SessionMixin | None:
    """The session, if it names somebody. Reading it marks the response as varying by cookie; a proxy keeps also errors
    of a door that is the same for everybody, so nothing is read there."""
    context = present_context()
    content = context._session
    if content is None or "_user_id" not in content or context.request.endpoint in SESSION_FREE:
        return None
    return context.session


def principal_of(content: SessionMixin) -> Principal | None:
    """The principal that this request's session names, read once; None after signing out, or for no valid name.

    It is where Flask-Login keeps it, whose own look-up would also compare address and browser, and read more cookies.
    """
    present: Any = g._get_current_object()
    if "_login_user" not in present:
        present._login_user = Principal.parse(content["_user_id"])
    principal = present._login_user
    return principal if isinstance(principal, Principal) else None
