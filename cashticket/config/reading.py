"""How each setting is read from the environment and the instance folder, once nothing is wrong with it."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import idna

from cashticket.config.named_urls import named_urls
from cashticket.config.settings import Role
from cashticket.instance_files import embedded_socket, generated_key
from cashticket.notify.push_hosts import SERVICES
from cashticket.typed.text import one_line

SENDER = re.compile(
    r'(?P<name>[^<>"@,;:\\]*)<(?P<address>[!#-\'*+\-./0-9=?A-Z^-~]{1,64}@[^\s<>"@,;:\\]+)>'
    r'|(?P<bare>[!#-\'*+\-./0-9=?A-Z^-~]{1,64}@[^\s<>"@,;:\\]+)'
)
LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def role_of(environ: Mapping[str, str]) -> Role:
    """The role that is set, `all` otherwise. Raises ValueError for one that does not exist."""
    return Role(environ.get("ROLE") or Role.ALL)


def listed(text: str) -> tuple[str, ...]:
    """The parts of a text with commas or blanks between."""
    return tuple(part for part in re.split(r"[\s,]+", text) if part)


def ascii_address(address: str) -> str:
    """A web address with its host as DNS and browsers write it. Raises ValueError if it is none."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    if not host.isascii():
        # Raises a kind of ValueError.
        host = idna.encode(host, uts46=True).decode()
    if ":" in host:
        host = f"[{host}]"
    port = "" if parts.port is None else f":{parts.port}"
    return urlunsplit((parts.scheme, host + port, parts.path.rstrip("/"), parts.query, parts.fragment))


def sender_of(text: str) -> tuple[str, str]:
    """Name and address of `Name <address>`, or of an address alone, with its host as DNS writes it; two empty texts for
    anything else."""
    given = SENDER.fullmatch(text) if text.isprintable() else None
    if given is None:
        return "", ""
    mailbox, _, host = (given["address"] or given["bare"]).rpartition("@")
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except ValueError:
        return "", ""
    if not all(map(LABEL.fullmatch, host.split("."))) or not all(mailbox.split(".")):
        return "", ""
    return (given["name"] or "").strip(), f"{mailbox}@{host}"


def uses_embedded_store(environ: Mapping[str, str]) -> bool:
    return not environ.get("REDIS_URL")


def _whole_number(environ: Mapping[str, str], name: str, default: int) -> int:
    return int(environ.get(name) or default)


def _secret_key(environ: Mapping[str, str], instance: Path) -> str:
    # A migration in production gets no key, and makes none up that others would not know.
    needs_none = environ.get("APP_ENV") == "production" and role_of(environ) is Role.MIGRATION
    return environ.get("SECRET_KEY") or ("" if needs_none else generated_key(instance))


def _database_url(environ: Mapping[str, str], instance: Path) -> str:
    given = environ.get("DATABASE_URL")
    if not given and role_of(environ) is Role.MIGRATION:
        given = environ.get("MIGRATION_DATABASE_URL")
    return given or f"sqlite:///{instance / 'cashticket.db'}"


def _redis_url(environ: Mapping[str, str], instance: Path) -> str:
    return environ.get("REDIS_URL") or f"unix://{quote(str(embedded_socket(instance)))}"


def _port(environ: Mapping[str, str], instance: Path) -> int:
    return _whole_number(environ, "PORT", 8000)


def _base_url(environ: Mapping[str, str], instance: Path) -> str:
    return ascii_address(environ.get("BASE_URL") or f"http://127.0.0.1:{_port(environ, instance)}")


def _mail_from(environ: Mapping[str, str], instance: Path) -> str:
    name, address = sender_of(environ.get("MAIL_FROM") or "")
    host = urlsplit(_base_url(environ, instance)).hostname or ""
    host = host if host and ":" not in host else "localhost"
    return f"{name or 'CashTicket'} <{address or f'no-reply@{host}'}>"


def _sms_url(environ: Mapping[str, str], instance: Path) -> str:
    # In development everybody who runs the product can read the codes.
    is_development = (environ.get("APP_ENV") or "development") == "development"
    return environ.get("SMS_URL") or (f"file:{instance / 'sms'}" if is_development else "")


def _identity_url(environ: Mapping[str, str], instance: Path) -> str:
    is_development = (environ.get("APP_ENV") or "development") == "development"
    return environ.get("IDENTITY_URL") or ("local:" if is_development else "")


def _identity_key(environ: Mapping[str, str], instance: Path) -> str:
    # Production asks for one that does not change with SECRET_KEY.
    is_production = environ.get("APP_ENV") == "production"
    return environ.get("IDENTITY_KEY") or ("" if is_production else _secret_key(environ, instance))


def _vapid_contact(environ: Mapping[str, str], instance: Path) -> str:
    host = urlsplit(_base_url(environ, instance)).hostname or ""
    return environ.get("VAPID_CONTACT") or f"mailto:security@{host if host and ':' not in host else 'localhost'}"


