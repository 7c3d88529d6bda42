"""`python -m lab.image_steps FOLDER`: carries out the Dockerfile without Docker, as root in mounts of its own.

What the steps write lies in FOLDER. Both stages share the root of this machine with its Python, so this shows that the
steps work and how much they make, not that the base image has what they need. Prints the size in bytes of what is ours,
starts the image's command as its user on a tree that nobody can write, and asks its health check and `/readyz`.
"""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OURS = ("/opt", "/srv", "/var/lib")
"""Folders into which the steps write. Each is one of FOLDER meanwhile; what this machine has there stays to be seen."""
WAIT_SECONDS = 60


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile as word and rest, with their lines joined."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [(word, rest.strip()) for word, _, rest in (
        line.partition(" ") for line in lines.replace("\\\n", " ").splitlines() if line.strip()
    )]  # fmt: skip


def copying(rest: str) -> str:
    """COPY as shell: out of this checkout, without what .dockerignore names; those of a stage are there."""
    if rest.startswith("--from="):
        return ":"
    *names, target = rest.split()
    left_out = "--exclude=__pycache__ --exclude='*.mo' --exclude=cashticket/cli/demo"
    if len(names) == 1 and target != "." and not target.endswith("/"):
        assert names == [target], "a folder keeps its name"
    return f"tar -C {shlex.quote(str(ROOT))} {left_out} -cf - {' '.join(names)} | tar --no-same-owner -xf -"


def script(steps: list[tuple[str, str]]) -> Iterator[str]:
    """The steps as lines of a shell, up to the command that the image starts."""
    for word, rest in steps:
        match word:
            case "RUN":
                yield f"( {rest} ) >&2"
            case "COPY":
                yield copying(rest)
            case "ENV":
                yield f"export {rest}"
            case "WORKDIR":
                yield f"mkdir -p {rest} && cd {rest}"
            case "FROM" | "USER" | "EXPOSE" | "HEALTHCHECK" | "CMD":
                pass
            case _:
                raise ValueError(f"an instruction that nobody carries out here: {word}")


def namespace(folder: Path, python: str) -> Iterator[str]:
    """A root of our own: what the steps write is in `folder`, accounts are a copy, `python` is the base image's."""
    yield f"set -e; cp -a /etc {folder}/etc; mount --bind {folder}/etc /etc"
    for place in OURS:
        yield f"mkdir -p {folder}{place}; for each in {place}/*; do if [ -d $each ]; then"
        yield f"mkdir {folder}$each; mount --bind $each {folder}$each; fi; done; mount --rbind {folder}{place} {place}"
    yield f"mkdir -p {folder}/bin; ln -sf {python} {folder}/bin/python"
    yield f"printf '#!/bin/sh\\nexec {python} -m pip \"$@\"\\n' >{folder}/bin/pip; chmod 755 {folder} {folder}/bin/pip"
    yield f"export PATH={folder}/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    yield "unset VIRTUAL_ENV PYTHONPATH PYTHONHOME"


def starting(steps: list[tuple[str, str]], settings: dict[str, str]) -> Iterator[str]:
    """The command as the image's user, without a right to write; then its health check until it is content."""
    [command, check, user] = [
        next(rest for word, rest in reversed(steps) if word == wanted) for wanted in ("CMD", "HEALTHCHECK", "USER")
    ]
    account, group = user.split(":")
    as_user = f"setpriv --reuid {account} --regid {group} --clear-groups --no-new-privs"
    values = " ".join(f"{name}={shlex.quote(value)}" for name, value in settings.items())
    yield "du -sb --total /opt/cashticket /srv/cashticket | tail -n 1 | cut -f 1"
    # It could not, even if the tree were not mounted as it is afterwards.
    for place in ("/srv/cashticket", "/opt/cashticket"):
        yield f"if {as_user} touch {place}/x 2>/dev/null; then echo 'it can write to {place}' >&2; exit 1; fi"
    yield "for each in /opt /srv /etc; do mount -o remount,bind,ro $each; done"
    yield f"{as_user} env {values} {shlex.join(json.loads(command))} >&2 & process=$!; trap 'kill $process' EXIT"
    asking = shlex.join(json.loads(re.sub(r".*?CMD +", "", check)))
    yield f"n=0; until {as_user} {asking} 2>/dev/null; do n=$((n+1)); [ $n -lt {WAIT_SECONDS} ]; sleep 1; done"
    ready = "import urllib.request as r, urllib.error as e\ntry: a = r.urlopen('http://127.0.0.1:8000/readyz')\n"
    ready += "except e.HTTPError as error: a = error\nprint(a.status, a.read().decode())"
    yield f"{as_user} python -c {shlex.quote(ready)}"


def carry_out(folder: Path, python: str, settings: dict[str, str]) -> tuple[int, int, dict[str, Any]]:
    """Bytes that the steps made, and status and body of `/readyz`. Raises CalledProcessError with what they printed."""
    steps = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = "\n".join([*namespace(folder, python), *script(steps), *starting(steps, settings)])
    command = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", lines]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the steps failed:\n{done.stderr[-4000:]}")
    size, ready = done.stdout.strip().splitlines()[-2:]
    status, _, body = ready.partition(" ")
    return int(size), int(status), json.loads(body)


SETTINGS = {
    "SECRET_KEY": "0f9b1c57d2e84a63b7c05d91e8f2a4463c7d9e10",
    "DATABASE_URL": "mysql+pymysql://cashticket:none@127.0.0.1:9/cashticket",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "QUEUE_REDIS_URL": "redis://127.0.0.1:9/1",
    "BASE_URL": "https://tickets.example",
    "ROLE": "web",
}
"""A production whose stores are away: /readyz names what is missing."""


if __name__ == "__main__":
    made, code, said = carry_out(Path(sys.argv[1]), "/usr/bin/python3", SETTINGS)
    sys.stdout.write(f"{made} bytes of ours; /readyz answers {code}: {json.dumps(said, ensure_ascii=False)}\n")
