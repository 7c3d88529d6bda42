"""The only reader of the environment. Every setting has a type, a default for development, and one sentence.

`load(environ)` answers a frozen `Settings` or raises `SettingsError` with every problem in one readable list.
"""

import os
import re
import secrets
import stat
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlsplit

ENVIRONMENTS = ("development", "testing", "production")
REQUIRED_IN_PRODUCTION = ("SECRET_KEY", "DATABASE_URL", "REDIS_URL")
# The system's socket addresses hold 104 to 108 bytes, and clients take a store's answers about itself apart at spaces.
PLAIN_SOCKET_PATH = re.compile(rb"[A-Za-z0-9._/@+-]{1,100}")

FORMER_NAMES = {"BACKLOG_MOST": "BACKLOG_MAX", "DISK_FREE_LEAST": "DISK_FREE_MIN"}
"""Settings that had another name once, by that name; it is read as long as the present one is not set."""


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
    # Address people reach the site at; used in mail links and for the origin check of sockets.
    base_url: str
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
    # Folder for everything made by running: key, database, embedded store, mail.
    instance: Path
    # True when no REDIS_URL was given and the store in instance/ is ours to start.
    embedded_store: bool

    @property
    def production(self) -> bool:
        return self.app_env == "production"


def load(environ: Mapping[str, str], instance: Path) -> Settings:
    """Read settings from `environ`. Raises SettingsError naming every missing or malformed one."""
    environ = _with_present_names(environ)
    problems: list[str] = []
    app_env = environ.get("APP_ENV", "development")
    if app_env not in ENVIRONMENTS:
        problems.append(f"APP_ENV is {app_env!r}; use one of {', '.join(ENVIRONMENTS)}.")
    if app_env == "production":
        problems += [f"{name} must be set in production." for name in REQUIRED_IN_PRODUCTION if not environ.get(name)]
        if environ.get("RATE_LIMITS") == "off":
            problems.append("RATE_LIMITS=off is for tests and load; it is refused in production.")
    port = _whole_number(environ, "PORT", 8000, problems)
    sockets_max = _whole_number(environ, "SOCKETS_MAX", 64, problems)
    proxies = _whole_number(environ, "PROXIES", 1 if app_env == "production" else 0, problems)
    base_url = environ.get("BASE_URL") or f"http://127.0.0.1:{port}"
    if urlsplit(base_url).scheme not in ("http", "https") or not urlsplit(base_url).netloc:
        problems.append(f"BASE_URL is {base_url!r}; give a whole address such as https://tickets.example.")
    if environ.get("RATE_LIMITS", "on") not in ("on", "off"):
        problems.append("RATE_LIMITS is on or off.")
    backlog_max = _whole_number(environ, "BACKLOG_MAX", 200_000, problems)
    disk_free_min = _whole_number(environ, "DISK_FREE_MIN", 0, problems)
    if problems:
        raise SettingsError("CashTicket cannot start:\n" + "\n".join(f"  - {problem}" for problem in problems))
    redis_url = environ.get("REDIS_URL") or f"unix://{quote(str(embedded_socket(instance)))}"
    database_url = environ.get("DATABASE_URL") or f"sqlite:///{instance / 'cashticket.db'}"
    embedded_store = not environ.get("REDIS_URL")
    return Settings(
        app_env=app_env,
        secret_key=environ.get("SECRET_KEY") or _generated_key(instance),
        database_url=database_url,
        redis_url=redis_url,
        queue_redis_url=environ.get("QUEUE_REDIS_URL") or redis_url,
        mail_url=environ.get("MAIL_URL") or f"file:{instance / 'mail'}",
        base_url=base_url.rstrip("/"),
        port=port,
        rate_limits=environ.get("RATE_LIMITS", "on") == "on",
        sockets_max=sockets_max,
        proxies=proxies,
        backlog_max=backlog_max,
        disk_paths=_disk_paths(environ, instance if embedded_store else None, database_url),
        disk_free_min=disk_free_min,
        posters=Path(environ.get("POSTERS") or instance / "posters"),
        instance=instance,
        embedded_store=embedded_store,
    )


def _with_present_names(environ: Mapping[str, str]) -> Mapping[str, str]:
    """`environ`, where a setting that is given only under its former name is found under its present one."""
    former = {new: environ[old] for old, new in FORMER_NAMES.items() if old in environ and new not in environ}
    return {**environ, **former}


def embedded_socket(instance: Path) -> Path:
    """Where the embedded store listens: instance/redis.sock, whatever the path of the checkout is like."""
    path = instance / "redis.sock"
    return path if PLAIN_SOCKET_PATH.fullmatch(os.fsencode(path)) else _plain_socket(path)


def _disk_paths(environ: Mapping[str, str], store: Path | None, database_url: str) -> tuple[Path, ...]:
    """The folders whose disks must not fill up, each once."""
    if named := environ.get("DISK_PATHS"):
        return tuple(Path(each) for each in named.split(":") if each)
    file = database_url.partition("sqlite:///")[2].partition("?")[0]
    folders = [store] if store else []
    return tuple(dict.fromkeys(folders + ([Path(file).parent] if file else [])))


def _whole_number(environ: Mapping[str, str], name: str, default: int, problems: list[str]) -> int:
    text = environ.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit():
        problems.append(f"{name} is {text!r}; give a whole number.")
        return default
    return int(text)


def _generated_key(instance: Path) -> str:
    """The development key, made once and readable by its owner alone. Two processes starting at once agree on one."""
    path = instance / "secret_key"
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = instance / f"secret_key.{secrets.token_hex(4)}"
        with open(draft, "x", opener=_owner_only) as file:
            file.write(secrets.token_hex(32))
        # A link appears whole or not at all, so nobody ever reads half a key.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def _owner_only(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _plain_socket(link: Path) -> Path:
    """The socket in a private folder with a plain path; `link` remembers which, so that all processes agree."""
    while True:
        if link.is_symlink():
            target = link.readlink()
            if _private(target.parent):
                return target
            link.unlink(missing_ok=True)
        folder = Path(tempfile.mkdtemp(prefix="cashticket-"))
        link.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            link.symlink_to(folder / "redis.sock")
        except FileExistsError:
            folder.rmdir()
            if not link.is_symlink():
                raise


def _private(folder: Path) -> bool:
    """True when `folder` is this account's alone; one that was cleaned away is made again."""
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
