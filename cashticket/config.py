"""The only reader of the environment. Every setting has a type, a default for development, and one sentence.

A new setting needs a field of `Settings`, a row of `READERS`, and a sentence in `_problems` if it can be malformed.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from cashticket.instance_files import embedded_socket, generated_key

ENVIRONMENTS = ("development", "testing", "production")
REQUIRED_IN_PRODUCTION = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL")
WHOLE_NUMBERS = ("PORT", "SOCKETS_MAX", "PROXIES", "BACKLOG_MAX", "DISK_FREE_MIN")

FORMER_NAMES = {"BACKLOG_MOST": "BACKLOG_MAX", "DISK_FREE_LEAST": "DISK_FREE_MIN"}
"""Former name → present name of a setting. The former one is read while the present one is not set."""


class SettingsError(Exception):
    """The environment is not usable; the message lists every problem."""


@dataclass(frozen=True, slots=True)
class Settings:
    # development (default), testing or production; production refuses to start half configured.
    app_env: str
    # Signs sessions, mail links and CSRF tokens; generated into instance/ in development.
    secret_key: str
    # SQLAlchemy URL of the ledger; SQLite in instance/ unless set.
    database_url: str
    # The live store (fsync always, noeviction, its own instance in production); the embedded one unless set.
    redis_url: str
    # RQ, cache, limits and leases; the live store unless set.
    queue_redis_url: str
    # smtp://user:password@host:port, console: or file:DIRECTORY (one .eml each).
    mail_url: str
    # Address at which people reach the site; used in mail links and for the origin check of sockets.
    base_url: str
    # Where to report a weakness, as mailto: or https:; the mailbox `security` of the site unless set.
    security_contact: str
    # Port of `make run` on 127.0.0.1.
    port: int
    # False only for tests and load (RATE_LIMITS=off); refused in production.
    rate_limits: bool
    # Sockets one process serves before it answers 503 and the page polls instead.
    sockets_max: int
    # How many trusted proxies stand in front (nginx: 1). 0 believes no forwarding header.
    proxies: int
    # Accepted bids of one auction that may wait to be recorded before further ones are turned away.
    backlog_max: int
    # Folders on the disks of live store and ledger, colons between, where this machine has them; bidding pauses while
    # one is nearly full. The embedded store's and SQLite's folders unless set.
    disk_paths: tuple[Path, ...]
    # Bytes that must stay free there; 0: a tenth of the disk, or 1 GiB where that is less.
    disk_free_min: int
    # Folder of the re-encoded poster pictures; in instance/ unless set. All web processes must see the same one.
    posters: Path
    # Name of this release in log lines, such as a commit.
    version: str
    # Folder for everything made by running: key, database, embedded store, mail.
    instance: Path
    # True when no REDIS_URL was given, so that `make run` starts the store in instance/.
    embedded_store: bool

    @property
    def production(self) -> bool:
        return self.app_env == "production"


def load(environ: Mapping[str, str], instance: Path) -> Settings:
    """Return the settings that `environ` gives. Raises SettingsError naming every missing or malformed one."""
    environ = _with_present_names(environ)
    if problems := list(_problems(environ)):
        raise SettingsError("CashTicket cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
    values = {name: read(environ, instance) for name, read in READERS.items()}
    return Settings(**values, instance=instance, embedded_store=_uses_embedded_store(environ))


def _with_present_names(environ: Mapping[str, str]) -> Mapping[str, str]:
    """`environ`, with a setting given only under its former name moved to its present one."""
    former = {new: environ[old] for old, new in FORMER_NAMES.items() if old in environ and new not in environ}
    return {**environ, **former}


def _problems(environ: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each setting that is missing or malformed."""
    app_env = environ.get("APP_ENV", "development")
    if app_env not in ENVIRONMENTS:
        yield f"APP_ENV is {app_env!r}; use one of {', '.join(ENVIRONMENTS)}."
    if app_env == "production":
        yield from (f"{name} must be set in production." for name in REQUIRED_IN_PRODUCTION if not environ.get(name))
        if environ.get("RATE_LIMITS") == "off":
            yield "RATE_LIMITS=off is for tests and load; it is refused in production."
    for name in WHOLE_NUMBERS:
        text = environ.get(name, "")
        if text and not (text.isascii() and text.isdigit()):
            yield f"{name} is {text!r}; give a whole number."
    address = environ.get("BASE_URL")
    if address and (urlsplit(address).scheme not in ("http", "https") or not urlsplit(address).netloc):
        yield f"BASE_URL is {address!r}; give a whole address such as https://tickets.example."
    if not environ.get("SECURITY_CONTACT", "https:").startswith(("mailto:", "https:")):
        yield "SECURITY_CONTACT begins with mailto: or https:."
    if environ.get("RATE_LIMITS", "on") not in ("on", "off"):
        yield "RATE_LIMITS is on or off."


