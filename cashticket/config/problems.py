"""Everything that is wrong with the environment, a sentence each."""

import re
from collections.abc import Callable, Iterator, Mapping

from cashticket.config.addresses import (
    base_problem,
    database_problem,
    mail_problem,
    other_kind,
    redis_problem,
    sms_problem,
)
from cashticket.config.folders import folder_problem, present_folder_problem
from cashticket.config.identities import identity_problem
from cashticket.config.live_stores import live_stores_problems
from cashticket.config.production import DATABASES, missing, unsafe
from cashticket.config.public_keys import malformed_keys
from cashticket.config.queue_store import queue_store_missing, queue_store_problem
from cashticket.config.reading import listed, sender_of
from cashticket.config.settings import Role
from cashticket.typed.text import can_be_shown, without_unseen_edges

ENVIRONMENTS = ("development", "testing", "production")

# Name → smallest and largest value.
WHOLE_NUMBERS = {
    "PORT": (1, 65_535),
    "SOCKETS_MAX": (1, 1_000_000),
    "PROXIES": (0, 10),
    "STORE_REPLICAS": (0, 9),
    "BACKLOG_MAX": (1, 1_000_000_000),
    "DATABASE_REPLICAS": (0, 9),
    "DISK_FREE_MIN": (0, 2**60),
}
ADDRESSES: dict[str, Callable[[str], str | None]] = {
    **dict.fromkeys(DATABASES, database_problem),
    "REDIS_URL": redis_problem,
    "QUEUE_REDIS_URL": queue_store_problem,
    "MAIL_URL": mail_problem,
    "SMS_URL": sms_problem,
    "IDENTITY_URL": identity_problem,
    "BASE_URL": base_problem,
}
ORGANISER = (
    "ORGANISER_NAME",
    "ORGANISER_REPRESENTATIVE",
    "ORGANISER_REGISTRATION_NUMBER",
    "ORGANISER_MAIL_ORDER_NUMBER",
    "ORGANISER_ADDRESS",
    "ORGANISER_EMAIL",
    "ORGANISER_PHONE",
    "ORGANISER_HOURS",
)
ORGANISER_LENGTH_MAX = 254
ACCOUNT = re.compile(r"[A-Za-z0-9_]{1,32}(@[A-Za-z0-9_.%:/-]{1,60})?")
WHERE = re.compile(r"mailto:[^\s@]+@[A-Za-z0-9.-]+|https://[^\s/?#]+[^\s]*")
UNSEEN = "holds a sign that nobody can see, such as the line end of Windows behind a value; write it anew"
LISTS = ("SECRET_KEY_FALLBACKS", "PLAIN_HOSTS", "RETIRING_STORES")


def problems(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield name and sentence for each setting that is missing or malformed."""
    app_env = environ.get("APP_ENV") or "development"
    if app_env not in ENVIRONMENTS:
        yield "APP_ENV", f"APP_ENV is {app_env[:40]!r}; use one of {', '.join(ENVIRONMENTS)}."
    role = environ.get("ROLE") or Role.ALL.value
    if role not in list(Role):
        yield "ROLE", f"ROLE is {role[:40]!r}; use one of {', '.join(Role)}."
    elif app_env == "production":
        yield from missing(environ, Role(role))
    if app_env == "production":
        yield from unsafe(environ)
    yield from _malformed(environ)


def _malformed(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what cannot be read, whatever the environment."""
    for name, (smallest, largest) in WHOLE_NUMBERS.items():
        text = environ.get(name, "")
        if text and not (text.isascii() and text.isdigit() and len(text) < 20 and smallest <= int(text) <= largest):
            yield name, f"{name} is {text[:40]!r}; give a whole number from {smallest} to {largest}."
    yield from _malformed_addresses(environ)
    if problem := other_kind(environ):
        yield "DATABASE_READER_URL", f"DATABASE_READER_URL {problem}."
    if not ACCOUNT.fullmatch(environ.get("DATABASE_ACCOUNT") or "cashticket"):
        yield "DATABASE_ACCOUNT", "DATABASE_ACCOUNT is no account; write a name, or name@host, such as cashticket."
    contact = environ.get("SECURITY_CONTACT") or "https://tickets.example"
    if not WHERE.fullmatch(contact) or _is_unseen(contact):
        yield (
            "SECURITY_CONTACT",
            "SECURITY_CONTACT is an address such as mailto:security@tickets.example or https://tickets.example/report.",
        )
    email = (environ.get("ORGANISER_EMAIL") or "").strip()
    if email and ("<" in email or sender_of(email) == ("", "")):
        yield "ORGANISER_EMAIL", f"ORGANISER_EMAIL is {email[:200]!r}; give an address such as shop@tickets.example."
    yield from _malformed_folders(environ)
    if (sender := environ.get("MAIL_FROM")) and sender_of(sender) == ("", ""):
        yield (
            "MAIL_FROM",
            f"MAIL_FROM is {sender[:200]!r}; give an address such as CashTicket <tickets@tickets.example>.",
        )
    yield from _unprintable(environ)
    yield from malformed_keys(environ)
    if environ.get("RATE_LIMITS", "on") not in ("on", "off", ""):
        yield "RATE_LIMITS", "RATE_LIMITS is on or off."


def _malformed_addresses(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield addresses that cannot be read, and what holds a sign that nobody sees. A key may have one at its end."""
    for name, problem_of in ADDRESSES.items():
        text = environ.get(name) or ""
        if problem := (UNSEEN if _is_unseen(text) else problem_of(text)) if text else None:
            yield name, f"{name} {problem}."
    if not _is_unseen("".join(listed(environ.get("LIVE_STORES") or ""))):
        yield from live_stores_problems(environ)
    for name in ("VERSION", "LIVE_STORES", *LISTS):
        if _is_unseen("".join(listed(environ.get(name) or ""))):
            yield name, f"{name} {UNSEEN}."
    if problem := queue_store_missing(environ):
        yield "QUEUE_REDIS_URL", f"QUEUE_REDIS_URL {problem}."
    if not _is_utf_8(environ.get("SECRET_KEY") or ""):
        yield "SECRET_KEY", "SECRET_KEY holds bytes that are not UTF-8; write it anew."


def _is_utf_8(text: str) -> bool:
    # Bytes that are not come as halves of pairs.
    return text.isascii() or not any("\ud800" <= sign <= "\udfff" for sign in text)


def _is_unseen(text: str) -> bool:
    return not text.isprintable() or text != text.strip()


def _malformed_folders(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what is no folder. Processes of one role alone may be given folders that others write."""
    is_written = (environ.get("ROLE") or Role.ALL) == Role.ALL
    for name in ("POSTERS", "WITNESS_DIR"):
        if problem := folder_problem(environ[name], is_written=is_written) if environ.get(name) else None:
            yield name, f"{name} {problem}."
    for path in (environ.get("DISK_PATHS") or "").split(":"):
        if path and (problem := present_folder_problem(path)):
            yield "DISK_PATHS", f"DISK_PATHS {problem}."


def _unprintable(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what pages could not show as one line."""
    for name in ORGANISER:
        text = (environ.get(name) or "").strip()
        if len(text) > ORGANISER_LENGTH_MAX or not can_be_shown(without_unseen_edges(text)):
            yield name, f"{name} has at most {ORGANISER_LENGTH_MAX} characters, on one line."
