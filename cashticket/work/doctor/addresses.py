"""Where a database or store is, without account, password and options: as much of an address as may be printed."""

from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import make_url

NOTHING_THERE = "nothing answers there"


def place_of_database(url: str) -> str:
    """Host, port and name of a database, or the path of its file."""
    parts = make_url(url)
    if parts.drivername.startswith("sqlite"):
        return parts.database or "memory"
    host = "a unix socket" if "unix_socket" in parts.query else f"{parts.host}:{parts.port or 3306}"
    return f"{host}/{parts.database}"


def place_of_store(url: str) -> str:
    """Host and port of a store, those of its sentinels or of nodes of its cluster, or the path of its socket."""
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return unquote(parts.path)
    hosts = parts.netloc.rpartition("@")[2]
    kind = {"sentinel": "sentinels ", "cluster": "the cluster "}.get(parts.scheme.partition("+")[2], "")
    return f"{kind}{hosts}"
