"""Sets logging up, once for each process: one handler on the root logger, which writes to standard error.

The factory calls `configure`; a process that serves calls `name_process` as well.
"""

import logging
import sys
import threading
from types import TracebackType

from cashticket.logs.lines import LineFormatter, StandardError

SECURITY = "cashticket.security"

log = logging.getLogger(__name__)
_facts = {"process": "cli", "version": "unknown"}
_handler = StandardError()


def configure(app_env: str, version: str) -> None:
    """Send every line to standard error: JSON in production, readable elsewhere. Repeating it is harmless.

    In development lines carry the messages of exceptions too; nobody's data is there.
    """
    _facts["version"] = version
    _handler.setFormatter(
        LineFormatter(as_json=app_env == "production", with_messages=app_env == "development", facts=_facts)
    )
    root = logging.getLogger()
    if _handler not in root.handlers:
        root.addHandler(_handler)
        root.setLevel(logging.WARNING)
    logging.getLogger(SECURITY).setLevel(logging.INFO)


def name_process(kind: str, *, adopt: tuple[str, ...] = ()) -> None:
    """Say what this process is: web, live, worker-bids …. Errors that end it or a thread become lines too.

    `adopt` names loggers of libraries with handlers of their own; from now on they write here.
    """
    _facts["process"] = kind
    for name in adopt:
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    sys.excepthook = _log_end_of_process
    threading.excepthook = _log_end_of_thread


def _log_end_of_process(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, KeyboardInterrupt):
        return
    log.critical("the process ends by an error", exc_info=error)


def _log_end_of_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None and not isinstance(arguments.exc_value, SystemExit):
        log.error("a thread ends by an error", exc_info=arguments.exc_value)
