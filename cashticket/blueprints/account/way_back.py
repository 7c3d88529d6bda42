"""The page from which somebody came to sign in or up, kept from the sign-up form over the mail's link to the sign-in.

It is a path of this site or nothing. The session of the browser keeps it until somebody signs in there.
"""

from urllib.parse import quote

from flask import request, session

from cashticket.blueprints.request.redirects import HOME, safe_next

__all__ = ["HOME", "asked_for", "keep", "leading_back", "way_on"]

NEXT = "sign_up_next"


def asked_for() -> str:
    """The `next` of this request, from its form or its address; the home page for anything that is not ours."""
    return safe_next(request.values.get("next"))


def keep() -> None:
    """Keep the `next` of this request for when the address is confirmed. Without one, forget an earlier one."""
    target = asked_for()
    if target == HOME:
        session.pop(NEXT, None)
    else:
        session[NEXT] = target


def way_on() -> str:
    """The page that `keep` kept in this browser, judged again; else the home page."""
    target = session.get(NEXT)
    return safe_next(target) if isinstance(target, str) else HOME


def leading_back(path: str) -> str:
    """The address of a page on the way to a session, such as /login, that leads on to what was kept."""
    target = way_on()
    return path if target == HOME else f"{path}?next={quote(target)}"
