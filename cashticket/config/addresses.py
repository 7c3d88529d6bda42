"""What is wrong with an address in the settings, as the library or the room that will use it reads it.

Each function returns the end of a sentence that begins with the name of the setting, or None. Addresses hold passwords,
so no sentence quotes one.
"""

import ipaddress
import re
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import pymysql
import redis
from pymysql.connections import Connection
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SAWarning

from cashticket.config.folders import folder_problem
from cashticket.config.reading import ascii_address
from cashticket.engine.cluster_url import SCHEMES as CLUSTER_SCHEMES
from cashticket.engine.cluster_url import parse_cluster_url
from cashticket.engine.connection import connect
from cashticket.engine.sentinel import SCHEMES as SENTINEL_SCHEMES
from cashticket.engine.sentinel import parse_sentinel_url
from cashticket.notify import sms
from cashticket.notify.mail import transport

DATABASE_HINT = "write mysql+pymysql://USER:PASSWORD@HOST:3306/DATABASE"
DATABASES = ("mysql+pymysql", "mariadb+pymysql", "sqlite")
# Driver-less or foreign spellings that other products use.
OTHER_DATABASES = {
    "mysql": f"names no driver; {DATABASE_HINT}",
    "mariadb": f"names no driver; {DATABASE_HINT}",
    "postgres": "is for PostgreSQL, and CashTicket stores in MySQL or MariaDB",
    "postgresql": "is for PostgreSQL, and CashTicket stores in MySQL or MariaDB",
}
OWN_OPTIONS = frozenset({"protocol", "decode_responses", "encoding", "encoding_errors", "retry", "redis_connect_func"})
REDIS_HINT = "write redis://USER:PASSWORD@HOST:6379/0, rediss://… (with TLS) or unix:///PATH"
SENTINEL_HINT = (
    "write redis+sentinel://USER:PASSWORD@HOST:26379,HOST:26379,HOST:26379/NAME/0, or rediss+sentinel://… (with TLS)"
)
CLUSTER_HINT = "write redis+cluster://USER:PASSWORD@HOST:6379,HOST:6379,HOST:6379, or rediss+cluster://… (with TLS)"
BASE_HINT = "give a whole address such as https://tickets.example"
HOST = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9])?)*")


def database_problem(text: str) -> str | None:
    """What is wrong with the URL of a database."""
    scheme = text.partition(":")[0]
    if scheme not in DATABASES and (other := OTHER_DATABASES.get(scheme.partition("+")[0])):
        return other
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return f"is no address of a database; {DATABASE_HINT}, with %23 for # and %40 for @ in the password"
    if url.drivername not in DATABASES:
        return f"is for {url.drivername[:40]!r}; {DATABASE_HINT}"
    return _file_problem(url) if url.drivername == "sqlite" else _server_problem(url)


def _file_problem(url: URL) -> str | None:
    try:
        with warnings.catch_warnings():
            # SQLAlchemy warns of an option that it leaves out.
            warnings.simplefilter("error")
            url.get_dialect()().create_connect_args(url)
    except (ArgumentError, ValueError, TypeError, SAWarning):
        return "has an option after ? that SQLite does not take"
    return "names a folder; name a file in it" if url.database and Path(url.database).is_dir() else None


def _server_problem(url: URL) -> str | None:
    if not url.database:
        return f"names no database; {DATABASE_HINT}"
    if not url.host:
        return f"names no host; {DATABASE_HINT}"
    if url.query.get("charset", "utf8mb4") != "utf8mb4":
        return "asks for another charset than utf8mb4, which cannot hold every name; leave charset out"
    if url.port is not None and not 0 < url.port < 65_536:
        return f"names a port that does not exist; {DATABASE_HINT}"
    try:
        # What the driver will be called with; values that are not of the right kind are refused here.
        _, taken = url.get_dialect()().create_connect_args(url)
        if problem := _missing_file(url.query.get("ssl_ca"), "ssl_ca"):
            return problem
        # It connects to nothing here. Where no option is about TLS, it need not read the certificates of the machine.
        without_tls = not any(option.startswith("ssl") for option in url.query)
        Connection(**dict(taken) | {"defer_connect": True} | ({"ssl_disabled": True} if without_tls else {}))
    except (ArgumentError, ValueError, TypeError, AttributeError, OSError, pymysql.Error):
        return "has an option after ? that the driver does not take"
    return None


def other_kind(environ: Mapping[str, str]) -> str | None:
    """What is wrong with DATABASE_READER_URL beside DATABASE_URL."""
    copy, primary = environ.get("DATABASE_READER_URL") or "", environ.get("DATABASE_URL") or "sqlite:"
    if not copy or copy.startswith("sqlite") == primary.startswith("sqlite"):
        return None
    return "is of another kind than DATABASE_URL; give a replica of that database"


