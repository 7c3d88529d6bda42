"""What images bring, as far as the programs of this machine can stand in for them: accounts, folders, files, settings.

Ours is read from the Dockerfile. Those of others are named here; the database is this machine's MariaDB.
"""

import json
import re
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.load.client import k6_binary
from tests.cluster.containers import Mount

ROOT = Path(__file__).resolve().parents[2]
USR = Path("/usr")
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# Accounts by the names that docker-compose.yml uses, with the numbers that the images give them.
ACCOUNTS = {"nginx": (101, 101), "redis": (999, 999), "mysql": (999, 999), "k6": (12345, 12345)}


@dataclass(frozen=True)
class Image:
    """What an image says itself; a service may say otherwise."""

    account: tuple[int, int] = (0, 0)
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=dict)
    mounts: tuple[Mount, ...] = ()
    command: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] = ()
    health: tuple[str, ...] | None = None


# Its settings are the file that docker-compose.yml mounts; being refused as a nameless account is an answer, too.
DATABASE = Image(
    environment={"PATH": PATH},
    command=(
        "mariadbd",
        "--defaults-file=/etc/mysql/conf.d/cashticket.cnf",
        "--datadir=/var/lib/mysql",
        "--socket=/run/mysqld/mysqld.sock",
        "--pid-file=/run/mysqld/mysqld.pid",
    ),
    health=("mariadb-admin", "--protocol=tcp", "--host=127.0.0.1", "ping"),
)
# What the image of the database runs once, when it is empty.
MAKE_ACCOUNTS = (
    "sh /docker-entrypoint-initdb.d/create-accounts.sh | mariadb --user=root --socket=/run/mysqld/mysqld.sock"
)


def image_of(name: str) -> Image:
    """The image that a service names."""
    if name == "cashticket":
        return _ours()
    if name.startswith("mariadb"):
        return DATABASE
    if name.startswith("grafana/k6"):
        program = Path(k6_binary() or "/k6").resolve()
        return Image(environment={"PATH": PATH}, mounts=(Mount("/usr/bin/k6", program),), entrypoint=("k6",))
    return Image(folder="/data" if name.startswith("redis") else "/", environment={"PATH": PATH})


def account_of(service: dict[str, Any]) -> tuple[int, int]:
    """The account that a service runs as: the one it names, by name or number, or that of its image."""
    user = service.get("user", "")
    if ":" in user:
        number, group = user.split(":")
        return int(number), int(group)
    return ACCOUNTS.get(user, image_of(service["image"]).account)


def _ours() -> Image:
    """What the last stage of the Dockerfile says. The packages are those of the environment that runs the tests."""
    lines = _instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    folder = next(value for name, value in reversed(lines) if name == "WORKDIR")
    user, group = next(value for name, value in lines if name == "USER").split(":")
    environment = {"PATH": PATH}
    for name, value in lines:
        if name == "ENV":
            environment |= dict(_pair(each, environment) for each in value.split())
    health = next(value for name, value in lines if name == "HEALTHCHECK").partition("CMD ")[2]
    return Image(
        account=(int(user), int(group)),
        folder=folder,
        environment=environment,
        mounts=(*_packages(), *_copied(lines, folder)),
        command=tuple(json.loads(next(value for name, value in lines if name == "CMD"))),
        health=tuple(json.loads(health)),
    )


def _instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of the last stage, with their continued lines put together."""
    whole = re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).replace("\\\n", " ")
    words = [line.strip().partition(" ")[::2] for line in whole.splitlines() if line.strip()]
    last = max(number for number, (name, _) in enumerate(words) if name == "FROM")
    return [(name, " ".join(value.split())) for name, value in words[last:]]


def _pair(text: str, known: dict[str, str]) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, re.sub(r"\$\{?(\w+)\}?", lambda found: known.get(found[1], ""), value).strip('"')


def _packages() -> list[Mount]:
    """The environment with the packages, at its place in the image and at its own: its programs name the latter, and
    the Python below it."""
    prefix, base = Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()
    return [Mount("/opt/cashticket", prefix), *(Mount(str(each), each) for each in (prefix, base) if each != USR)]


def _copied(lines: list[tuple[str, str]], folder: str) -> list[Mount]:
    """The files of the checkout that the image holds, and no others."""
    copied: list[Mount] = []
    for name, value in lines:
        words = [word for word in value.split() if not word.startswith("--chown")]
        if name != "COPY" or words[0].startswith("--from"):
            continue
        *sources, target = words
        for source in sources:
            place = f"{target.rstrip('/')}/{Path(source).name}" if target.endswith("/") else target
            copied.append(Mount(str(Path(folder, place)), ROOT / source))
    return copied


def has_programs() -> bool:
    """Whether this machine has what makes namespaces and changes accounts."""
    return all(shutil.which(name, path=PATH) for name in ("unshare", "nsenter", "setpriv", "ip"))
