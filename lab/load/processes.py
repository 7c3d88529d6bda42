"""The processes of a system: web processes, what stands in front of them, and the workers behind them."""

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from lab.servers.installation import ServerProcess, WebProcess, free_port
from lab.servers.live_service import LiveService
from lab.servers.nginx_server import Nginx, nginx_binary
from lab.waiting import wait_until


class LabWeb(WebProcess):
    """A web process with the lab's application, which may have another engine than the product's."""

    def _spawn(self, command: list[str], **options: Any) -> None:
        super()._spawn([*command[:-1], "lab.systems.web:app"], **options)


def start_webs(stack: ExitStack, count: int, environment: dict[str, str], folder: Path) -> list[LabWeb]:
    """So many web processes that answer. They stop with `stack`, as everything here."""
    webs = [LabWeb(f"web-{number}", environment, folder) for number in range(1, count + 1)]
    for web in webs:
        _start(stack, web)
        wait_until(lambda web=web: web.says("/healthz") == 200, web.name)  # type: ignore[misc]
    return webs


def start_live(stack: ExitStack, environment: dict[str, str], folder: Path) -> LiveService:
    """The service that holds sockets."""
    live = LiveService(environment, folder)
    stack.callback(live.stop)
    return live.start_and_wait()


def start_front(
    stack: ExitStack, folder: Path, webs: list[LabWeb], live: LiveService | None, *, keeps_pieces: bool = True
) -> Nginx:
    """nginx before the web processes and the live service. Without one nobody is behind the addresses of sockets."""
    binary = nginx_binary()
    assert binary, "nginx is looked for before anything is started"
    ports = [web.port for web in webs]
    front = Nginx(binary, folder / "nginx", ports, live.port if live else free_port(), keeps_pieces=keeps_pieces)
    stack.callback(front.stop)
    return front.start()


def start_workers(
    stack: ExitStack, environment: dict[str, str], folder: Path, queues: Sequence[str] = ("bids",)
) -> list[ServerProcess]:
    """A worker for each of these queues, the drain first, and the watch that sees to them."""
    workers = [
        ServerProcess(f"worker-{name}", [sys.executable, "worker.py", name], environment, folder) for name in queues
    ]
    watch = [sys.executable, "-m", "flask", "--app", "wsgi", "auction", "close-due", "--watch"]
    processes = [*workers, ServerProcess("watch", watch, environment, folder)]
    for process in processes:
        _start(stack, process)
    return processes


def _start(stack: ExitStack, process: ServerProcess) -> None:
    process.start()
    stack.callback(process.stop)


def pid_of(process: ServerProcess) -> int:
    """Its process id. Raises AssertionError, with the end of its log, when it has ended."""
    pid = process.pid
    assert pid, f"{process.name} ended:\n{process.last_words()}"
    return pid