# How each setting is read, once `_problems` found nothing: from the environment and the instance folder.


def _whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    return int(environ.get(name) or default)


def _database_url(environ: Mapping[str, str], instance: Path) -> str:
    return environ.get("DATABASE_URL") or f"sqlite:///{instance / 'cashticket.db'}"


def _redis_url(environ: Mapping[str, str], instance: Path) -> str:
    return environ.get("REDIS_URL") or f"unix://{quote(str(embedded_socket(instance)))}"


def _uses_embedded_store(environ: Mapping[str, str]) -> bool:
    return not environ.get("REDIS_URL")


def _port(environ: Mapping[str, str], instance: Path) -> int:
    return _whole_number(environ, "PORT", 8000)


def _base_url(environ: Mapping[str, str], instance: Path) -> str:
    return (environ.get("BASE_URL") or f"http://127.0.0.1:{_port(environ, instance)}").rstrip("/")


def _proxies(environ: Mapping[str, str], instance: Path) -> int:
    return _whole_number(environ, "PROXIES", 1 if environ.get("APP_ENV") == "production" else 0)


def _disk_paths(environ: Mapping[str, str], instance: Path) -> tuple[Path, ...]:
    """The folders whose disks must not fill up, each once."""
    if paths := environ.get("DISK_PATHS"):
        return tuple(Path(each) for each in paths.split(":") if each)
    file = _database_url(environ, instance).partition("sqlite:///")[2].partition("?")[0]
    folders = [instance] if _uses_embedded_store(environ) else []
    return tuple(dict.fromkeys(folders + ([Path(file).parent] if file else [])))


READERS: dict[str, Callable[[Mapping[str, str], Path], Any]] = {
    "app_env": lambda environ, instance: environ.get("APP_ENV", "development"),
    "secret_key": lambda environ, instance: environ.get("SECRET_KEY") or generated_key(instance),
    "database_url": _database_url,
    "redis_url": _redis_url,
    "queue_redis_url": lambda environ, instance: environ.get("QUEUE_REDIS_URL") or _redis_url(environ, instance),
    "mail_url": lambda environ, instance: environ.get("MAIL_URL") or f"file:{instance / 'mail'}",
    "base_url": _base_url,
    "security_contact": lambda environ, instance: environ.get("SECURITY_CONTACT", ""),
    "port": _port,
    "rate_limits": lambda environ, instance: environ.get("RATE_LIMITS", "on") == "on",
    "sockets_max": lambda environ, instance: _whole_number(environ, "SOCKETS_MAX", 64),
    "proxies": _proxies,
    "backlog_max": lambda environ, instance: _whole_number(environ, "BACKLOG_MAX", 200_000),
    "disk_paths": _disk_paths,
    "disk_free_min": lambda environ, instance: _whole_number(environ, "DISK_FREE_MIN", 0),
    "version": lambda environ, instance: environ.get("VERSION") or "unknown",
    "posters": lambda environ, instance: Path(environ.get("POSTERS") or instance / "posters"),
}
