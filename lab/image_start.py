"""The last part of `lab.image_steps`: the image's own command as its own account, on a tree that nobody can write.

It runs with the settings that the image and its operator give and with no others, and in a network of its own, so that
its port is nobody else's. Stores and database are reached by unix sockets.
"""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

WAIT_SECONDS = 60
PROGRAMS, CODE = "/opt/cashticket", "/srv/cashticket"
SETTINGS = {
    "SECRET_KEY": "0f9b1c57d2e84a63b7c05d91e8f2a4463c7d9e10",
    "BASE_URL": "https://tickets.example",
    "ROLE": "web",
}
"""What an operator gives besides the addresses of database and stores."""
READY = """import urllib.request as r, urllib.error as e
try:
    a = r.urlopen(r.Request("http://127.0.0.1:8000/readyz", headers={"Accept": "application/json"}))
except e.HTTPError as error:
    a = error
print(a.status, " ".join(a.read().decode().split()))
"""


def last(steps: list[tuple[str, str]], wanted: str) -> str:
    """What the last instruction of this name says. Raises StopIteration."""
    return next(rest for word, rest in reversed(steps) if word == wanted)


def as_user(steps: list[tuple[str, str]], settings: dict[str, str]) -> str:
    """What a shell writes before a command: the image's account without rights of root, and its environment."""
    account, group = last(steps, "USER").split(":")
    rights = "--clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"
    of_image = {name for word, rest in steps if word == "ENV" for name in re.findall(r"(\w+)=", rest)}
    own = " ".join(f'{name}="${name}"' for name in sorted(of_image))
    given = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
    return f"setpriv --reuid {account} --regid {group} {rights} env -i HOME=/ {own} {given}"


def closed_above(place: Path) -> Path | None:
    """The highest folder above `place` that other accounts may not enter."""
    return next((each for each in reversed(place.parents) if not each.stat().st_mode & 0o001), None)


def opened(folder: Path, places: tuple[Path, ...]) -> Iterator[str]:
    """Let every account come to these folders of this machine and to nothing beside them."""
    closed = {place: above for place in places if (above := closed_above(place))}
    for number, place in enumerate(closed):
        yield f"mkdir {folder}/way{number}; mount --rbind {place} {folder}/way{number}"
    for above in sorted(set(closed.values())):
        yield f"mount -t tmpfs -o mode=755 tmpfs {above}"
    for number, place in enumerate(closed):
        yield f"mkdir -p {place}; mount --rbind {folder}/way{number} {place}"


def closing() -> Iterator[str]:
    """Make the tree one that nobody can write, root neither. The account could not even before."""
    for place in (CODE, PROGRAMS):
        yield f"if as_user touch {place}/x 2>/dev/null; then echo 'it can write to {place}' >&2; exit 1; fi"
    yield f"for each in /opt {PROGRAMS} /srv /etc /; do"
    yield "if mountpoint -q $each; then mount -o remount,bind,ro $each; fi; done"
    for place in (CODE, PROGRAMS, "/etc", "/usr"):
        yield f"if touch {place}/x 2>/dev/null; then echo '{place} can be written' >&2; exit 1; fi"


def starting(steps: list[tuple[str, str]], settings: dict[str, str], first: tuple[str, ...]) -> Iterator[str]:
    """Run `first`, then the image's command until its health check is content. Prints the user ids of its processes,
    then status and body of /readyz. What still runs ends with the namespace."""
    command, check = (json.loads(re.sub(r".*?(?=\[)", "", last(steps, word))) for word in ("CMD", "HEALTHCHECK"))
    yield "set -e"
    yield f'as_user() {{ {as_user(steps, settings)} "$@"; }}'
    yield from closing()
    yield "ip link set lo up"
    for each in first:
        yield f"as_user {each} >&2"
    yield f"as_user {shlex.join(command)} >&2 & process=$!; n=0"
    yield f"until as_user {shlex.join(check)} 2>/dev/null; do"
    yield f"n=$((n+1)); [ $n -lt {WAIT_SECONDS * 5} ] && kill -0 $process; sleep 0.2; done"
    yield f"for each in $(grep -lx {command[0]} /proc/[0-9]*/comm); do"
    yield "sed -n 's/^Uid://p' ${each%comm}status; done | tr -s '[:space:]' ' '; echo"
    yield f"as_user python -c {shlex.quote(READY)}"
