"""What production asks of the environment beyond what can be read: what must be there, and what may not."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from cashticket.config.addresses import base_problem
from cashticket.config.identities import unsafe_identity
from cashticket.config.key_strength import weakness
from cashticket.config.reading import listed
from cashticket.config.settings import Role
from cashticket.notify import push_hosts

DATABASES = ("DATABASE_URL", "DATABASE_READER_URL", "MIGRATION_DATABASE_URL")
_STORES = ("DATABASE_URL", "REDIS_URL")
REQUIRED_IN_PRODUCTION = {
    Role.ALL: ("SECRET_KEY", *_STORES, "MAIL_URL", "BASE_URL"),
    Role.WEB: ("SECRET_KEY", *_STORES, "BASE_URL"),
    Role.MAIL: ("SECRET_KEY", *_STORES, "MAIL_URL", "BASE_URL"),
    Role.PUSH: ("SECRET_KEY", *_STORES, "BASE_URL"),
    Role.WORKER: ("SECRET_KEY", *_STORES),
    Role.MIGRATION: (),
}
SENDING = {
    "MAIL_URL": "links to accounts lying about; give smtp:// or smtps://",
    "SMS_URL": "codes lying about; give https://, or leave it out",
}
"""Setting → what is wrong with its kinds for development, and what to give."""


def missing(environ: Mapping[str, str], role: Role) -> Iterator[tuple[str, str]]:
    """Yield name and sentence for each setting that a process of this role needs in production and does not have."""
    for name in REQUIRED_IN_PRODUCTION[role]:
        if not environ.get(name):
            yield name, f"{name} must be set in production."
    if role is Role.MIGRATION and not (environ.get("MIGRATION_DATABASE_URL") or environ.get("DATABASE_URL")):
        yield "MIGRATION_DATABASE_URL", "MIGRATION_DATABASE_URL or DATABASE_URL must be set in production."


def unsafe(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield name and sentence for what may be set for development and would put people at risk in production."""
    if environ.get("RATE_LIMITS") == "off":
        yield "RATE_LIMITS", "RATE_LIMITS=off is for tests and load; it is refused in production."
    if any(entry.startswith(push_hosts.LOCAL) for entry in listed(environ.get("PUSH_HOSTS") or "")):
        yield (
            "PUSH_HOSTS",
            "PUSH_HOSTS names a service on this machine, which is for tests; it is refused in production.",
        )
    if (key := environ.get("SECRET_KEY")) and (problem := weakness(key)):
        yield "SECRET_KEY", f"SECRET_KEY {problem}."
    for number, key in enumerate(listed(environ.get("SECRET_KEY_FALLBACKS") or ""), 1):
        if problem := weakness(key):
            yield "SECRET_KEY_FALLBACKS", f"SECRET_KEY_FALLBACKS: key {number} {problem}, or leave it out."
    yield from unsafe_identity(environ)
    yield from _for_development(environ)
    address = environ.get("BASE_URL")
    if address and base_problem(address) is None and urlsplit(address).scheme != "https":
        yield "BASE_URL", "BASE_URL must begin with https:// in production, so that cookies are sent over TLS alone."


def _for_development(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what names a database or a way to send that is for development."""
    for name in DATABASES:
        if (environ.get(name) or "").startswith("sqlite"):
            yield name, f"{name} names SQLite, which is for development; production needs MySQL 8 or MariaDB."
    for name, sentence in SENDING.items():
        if (environ.get(name) or "").partition(":")[0] in ("file", "console"):
            yield name, f"{name} sends nothing: file: and console: leave {sentence}."
