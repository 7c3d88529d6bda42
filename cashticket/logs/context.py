"""What every log line says about the request or job that wrote it, in one variable of the thread or greenlet."""

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType

from structlog.typing import EventDict, WrappedLogger

_NOTHING: Mapping[str, str | None] = MappingProxyType({})
_context: ContextVar[Mapping[str, str | None]] = ContextVar("cashticket_log_context", default=_NOTHING)


def set_context(**facts: str | None) -> None:
    """From now on the lines of this thread or greenlet carry these facts and no earlier ones."""
    _context.set(facts)


def context() -> Mapping[str, str | None]:
    """The facts that were set last; none before."""
    return _context.get()


def clear_context() -> None:
    """From now on the lines carry no facts."""
    _context.set(_NOTHING)


def add_context(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:
    """A processor of structlog: adds the facts to a line, which keeps its own fields of the same name."""
    for name, value in _context.get().items():
        event_dict.setdefault(name, value)
    return event_dict
