"""gunicorn's settings for every service; what differs (address, threads, worker class) is given on the command line.

Pages and bids: worker class gthread. Sockets: gevent, as a service of their own, so that a bid never waits behind one.
Nothing of the product is imported here: it must load inside the worker, after gevent has prepared the process.
"""

import threading
import time
from typing import Any

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = 1
threads = 16
# Workers hold sockets and are never recycled under them.
max_requests = 0
# A worker without a sign of life for this long is replaced; a request may well take its own time.
timeout = 30
graceful_timeout = 20
# Longer than the proxy's own, so that the proxy never writes into a connection that is being closed.
keepalive = 75
# The default control socket lies in the home directory and would be shared by every gunicorn of this account.
control_socket_disable = True
# Only the proxy in front may say who is calling, and ProxyFix counts it; gunicorn itself believes nobody.
forwarded_allow_ips = ""
limit_request_line = 8190
limit_request_field_size = 8190
accesslog = None
errorlog = "-"
loglevel = "warning"

NOTICE_SECONDS = 0.1


def post_worker_init(worker: Any) -> None:
    """Close sockets the moment the worker is told to stop: gunicorn would hold them until its patience ends."""
    threading.Thread(target=_close_sockets_at_the_end, args=(worker,), name="close-sockets", daemon=True).start()


def _close_sockets_at_the_end(worker: Any) -> None:
    while worker.alive:
        time.sleep(NOTICE_SECONDS)
    from cashticket.live import hubs

    hubs.close_all()
