"""CashTicket: a live auction for the VIP seats of a concert. This module holds the application factory."""

import os
from importlib import import_module
from pathlib import Path

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from cashticket import blueprints, config
from cashticket.blueprints.request.languages import select_locale
from cashticket.compiled_texts import compile_texts
from cashticket.extensions import babel, csrf, db, login_manager, migrate, sock
from cashticket.locale import DEFAULT_LANGUAGE, SEOUL
from cashticket.logs import setup
from cashticket.models import units
from cashticket.wiring import wire

ROOT = Path(__file__).resolve().parent.parent
COMMANDS: tuple[str, ...] = ("auction", "concert", "user", "operator_acts", "demo")


def create_app(settings: config.Settings | None = None) -> Flask:
    """Build the application from `settings`, by default from the environment. Raises SettingsError."""
    settings = settings or config.load(os.environ, ROOT / "instance")
    # Before the application, which would give its logger a handler of its own.
    setup.configure(settings.app_env, settings.version)
    app = Flask(__name__, instance_path=str(settings.instance))
    _configure(app, settings)
    _bind_extensions(app, settings)
    _register(app)
    return app


def _configure(app: Flask, settings: config.Settings) -> None:
    url = settings.database_url
    secure = settings.base_url.startswith("https://")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        TESTING=settings.app_env == "testing",
        SQLALCHEMY_DATABASE_URI=url,
        SQLALCHEMY_ENGINE_OPTIONS=units.engine_options(url),
        SESSION_COOKIE_NAME="__Host-cashticket" if secure else "cashticket",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        # An auction page stays open for hours, so the token lives as long as its session.
        WTF_CSRF_TIME_LIMIT=None,
        # blueprints.request.security checks token and origin together, once the person is known.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_SSL_STRICT=False,
        MAX_CONTENT_LENGTH=64 * 1024,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
        BABEL_DEFAULT_LOCALE=DEFAULT_LANGUAGE,
        BABEL_DEFAULT_TIMEZONE=SEOUL.key,
        # A socket that answers neither of two pings is closed, within 30 seconds.
        SOCK_SERVER_OPTIONS={"ping_interval": 12, "max_message_size": 1024},
    )
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
    csrf.init_app(app)
    sock.init_app(app)
    compile_texts()
    babel.init_app(app, locale_selector=select_locale)
    wire(app, settings)


def _register(app: Flask) -> None:
    blueprints.register(app)
    for name in COMMANDS:
        app.cli.add_command(import_module(f"cashticket.cli.{name}").group)
