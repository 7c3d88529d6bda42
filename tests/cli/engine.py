"""A stand-in for Docker's engine, for scripts that call it: a folder of containers, and what was done to them in which
order. It knows the commands of deploy/compose/update.sh and no others."""

import marshal
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.house.source import ROOT

SCRIPT = ROOT / "deploy" / "compose" / "update.sh"
PROGRAM = r"""#!{python} -SI
import marshal, os, sys
PLACE = {place!r}
words = sys.argv[1:]
NAME = os.environ.get("IMAGE", "cashticket")
state = marshal.load(open(PLACE, "rb"))
running, log = state["running"], state["log"]

def start(service):
    state["number"] += 1
    image = state["images"].get(NAME, "none")
    running[service + "." + str(state["number"])] = [service, image, state["health"].get(image, "healthy")]

def of(service):
    return [name for name, each in running.items() if each[0] == service]

def up(words):
    services = [word for word in words if word in state["services"]]
    if "--scale" in words:
        service, number = words[words.index("--scale") + 1].split("=")
        while len(of(service)) < int(number):
            start(service)
        return
    for service in services:
        if service == "proxy" and "--force-recreate" not in words:
            continue
        for name in of(service):
            del running[name]
            start(service)

def answer(words):
    if words[:2] == ["compose", "ps"]:
        print(*of(words[3]), sep="\n")
    elif words[:2] == ["compose", "up"]:
        up(words[2:])
    elif words[:2] in (["compose", "build"], ["compose", "pull"]):
        state["images"][NAME] = "new"
    elif words[:2] == ["compose", "exec"]:
        sys.stdout.flush()
        return os.waitstatus_to_exitcode(os.system(state["proxy"]))
    elif words[0] == "inspect":
        print(running[words[3]][2 if "Health" in words[2] else 1])
    elif words[0] == "tag" and words[1] in state["unknown"]:
        return 1
    elif words[0] == "tag":
        state["images"][words[2]] = state["images"].get(words[1], words[1])
    elif words[0] == "rm":
        del running[words[1]]
    elif words[0] == "stop":
        running[words[1]][2] = "ended"
    elif words[:2] == ["compose", "run"]:
        return state["migration"]
    elif words[:2] != ["compose", "logs"]:
        sys.exit("the stand-in does not know: " + " ".join(words))
    return 0

code = answer(words)
serving = len([each for each in running.values() if each[0] == "web" and each[2] == "healthy"])
log.append([" ".join(words), serving])
marshal.dump(state, open(PLACE, "wb"))
sys.exit(code)
"""
SETTINGS = "upstreams.conf listen.conf other_servers.conf access_log.conf"


class Engine:
    """An installation that runs `webs` web containers of the image `old`. A build or a pull makes `new`."""

    def __init__(self, folder: Path, webs: int = 2) -> None:
        self.place, self.program = folder / "state", folder / "docker"
        self.program.write_text(PROGRAM.replace("{python}", sys.executable).replace("{place!r}", repr(str(self.place))))
        self.program.chmod(0o755)
        services = ["web"] * webs + ["live", "worker-bids", "worker-mail", "watch", "proxy"]
        running = {f"{name}.{number}": [name, "old", "healthy"] for number, name in enumerate(services)}
        files = f"cd {ROOT} && cat nginx.conf deploy/front/*.conf && cd deploy/compose && cat {SETTINGS}"
        self.change(
            running=running,
            log=[],
            number=len(running),
            images={"cashticket": "old"},
            health={},
            services=sorted(set(services)),
            proxy=files,
            migration=0,
            unknown=[],
        )

    def change(self, **parts: Any) -> None:
        """Set parts of the state."""
        present = self._state() if self.place.exists() else {}
        self.place.write_bytes(marshal.dumps(present | parts))

    def update(self, *options: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        """Result of the script. Nothing waits longer than it must."""
        environ = {"PATH": os.environ["PATH"], "DOCKER": str(self.program), "REST_SECONDS": "0", "HEALTH_SECONDS": "0"}
        environ["LOCK"] = str(self.place)
        command = ["/bin/sh", str(SCRIPT), *options]
        return subprocess.run(command, env=environ | settings, capture_output=True, text=True, check=False)

    def images(self, service: str) -> list[str]:
        """The images of the containers of a service."""
        return [image for name, image, _ in self._state()["running"].values() if name == service]

    def log(self) -> list[tuple[str, int]]:
        """Each command, and how many web containers served after it."""
        return [(command, serving) for command, serving in self._state()["log"]]

    def place_of(self, start: str) -> int:
        """Where in the log the first command with this beginning is. Raises StopIteration."""
        return next(place for place, (command, _) in enumerate(self.log()) if command.startswith(start))

    def _state(self) -> dict[str, Any]:
        state: dict[str, Any] = marshal.loads(self.place.read_bytes())
        return state