def _proxies(environ: Mapping[str, str], instance: Path) -> int:
    return _whole_number(environ, "PROXIES", 1 if environ.get("APP_ENV") == "production" else 0)


def _disk_paths(environ: Mapping[str, str], instance: Path) -> tuple[Path, ...]:
    """The folders whose disks must not fill up, each once."""
    if paths := environ.get("DISK_PATHS"):
        return tuple(Path(each) for each in paths.split(":") if each)
    file = _database_url(environ, instance).partition("sqlite:///")[2].partition("?")[0]
    folders = [instance] if uses_embedded_store(environ) else []
    return tuple(dict.fromkeys(folders + ([Path(file).parent] if file else [])))


READERS: dict[str, Callable[[Mapping[str, str], Path], Any]] = {
    "app_env": lambda environ, instance: environ.get("APP_ENV") or "development",
    "role": lambda environ, instance: role_of(environ),
    "secret_key": _secret_key,
    "secret_key_fallbacks": lambda environ, instance: listed(environ.get("SECRET_KEY_FALLBACKS") or ""),
    "database_url": _database_url,
    "database_reader_url": lambda environ, instance: environ.get("DATABASE_READER_URL") or "",
    "migration_database_url": lambda environ, instance: (
        environ.get("MIGRATION_DATABASE_URL") or _database_url(environ, instance)
    ),
    "database_account": lambda environ, instance: environ.get("DATABASE_ACCOUNT") or "",
    "redis_url": _redis_url,
    "queue_redis_url": lambda environ, instance: environ.get("QUEUE_REDIS_URL") or _redis_url(environ, instance),
    "live_stores": lambda environ, instance: tuple(named_urls(environ.get("LIVE_STORES") or "")),
    "retiring_stores": lambda environ, instance: listed(environ.get("RETIRING_STORES") or ""),
    "store_replicas": lambda environ, instance: _whole_number(environ, "STORE_REPLICAS", 0),
    "mail_url": lambda environ, instance: environ.get("MAIL_URL") or f"file:{instance / 'mail'}",
    "mail_from": _mail_from,
    "sms_url": _sms_url,
    "identity_url": _identity_url,
    "identity_key": _identity_key,
    "vapid_public_key": lambda environ, instance: environ.get("VAPID_PUBLIC_KEY") or "",
    "vapid_private_key": lambda environ, instance: environ.get("VAPID_PRIVATE_KEY") or "",
    "vapid_contact": _vapid_contact,
    "push_hosts": lambda environ, instance: listed(environ.get("PUSH_HOSTS") or "") or SERVICES,
    "plain_hosts": lambda environ, instance: listed(environ.get("PLAIN_HOSTS") or ""),
    "base_url": _base_url,
    "security_contact": lambda environ, instance: environ.get("SECURITY_CONTACT") or "",
    "organiser_name": lambda environ, instance: one_line(environ.get("ORGANISER_NAME") or ""),
    "organiser_representative": lambda environ, instance: one_line(environ.get("ORGANISER_REPRESENTATIVE") or ""),
    "organiser_registration_number": lambda environ, instance: (
        environ.get("ORGANISER_REGISTRATION_NUMBER") or ""
    ).strip(),
    "organiser_mail_order_number": lambda environ, instance: one_line(environ.get("ORGANISER_MAIL_ORDER_NUMBER") or ""),
    "organiser_address": lambda environ, instance: one_line(environ.get("ORGANISER_ADDRESS") or ""),
    "organiser_email": lambda environ, instance: one_line(environ.get("ORGANISER_EMAIL") or ""),
    "organiser_phone": lambda environ, instance: one_line(environ.get("ORGANISER_PHONE") or ""),
    "organiser_hours": lambda environ, instance: one_line(environ.get("ORGANISER_HOURS") or ""),
    "port": _port,
    "rate_limits": lambda environ, instance: environ.get("RATE_LIMITS") != "off",
    "sockets_max": lambda environ, instance: _whole_number(environ, "SOCKETS_MAX", 64),
    "proxies": _proxies,
    "backlog_max": lambda environ, instance: _whole_number(environ, "BACKLOG_MAX", 200_000),
    "database_replicas": lambda environ, instance: _whole_number(environ, "DATABASE_REPLICAS", 0),
    "disk_paths": _disk_paths,
    "backup_recipients": lambda environ, instance: tuple(dict.fromkeys(listed(environ.get("BACKUP_RECIPIENTS") or ""))),
    "disk_free_min": lambda environ, instance: _whole_number(environ, "DISK_FREE_MIN", 0),
    "version": lambda environ, instance: environ.get("VERSION") or "unknown",
    "witness_dir": lambda environ, instance: Path(environ.get("WITNESS_DIR") or instance / "witness"),
    "posters": lambda environ, instance: Path(environ.get("POSTERS") or instance / "posters"),
}
