"""CashTicket: a live auction for the VIP seats of a concert. This module holds the application factory."""

import logging
import os
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from cashticket import blueprints, config
from cashticket.accounts.open_sessions import AGE_MAX
from cashticket.blueprints.request.cookies import cookie_name
from cashticket.blueprints.request.languages import select_locale
from cashticket.compiled_texts import compile_texts
from cashticket.extensions import Application, babel, db, login_manager, migrate, sock
from cashticket.locale import DEFAULT_LANGUAGE, SEOUL
from cashticket.logs import setup
from cashticket.models import units
from cashticket.signing import Sha256Sessions
from cashticket.wiring import wire

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
COMMANDS: tuple[str, ...] = (
    "auction",
    "award",
    "concert",
    "organiser",
    "user",
    "post",
    "operator_acts",
    "ops",
    "lab",
    "demo",
)


def create_app(settings: config.Settings | None = None) -> Flask:
    """Build the application from `settings`, by default from the environment. Raises SettingsError."""
    settings = settings or config.load(os.environ, ROOT / "instance")
    # Before the application, which would give its logger a handler of its own.
    setup.configure(settings.app_env, settings.version)
    if settings.production:
        for link in config.unencrypted_links(settings):
            log.warning("%s", link)
    app = Application(__name__, instance_path=str(settings.instance))
    _configure(app, settings)
    _bind_extensions(app, settings)
    _register(app)
    return app


def _configure(app: Flask, settings: config.Settings) -> None:
    url = settings.database_url
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key or None,
        # The library expects the oldest key first.
        SECRET_KEY_FALLBACKS=list(reversed(settings.secret_key_fallbacks)),
        TESTING=settings.app_env == "testing",
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS=units.engine_options(url),
        SESSION_COOKIE_NAME=cookie_name("cashticket", secure=secure),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        # Of signed-in people; it outlives the browser's window. Written only when something in it changes.
        PERMANENT_SESSION_LIFETIME=AGE_MAX,
        SESSION_REFRESH_EACH_REQUEST=False,
        BABEL_DEFAULT_LOCALE=DEFAULT_LANGUAGE,
        BABEL_DEFAULT_TIMEZONE=SEOUL.key,
        # A socket that answers neither of two pings is closed, within 30 seconds.
        SOCK_SERVER_OPTIONS={"ping_interval": 12, "max_message_size": 1024},
    )
    app.session_interface = Sha256Sessions()
    if settings.proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies, x_host=settings.proxies
        )


def _bind_extensions(app: Flask, settings: config.Settings) -> None:
    db.init_app(app)
    # Registered before the extension's own teardown, which could fail on a lost connection and lose the response.
    app.teardown_appcontext(lambda error: units.end_session())
    with app.app_context():
        units.prepare(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    # Its own context processor would read the session for every template; blueprints.request.identity has a lazy one.
    login_manager.init_app(app, add_context_processor=False)
    sock.init_app(app)
    compile_texts()
    babel.init_app(app, locale_selector=select_locale)
    wire(app, settings)


def _register(app: Flask) -> None:
    blueprints.register(app)
    for name in COMMANDS:
        if name == "demo" and find_spec("cashticket.cli.demo") is None:
            # The image of production leaves it out.
            continue
        app.cli.add_command(import_module(f"cashticket.cli.{name}").group)