def redis_problem(text: str) -> str | None:
    """What is wrong with the URL of a store."""
    scheme, separator, _ = text.partition("://")
    if not separator or scheme not in ("redis", "rediss", "unix", *SENTINEL_SCHEMES, *CLUSTER_SCHEMES):
        return f"does not begin with redis://, rediss://, unix://, redis+sentinel:// or redis+cluster://; {REDIS_HINT}"
    if "#" in text:
        return "holds a #, which ends an address; write %23 for it"
    if OWN_OPTIONS & {option for option, _ in parse_qsl(text.partition("?")[2], keep_blank_values=True)}:
        return "has an option after ? by which answers would be read otherwise than CashTicket reads them; leave it out"
    if scheme in SENTINEL_SCHEMES:
        return _several_problem(text, parse_sentinel_url, "sentinels", SENTINEL_HINT)
    if scheme in CLUSTER_SCHEMES:
        return _several_problem(text, parse_cluster_url, "a cluster", CLUSTER_HINT)
    try:
        parts = urlsplit(text)
        # The kind of connection that the store will be asked by. It connects to nothing here.
        connect(text).connection_pool.make_connection()
    except (ValueError, TypeError, AttributeError, LookupError, redis.RedisError):
        return f"is no address of a store; {REDIS_HINT}, with %23, %40 and %2F for #, @ and / in the password"
    if scheme == "unix":
        return None if parts.path else f"names no socket; {REDIS_HINT}"
    if not parts.hostname or parts.port == 0:
        return f"names no host and port; {REDIS_HINT}"
    number = parts.path.strip("/")
    if number and not (number.isascii() and number.isdigit()):
        return f"names a database that is no number; {REDIS_HINT}"
    return _missing_file(parse_qs(parts.query).get("ssl_ca_certs", [""])[0], "ssl_ca_certs")


def _several_problem(text: str, parse: Callable[[str], object], what: str, hint: str) -> str | None:
    """What is wrong with the URL of a store behind sentinels, or of a cluster."""
    try:
        parse(text)
    except ValueError as error:
        reason = str(error) if str(error).startswith("names ") else f"is no address of {what}"
        return f"{reason}; {hint}"
    try:
        connect(text).connection_pool.make_connection()
    except (ValueError, TypeError, AttributeError, LookupError, redis.RedisError):
        return f"has an option after ? that is none of a store; {hint}"
    return _missing_file(parse_qs(urlsplit(text).query).get("ssl_ca_certs", [""])[0], "ssl_ca_certs")


def mail_problem(text: str) -> str | None:
    """What is wrong with MAIL_URL."""
    try:
        transport(text)
    except ValueError as error:
        return str(error)
    scheme, _, rest = text.partition(":")
    problem = folder_problem(unquote(rest.removeprefix("//")), is_written=True) if scheme == "file" else None
    return f"names a folder for mails that {problem}" if problem else None


def sms_problem(text: str) -> str | None:
    """What is wrong with SMS_URL."""
    try:
        sms.sender(text)
    except ValueError as error:
        return str(error)
    scheme, _, rest = text.partition(":")
    problem = folder_problem(unquote(rest.removeprefix("//")), is_written=False) if scheme == "file" else None
    return f"names a folder for SMS that {problem}" if problem else None


def base_problem(text: str) -> str | None:
    """What is wrong with BASE_URL. It holds no secret, so it is quoted."""
    quoted = f"is {text[:200]!r}"
    try:
        parts = urlsplit(ascii_address(text))
    except ValueError:
        return f"{quoted}, which is no address; {BASE_HINT}"
    if parts.scheme not in ("http", "https") or not _is_host(parts.hostname or "") or re.search(r"[\s\\]", text):
        return f"{quoted}; {BASE_HINT}"
    if "@" in text or parts.path or parts.query or parts.fragment:
        return f"{quoted}; give scheme, host and port alone, such as https://tickets.example"
    if parts.port == 0:
        return f"{quoted}, and no page is served at port 0; {BASE_HINT}"
    return None


def _is_host(host: str) -> bool:
    try:
        return bool(ipaddress.ip_address(host))
    except ValueError:
        return len(host) < 254 and HOST.fullmatch(host) is not None


def _missing_file(path: str | tuple[str, ...] | None, option: str) -> str | None:
    if not path:
        return None
    return None if isinstance(path, str) and Path(path).is_file() else f"names a file for {option} that is not there"
