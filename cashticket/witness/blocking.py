"""Runs what blocks a whole thread, such as waiting for a disk, without holding up greenlets beside it."""

import sys
from collections.abc import Callable
from typing import Any


def run_blocking(act: Callable[..., Any], *arguments: Any) -> Any:
    """The result of `act`. In a process whose threads are greenlets (the service live) it runs in a real thread."""
    monkey: Any = sys.modules.get("gevent.monkey")
    if monkey is None or not monkey.is_module_patched("threading"):
        return act(*arguments)
    gevent: Any = sys.modules["gevent"]
    return gevent.get_hub().threadpool.apply(act, arguments)
