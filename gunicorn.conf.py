"""gunicorn's settings for every service. What differs (address, threads, worker class) comes from the command line.

Pages and bids use the worker class gthread. Sockets use gevent in a service of their own, so that no bid waits behind a
socket. Nothing of the product is imported at the top: it must load in the worker, after gevent has patched the process.
"""

import json
import logging
import threading
import time
from datetime import UTC, datetime
from typing import Any

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 1
# A quarter of them may hash passwords (accounts/hashing_pool.py); the others are for bids and pages.
threads = 32
# Workers hold sockets, so they are never replaced after a number of requests.
max_requests = 0
# A worker that sends gunicorn no heartbeat for so many seconds is replaced; this limits no single request.
timeout = 30
graceful_timeout = 20
# Longer than the proxy's own, so that the proxy never sends a request on a connection that is being closed.
keepalive = 75
# The default control socket is in the home directory and would be shared by every gunicorn of this account.
control_socket_disable = True
# Only ProxyFix takes the client's address from the proxy in front; gunicorn itself trusts no forwarding header.
forwarded_allow_ips = ""
limit_request_line = 8190
limit_request_field_size = 8190
accesslog = None
errorlog = "-"
loglevel = "warning"

STOP_CHECK_SECONDS = 0.1


class MasterLine(logging.Formatter):
    """gunicorn's lines until the product is loaded, in the shape of cashticket.logs; the master never loads it."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line of JSON, with the traceback of a worker that could not start."""
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields = {
            "time": moment.replace("+00:00", "Z"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            "process": "gunicorn",
        }
        if record.exc_info:
            fields["trace"] = self.formatException(record.exc_info)
        return json.dumps(fields)


def on_starting(server: Any) -> None:
    for handler in server.log.error_log.handlers:
        handler.setFormatter(MasterLine())
    if server.cfg.worker_class_str == "gthread":
        _bind_without_listening()


def post_worker_init(worker: Any) -> None:
    """Write gunicorn's own lines as ours, fit the hashing of passwords to the threads, start to witness accepted bids,
    open the port, and as soon as the worker is to stop close its listeners and all sockets: gunicorn would keep them
    until it ends."""
    from cashticket.accounts import passwords
    from cashticket.logs import setup

    kind = "live" if worker.cfg.worker_class_str == "gevent" else "web"
    setup.name_process(kind, adopt=("gunicorn.error",))
    _start_witness(worker, kind)
    passwords.pool.fit(_threads_for_forms(worker.cfg))
    if worker.cfg.worker_class_str == "gthread":
        _close_listeners_on_stop(worker)
        for listener in worker.sockets:
            listener.listen(worker.cfg.backlog)
    threading.Thread(target=_close_sockets_on_stop, args=(worker,), name="close-sockets", daemon=True).start()


def worker_exit(server: Any, worker: Any) -> None:
    """Write down the bids that were accepted since the last write."""
    for witness in _extensions(worker).get("witnesses", {}).values():
        witness.stop()


def _start_witness(worker: Any, kind: str) -> None:
    """Let the worker witness the bids it accepts, and a worker for sockets those that it hears of."""
    extensions = _extensions(worker)
    for name, store in extensions["engine"].stores().items():
        extensions["witnesses"][name].start(kind, store)
    if kind == "live":
        # Not with the first socket: what is accepted before is to be witnessed too.
        threading.Thread(target=extensions["hub"].listen, name="listen", daemon=True).start()


def _extensions(worker: Any) -> dict[str, Any]:
    """The parts of the application that the worker has loaded; none when it could not be loaded."""
    door = getattr(worker, "wsgi", None)
    return getattr(getattr(door, "application", door), "extensions", {})


def _threads_for_forms(cfg: Any) -> int:
    """How many requests a worker serves at once beside sockets. 0 for greenlets: hashing would hold up all of them."""
    return cfg.threads if cfg.worker_class_str == "gthread" else 0


def _bind_without_listening() -> None:
    """Let the master take its port, and nobody connect before a worker has loaded the product. gunicorn would listen at
    once: whoever connects waits for the worker, and is reset if it cannot load, bids among them. A port at which nobody
    listens refuses, so that nginx asks another process."""
    from gunicorn import sock

    sock.TCPSocket._is_listening = staticmethod(lambda bound: True)


def _close_listeners_on_stop(worker: Any) -> None:
    """Let a worker that is to stop take what has connected already, then close its listeners. gunicorn would only stop
    accepting: whoever connected while it waits for its open connections would hang and be reset, bids among them."""
    set_accept_enabled = worker.set_accept_enabled

    def set_or_end(enabled: bool) -> None:
        set_accept_enabled(enabled)
        if worker.alive or enabled:
            return
        for listener in worker.sockets:
            connections = -1
            while connections < worker.nr_conns < worker.worker_connections:
                connections = worker.nr_conns
                worker.accept(listener)
            listener.close()
        # gunicorn asks twice when the stop comes at an unlucky moment: nothing is left to do then.
        worker.sockets = []

    worker.set_accept_enabled = set_or_end


def _close_sockets_on_stop(worker: Any) -> None:
    while worker.alive:
        time.sleep(STOP_CHECK_SECONDS)
    from cashticket.live import hubs

    hubs.close_all()
