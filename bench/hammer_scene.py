"""Everything that `bench.hammer` measures, on one machine and as durable as in production: MariaDB, live store, queue
store, two web processes, live service, nginx, three workers and the watch.
"""

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from flask import Flask

from bench.live_process import tree_cpu_seconds
from bench.live_scene import nginx_or_exit
from cashticket import create_app
from lab.servers.installation import Installation
from lab.servers.live_service import LiveService
from lab.servers.mariadb_server import MariaDbServer, mariadb_binary
from lab.servers.nginx_server import Nginx
from lab.servers.redis_server import RedisServer

LOOK_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class Site:
    """The running product. `folder` takes the files of the measurement."""

    folder: Path
    installation: Installation
    database: MariaDbServer
    front: Nginx
    live: LiveService
    app: Flask

    def cpu_seconds(self) -> dict[str, float]:
        """Processor seconds so far of the web processes, nginx, the live store and the database."""
        store = self.installation.store.process
        database = self.database.process
        roots = {
            "web": [web.pid for web in self.installation.webs],
            "nginx": [self.front.process.pid],
            "store": [store.pid if store else None],
            "database": [database.pid if database else None],
        }
        return {name: sum(tree_cpu_seconds(pid) for pid in pids if pid) for name, pids in roots.items()}


@contextmanager
def site() -> Iterator[Site]:
    """Start everything but the watch and the workers, which `start_work` starts; end all of it, by process id."""
    if mariadb_binary() is None:
        sys.exit("MariaDB is not installed")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cashticket-hammer-")))
        database = MariaDbServer(durable=True)
        stack.callback(database.remove)
        queue = RedisServer()
        stack.callback(queue.remove)
        installation = Installation(folder / "processes", database.start().create_database("hammer"))
        live = LiveService(installation.environment, installation.folder)
        ports = [web.port for web in installation.webs]
        front = Nginx(nginx_or_exit(), folder / "nginx", ports, live.port)
        installation.environment |= {
            "QUEUE_REDIS_URL": queue.start().url,
            "BASE_URL": front.url,
            "PROXIES": "1",
            "MAIL_URL": f"file:{folder / 'mail'}",
        }
        stack.callback(_stop, installation)
        installation.store.start()
        say("migrating the database")
        installation.flask("db", "upgrade")
        app = _application(installation.environment)
        for process in (*installation.webs, live, front):
            process.start()
            stack.callback(process.stop)
        for web in installation.webs:
            # The type of a default value of a lambda is not worked out.
            wait_for(lambda web=web: web.says("/healthz") == 200, web.name)  # type: ignore[misc]
        yield Site(folder, installation, database, front, live, app)


def start_work(running: Site) -> None:
    """Start the workers and the watch, and wait until the web processes are ready."""
    for process in (*running.installation.workers.values(), running.installation.watch):
        process.start()
    for web in running.installation.webs:
        wait_for(web.is_ready, f"{web.name} with everything it needs")


def say(text: str) -> None:
    """Tell whoever waits what is done now."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def wait_for(condition: Callable[[], object], what: str, seconds: float = 60.0) -> float:
    """Wait until `condition()` holds. Returns when it did (monotonic seconds). Exits, naming `what`, when it takes too
    long."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit(f"after {seconds:.0f} s there is still no {what}")
        time.sleep(LOOK_SECONDS)
    return time.monotonic()


def _stop(installation: Installation) -> None:
    """Stop everything. What does not end by itself is killed and said, and takes no figure away."""
    try:
        installation.stop()
    except AssertionError as error:
        say(str(error))
        for process in installation.processes:
            if process.name in str(error):
                say(process.last_words())


def _application(environment: dict[str, str]) -> Flask:
    os.environ.update(environment)
    return create_app()
