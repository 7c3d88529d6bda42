"""Whether a process of this machine has ended, told by its mark.

A mark names the boot of the machine, the namespace of process ids, the process id, and when the process began. The last
two together are given once. Of a process in another namespace, such as another container, nothing can be told.
"""

import os
from contextlib import suppress
from pathlib import Path

ENDED_STATES = "ZX"
"""States of a process that has ended and waits to be noticed by its parent (man 5 proc)."""


def own_mark() -> str:
    """The mark of this process; '' where the machine does not say who its processes are."""
    namespace, began = _namespace(), _state_and_beginning(os.getpid())[1]
    return f"{namespace} {os.getpid()} {began}" if namespace and began else ""


def has_ended(mark: str) -> bool:
    """Whether the process of `mark` ran beside this one and has ended. False where that cannot be told."""
    namespace, _, rest = mark.rpartition(" ")[0].rpartition(" ")
    if not namespace or namespace != _namespace() or not rest.isdecimal():
        return False
    process, began = int(rest), mark.rpartition(" ")[2]
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):
        # It runs as another user, or there is no such number.
        return False
    state, began_now = _state_and_beginning(process)
    return bool(began_now) and (state in ENDED_STATES or began_now != began)


def _namespace() -> str:
    """The boot and the namespace of process ids in which this process runs, '' if that is unknown."""
    with suppress(OSError):
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot} {Path('/proc/self/ns/pid').stat().st_ino}"
    return ""


def _state_and_beginning(process: int) -> tuple[str, str]:
    """The state of a process and when it began, in ticks since the boot; empty where that cannot be read."""
    with suppress(OSError):
        # The name, in parentheses, may hold anything.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return fields[0], fields[19]
    return "", ""
