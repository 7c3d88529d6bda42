"""How cookies are named and set: over TLS only this host can set or read them, and no script can."""

from flask import Response, current_app


def cookie_name(name: str, *, secure: bool) -> str:
    """The name of a cookie. Over TLS its prefix makes browsers refuse one that another host or plain HTTP has set."""
    return f"__Host-{name}" if secure else name


def own_cookie_name(name: str) -> str:
    """The name of a cookie on this site."""
    return cookie_name(name, secure=_is_secure())


def set_own_cookie(response: Response, name: str, value: str, max_age: int) -> None:
    """Set a cookie that lasts `max_age` seconds; other sites send it only when somebody follows a link to us."""
    response.set_cookie(
        own_cookie_name(name), value, max_age=max_age, secure=_is_secure(), httponly=True, samesite="Lax"
    )


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
