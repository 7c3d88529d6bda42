"""Further live stores beside REDIS_URL, each with a name that auctions keep for life: `second=redis://…,third=…`."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from cashticket.config.addresses import redis_problem
from cashticket.config.named_urls import named_urls
from cashticket.engine.one_store import FIRST_STORE, is_store_name

HINT = "write NAME=URL, with commas between, such as second=redis://b.internal:6379/0"
DEFAULT_PORT = 6379


def live_stores_problems(environ: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield name and sentence for what is wrong with LIVE_STORES and RETIRING_STORES. No URL is quoted: it may hold a
    password."""
    stores = named_urls(environ.get("LIVE_STORES") or "")
    names = [name for name, _ in stores]
    first = environ.get("REDIS_URL") or ""
    # One that cannot be read is told of by itself.
    servers = {_server(first): FIRST_STORE} if first and redis_problem(first) is None else {}
    for place, (name, url) in enumerate(stores, 1):
        if not is_store_name(name) or not url:
            yield "LIVE_STORES", f"LIVE_STORES: entry {place} is no store with a name; {HINT}."
        elif name == FIRST_STORE:
            yield "LIVE_STORES", f"LIVE_STORES: {FIRST_STORE} is the name of the store at REDIS_URL; choose another."
        elif name in names[: place - 1]:
            yield "LIVE_STORES", f"LIVE_STORES names {name} twice."
        elif problem := redis_problem(url):
            yield "LIVE_STORES", f"LIVE_STORES: the address of {name} {problem}."
        elif (other := servers.setdefault(_server(url), name)) != name:
            yield "LIVE_STORES", f"LIVE_STORES: {name} and {other} are the same server; each needs one of its own."
    retiring = [name for name in re.split(r"[\s,]+", environ.get("RETIRING_STORES") or "") if name]
    every = {FIRST_STORE, *names}
    for name in retiring:
        if name not in every:
            yield "RETIRING_STORES", f"RETIRING_STORES: {name[:40]!r} is no live store; name some of {_listed(every)}."
    if retiring and not every - set(retiring):
        yield "RETIRING_STORES", "RETIRING_STORES names every live store; leave one for new auctions."


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _server(url: str) -> str:
    """The server of a URL as it is written, whatever the account, TLS and the number of the database."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return parts.path
    hosts = parts.netloc.rpartition("@")[2].lower()
    if parts.scheme in ("redis", "rediss"):
        return hosts if ":" in hosts.rpartition("]")[2] else f"{hosts}:{DEFAULT_PORT}"
    # Behind several hosts the name of the primary says which server it is.
    return f"{hosts}/{parts.path.strip('/').partition('/')[0]}"
