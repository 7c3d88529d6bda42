"""A stand-in for the service manager: it starts what the units of systemd say, each as a process of this test.

The program `systemctl` on the PATH of deploy.sh passes its words on to this manager. Paths, addresses and ports of the
units are moved to those of a test; accounts, capabilities and the rest of the hardening are left to the real systemd.
Nothing is started again by itself. As with systemd, a unit of Type=notify has started when it says so.
"""

import json
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

from lab.servers.installation import ServerProcess
from lab.servers.unit_files import COMMON, Unit, file_of, parse

START_SECONDS = 60.0
PLACES = ("/srv/cashticket", "/etc/cashticket", "/var/lib/cashticket", "/var/log/cashticket", "/run/cashticket")
CALLER = """#!/bin/sh
exec {python} -S -c '
import json, socket, sys
with socket.socket(socket.AF_UNIX) as manager:
    manager.connect("{door}")
    manager.sendall((json.dumps(sys.argv[1:]) + chr(10)).encode())
    sys.exit(int(manager.makefile().readline()))
' "$@"
"""


class ServiceManager:
    """Starts and stops units below `root`. `moved` replaces parts of their text, such as ports."""

    def __init__(self, root: Path, moved: dict[str, str]) -> None:
        self.calls: list[list[str]] = []
        self._root, self._moved = root, moved
        self._processes: dict[str, ServerProcess] = {}
        self._door = root / "manager"
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self._door))
        self._listener.listen()
        threading.Thread(target=self._serve, name="service-manager", daemon=True).start()

    def write_caller(self, folder: Path) -> None:
        """Write the program `systemctl` into a folder."""
        path = folder / "systemctl"
        path.write_text(CALLER.format(python=sys.executable, door=str(self._door)))
        path.chmod(0o755)

    def run(self, verb: str, *names: str) -> int:
        """What `systemctl VERB NAMES` would exit with."""
        match verb:
            case "start":
                # A target starts nothing that is not started by name here.
                return max((self._start(name) for name in names if not name.endswith(".target")), default=0)
            case "stop":
                return self._stop(*names)
            case "restart":
                return self._stop(*names) or max(map(self._start, names))
            case "reload-or-restart":
                return max(self._reload(name) if self.is_active(name) else self._start(name) for name in names)
            case "is-active":
                return 0 if all(map(self.is_active, names)) else 3
            case "daemon-reload" | "enable" | "show":
                return 0
        raise ValueError(f"systemctl {verb}")

    def is_active(self, name: str) -> bool:
        process = self._processes.get(name)
        return process is not None and process.is_running()

    def words_of(self, name: str) -> str:
        """The end of the log of a unit."""
        return self._processes[name].last_words()

    def close(self) -> None:
        """End everything and take no more orders."""
        self._listener.close()
        self._stop(*self._processes)

    def unit(self, name: str) -> Unit:
        """A unit with the places and ports of this test. Raises OSError for one that was not installed."""
        units = self._root / "etc" / "systemd" / "system"
        text = (units / file_of(name)).read_text() + "\n" + (units / COMMON).read_text()
        for place in PLACES:
            text = text.replace(place, f"{self._root}{place}")
        unit = parse(name, text)
        moved = []
        for section, key, value in unit.rows:
            for old, new in self._moved.items():
                value = value.replace(old, new)
            moved.append((section, key, value))
        return Unit(name, tuple(moved))

    def _start(self, name: str) -> int:
        if self.is_active(name):
            return 0
        try:
            unit = self.unit(name)
            environment = {"PATH": os.environ["PATH"], **unit.environment()}
        except OSError as error:
            sys.stderr.write(f"{name}: {error}\n")
            return 5
        for key, place in (("StateDirectory", "var/lib"), ("RuntimeDirectory", "run")):
            for folder in unit.values(key):
                (self._root / place / folder).mkdir(parents=True, exist_ok=True)
        words = unit.command(environment=environment)
        process = self._processes[name] = ServerProcess(name, words, environment, self._root)
        process.workplace = Path(unit.value("WorkingDirectory") or self._root).resolve()
        match unit.value("Type"):
            case "oneshot":
                return self._run_once(process, words, environment)
            case "notify":
                return self._start_and_hear(process, environment)
        process.start()
        return 0

    def _run_once(self, process: ServerProcess, words: list[str], environment: dict[str, str]) -> int:
        with open(process.log, "ab") as log:
            return subprocess.run(
                words, cwd=process.workplace, env=environment, stdout=log, stderr=log, timeout=120
            ).returncode

    def _start_and_hear(self, process: ServerProcess, environment: dict[str, str]) -> int:
        """0 once the process says that it is ready, 1 when it ends before."""
        place = self._root / f"ready-{len(self.calls)}-{id(process)}"
        place.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
            ear.bind(str(place))
            ear.settimeout(0.1)
            environment["NOTIFY_SOCKET"] = str(place)
            process.start()
            for _ in range(int(START_SECONDS * 10)):
                with suppress(TimeoutError):
                    if b"READY=1" in ear.recv(4096):
                        return 0
                if not process.is_running():
                    return 1
        return 1

    def _stop(self, *names: str) -> int:
        running = [self._processes[name] for name in names if name in self._processes]
        for process in running:
            process.ask_to_stop()
        for process in running:
            process.stop()
        return 0

    def _reload(self, name: str) -> int:
        pid = self._processes[name].pid
        assert pid is not None and self.unit(name).value("ExecReload") == "/bin/kill -HUP $MAINPID"
        os.kill(pid, signal.SIGHUP)
        return 0

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _ = self._listener.accept()
                # In this thread, one after the other: the kernel ends processes with the thread that started them.
                self._answer(caller)

    def _answer(self, caller: socket.socket) -> None:
        with caller, caller.makefile("rw") as stream:
            words = [word for word in json.loads(stream.readline()) if word not in ("--quiet",)]
            self.calls.append(words)
            try:
                status = self.run(*words)
            except Exception as error:
                sys.stderr.write(f"systemctl {shlex.join(words)}: {error!r}\n")
                status = 1
            with suppress(OSError):
                stream.write(f"{status}\n")
                stream.flush()
