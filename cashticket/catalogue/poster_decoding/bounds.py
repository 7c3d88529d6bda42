"""Binds the process that decodes posters: to some memory, to no files of its own, and to a time for each poster.

A system that has one of these limits not (macOS has none for memory) leaves that one out.
"""

import math
import resource
from contextlib import suppress

FILES_MAX = 32


def bind(memory_bytes: int) -> None:
    """From now on take at most so many bytes of addresses, write no file and leave no image of the memory behind."""
    for limit, value in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, FILES_MAX),
        (resource.RLIMIT_CORE, 0),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(limit, (value, value))


def allow_seconds(cpu_seconds: int) -> None:
    """The system ends this process (SIGXCPU) when it has used so many more seconds of a processor."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, highest = resource.getrlimit(resource.RLIMIT_CPU)
    seconds = math.ceil(used.ru_utime + used.ru_stime) + cpu_seconds
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, highest))
