"""The class of the application and Flask's extensions, unbound. Every room imports them from here; the factory binds
them to an application."""

from collections.abc import Callable
from typing import Any, cast

import werkzeug.wrappers
from flask import Flask, Request, Response
from flask_babel import Babel
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_sock import Sock
from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session
from sqlalchemy import Engine, MetaData
from sqlalchemy.orm import DeclarativeBase
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.sansio.http import parse_cookie
from werkzeug.utils import cached_property

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class SmallRequest(Request):
    """A request whose body is at most a form. The limits are no settings, which would be looked up for each body."""

    max_content_length = 64 * 1024
    max_form_memory_size = 64 * 1024
    max_form_parts = 1_000

    # Without Flask's look whether it debugs, to explain a file that was sent by a form for none.
    _load_form_data = werkzeug.wrappers.Request._load_form_data

    @cached_property
    def cookies(self) -> ImmutableMultiDict[str, str]:
        """The cookies, as the library parses them, which first looks through all headers for theirs."""
        sent = self.environ.get("HTTP_COOKIE")
        return cast("ImmutableMultiDict[str, str]", parse_cookie(sent, cls=ImmutableMultiDict))


class FinishedResponse(Response):
    """A response whose headers are sent as they are, where the library would make a copy and change nothing in it."""

    @classmethod
    def force_type(cls, response: Any, environ: dict[str, Any] | None = None) -> Any:
        """The answer as one of this class. An answer of a class of its own stays one: that of a socket that has ended
        tells the server to send nothing."""
        if isinstance(response, Response) and type(response) is not Response:
            return response
        return super().force_type(response, environ)

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
        """The headers to send. The library's own way for what it completes: addresses in headers, answers without a
        body, bodies of unknown length."""
        names = {name.lower() for name, _ in self.headers}
        has_body = self.status_code >= 200 and self.status_code not in (204, 304)
        if has_body and "content-length" in names and names.isdisjoint(("location", "content-location")):
            return self.headers
        return super().get_wsgi_headers(environ)


class Application(Flask):
    """Flask for views and hooks that are plain functions: it does not look at each call whether one is a coroutine."""

    request_class = SmallRequest
    response_class = FinishedResponse

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class Base(DeclarativeBase):
    """Base of every table. It names constraints, so that migrations find them on both databases."""

    metadata = MetaData(naming_convention=NAMING)


class RoutedSession(Session):
    """The session of a request. While `copy` is set, it reads there instead of in the primary."""

    copy: Engine | None = None

    def get_bind(self, mapper: Any = None, clause: Any = None, bind: Any = None, **kwargs: Any) -> Any:
        if self.copy is not None and bind is None:
            return self.copy
        return super().get_bind(mapper=mapper, clause=clause, bind=bind, **kwargs)


class CookielessLogin(LoginManager):
    """Flask-Login without its remember-me cookie: to renew that cookie it reads the session in every request, which
    marks even public pages as varying by cookie."""

    def _update_remember_cookie(self, response: Response) -> Response:
        return response


db = SQLAlchemy(model_class=Base, session_options={"class_": RoutedSession})
migrate = Migrate()
login_manager = CookielessLogin()
sock = Sock()
babel = Babel()
