"""`python -m lab.image_steps FOLDER`: carries out the Dockerfile without Docker, as root in mounts of its own.

What the steps write lies in FOLDER. Both stages share the root of this machine with its Python, so this shows that the
steps work and how much they make, not that the base image has what they need. Then stores and a database are started,
the image migrates, and its command runs as its user on a tree that nobody can write (`lab.image_start`) until its
health check is content. Prints the size in bytes of what is ours, the seconds of all steps, and what `/readyz` says.
"""

import json
import shlex
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.image_start import CODE, PROGRAMS, SETTINGS, opened, starting
from lab.servers.mariadb_server import MariaDbServer
from lab.servers.redis_server import RedisServer

ROOT = Path(__file__).resolve().parents[1]
OURS = ("/opt", "/srv", "/var/lib")
"""Folders into which the steps write. Each is one of FOLDER meanwhile; what this machine has there stays to be seen."""


@dataclass(frozen=True, slots=True)
class Served:
    """Bytes that the steps made (0 where the packages were another's), the user ids of the processes, `/readyz`."""

    size: int
    users: set[int]
    status: int
    body: dict[str, Any]


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile as word and rest, with their lines joined."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [(word, rest.strip()) for word, _, rest in (
        line.partition(" ") for line in lines.replace("\\\n", " ").splitlines() if line.strip()
    )]  # fmt: skip


def context() -> tuple[set[str], list[str]]:
    """What .dockerignore lets through to the builder, and what it takes out of that again."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    if rules[0] != "*":
        raise ValueError("it leaves nothing out to begin with")
    return {rule[1:] for rule in rules if rule[0] == "!"}, [rule for rule in rules[1:] if rule[0] != "!"]


def copying(rest: str) -> str:
    """COPY as shell: out of this checkout, what .dockerignore lets through; what another stage has is there already.
    Raises ValueError for what the builder would not find."""
    if rest.startswith("--from="):
        return ":"
    *names, target = rest.split()
    let_through, left_out = context()
    if missing := set(names) - let_through:
        raise ValueError(f"the builder does not get {sorted(missing)}")
    if len(names) == 1 and target != "." and not target.endswith("/"):
        assert names == [target], "a folder keeps its name"
    excluded = " ".join(shlex.quote(f"--exclude={rule.removeprefix('**/')}") for rule in left_out)
    return f"tar -C {shlex.quote(str(ROOT))} {excluded} -cf - {' '.join(names)} | tar --no-same-owner -xf -"


def script(steps: list[tuple[str, str]]) -> Iterator[str]:
    """The steps as lines of a shell, up to the command that the image starts. Raises ValueError."""
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


def last_stage(steps: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The steps that make the image itself, and not what it copies from."""
    return steps[max(place for place, (word, _) in enumerate(steps) if word == "FROM") :]


def namespace(folder: Path, python: str) -> Iterator[str]:
    """A root of our own: what the steps write is in `folder`, accounts are a copy, `python` is the base image's."""
    yield f"set -e; cp -a /etc {folder}/etc; mount --bind {folder}/etc /etc"
    for place in OURS:
        yield f"mkdir -p {folder}{place}; for each in {place}/*; do"
        yield "case $each in */cashticket*) continue; esac"
        yield f"if [ -d $each ]; then mkdir {folder}$each; mount --bind $each {folder}$each; fi; done"
        yield f"mount --rbind {folder}{place} {place}"
    yield f"mkdir -p {folder}/bin; ln -sf {python} {folder}/bin/python"
    yield f"printf '#!/bin/sh\\nexec {python} -m pip \"$@\"\\n' >{folder}/bin/pip; chmod 755 {folder} {folder}/bin/pip"
    yield f"export PATH={folder}/bin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    yield "unset VIRTUAL_ENV PYTHONPATH PYTHONHOME"


def carry_out(folder: Path, python: str, settings: dict[str, str], first: tuple[str, ...] = ()) -> Served:
    """Carry out all steps, then start the image. `first` are commands that it runs before, as its user. Raises
    RuntimeError with what they printed."""
    steps = instructions((ROOT / "Dockerfile").read_text(encoding="utf-8"))
    lines = [*namespace(folder, python), *script(steps), f"du -sb --total {PROGRAMS} {CODE} | tail -n 1 | cut -f 1"]
    return _run(folder, lines, starting(last_stage(steps), settings, first))


def carry_out_last_stage(folder: Path, settings: dict[str, str]) -> Served:
    """Carry out the last stage, with the packages of the environment that this runs in, and start the image: seconds.
    Raises RuntimeError with what the steps printed."""
    steps = last_stage(instructions((ROOT / "Dockerfile").read_text(encoding="utf-8")))
    packages, base = Path(sys.prefix).resolve(), Path(sys.base_prefix).resolve()
    lines = [*namespace(folder, str(packages / "bin" / "python"))]
    lines += [f"mkdir {PROGRAMS}; mount --bind {packages} {PROGRAMS}; mount -o remount,bind,ro {PROGRAMS}"]
    ways = opened(folder, (packages, base))
    return _run(folder, [*lines, *script(steps), "echo 0"], [*ways, *starting(steps, settings, ())])


def _run(folder: Path, lines: list[str], last: Iterable[str]) -> Served:
    """Run `lines`, then `last` where no network is."""
    (folder / "start.sh").write_text("\n".join(last), encoding="utf-8")
    text = "\n".join([*lines, f"unshare --net sh {folder}/start.sh"])
    command = ["unshare", "--mount", "--pid", "--mount-proc", "--fork", "--kill-child", "sh", "-c", text]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the steps failed:\n{done.stderr[-4000:]}")
    size, users, ready = done.stdout.strip().splitlines()[-3:]
    status, _, body = ready.partition(" ")
    return Served(int(size), set(map(int, users.split())), int(status), json.loads(body))


def settings_on(live: RedisServer, queue: RedisServer, database: str) -> dict[str, str]:
    """What the image is told: these stores, which every account may reach from now on, and the URL of a database."""
    for server in (live, queue):
        server.directory.chmod(0o711)
        Path(server.socket).chmod(0o777)
    return SETTINGS | {"REDIS_URL": live.url, "QUEUE_REDIS_URL": queue.url, "DATABASE_URL": database}


def main(folder: Path) -> None:
    live, queue, database = RedisServer(appendonly=True), RedisServer(), MariaDbServer(durable=True)
    try:
        database.start().directory.chmod(0o711)
        settings = settings_on(live.start(), queue.start(), database.create_database("cashticket"))
        began = time.monotonic()
        served = carry_out(folder, "/usr/bin/python3", settings, ("flask db upgrade",))
        seconds = time.monotonic() - began
    finally:
        for server in (live, queue, database):
            server.remove()
    sys.stdout.write(f"{served.size} bytes of ours in {seconds:.0f} s; user {served.users}; ")
    sys.stdout.write(f"/readyz answers {served.status}: {json.dumps(served.body, ensure_ascii=False)}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
