"""One line for each event: JSON in production, `time LEVEL logger event key=value` elsewhere.

Lines of libraries pass the same way. A value can begin no new line: control characters are always escaped.
"""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

from cashticket.logs.cleaning import cleaned
from cashticket.logs.context import add_context
from cashticket.logs.failures import failure_text, failure_trace

# Made by us from checked parts, so that nothing has to be masked in them.
HEAD = ("time", "level", "logger", "event", "process", "version", "request_id", "client", "endpoint")
PLAIN_FIELDS = frozenset(HEAD) - {"event"} | {"account", "job"}


class LineFormatter(structlog.stdlib.ProcessorFormatter):
    """Formats records of structlog and of the standard library. `facts` (process, version) stand in every JSON line."""

    def __init__(self, *, as_json: bool, with_messages: bool, facts: dict[str, str]) -> None:
        self._facts = facts
        self._with_messages = with_messages
        super().__init__(
            processors=[
                add_context,
                self._add_facts,
                _clean_values,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                as_json_line if as_json else as_readable_line,
            ]
        )

    def format(self, record: logging.LogRecord) -> str:
        """The line of a record. Exceptions among its arguments are written by class and code."""
        if isinstance(record.args, tuple) and any(isinstance(each, BaseException) for each in record.args):
            record = logging.makeLogRecord(record.__dict__)
            record.args = tuple(
                failure_text(each) if isinstance(each, BaseException) else each for each in record.args or ()
            )
        return super().format(record)

    def _add_facts(self, logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:
        record: logging.LogRecord = event_dict["_record"]
        moment = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        event_dict["time"] = moment.replace("+00:00", "Z")
        event_dict["level"] = record.levelname.lower()
        event_dict["logger"] = record.name
        event_dict.update(self._facts)
        event_dict.pop("stack_info", None)
        error = _error_of(event_dict.pop("exc_info", None))
        if error is not None:
            event_dict["error"] = f"{failure_text(error)} {error!r}" if self._with_messages else failure_text(error)
            event_dict["trace"] = failure_trace(error)
        return event_dict


def _error_of(exc_info: Any) -> BaseException | None:
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return exc_info[1] if isinstance(exc_info[1], BaseException) else None
    return sys.exc_info()[1] if exc_info else None


def _clean_values(logger: WrappedLogger, method: str, event_dict: EventDict) -> EventDict:
    for name, value in event_dict.items():
        if isinstance(value, BaseException):
            event_dict[name] = failure_text(value)
        elif isinstance(value, str) and name not in PLAIN_FIELDS:
            event_dict[name] = cleaned(value)
    return event_dict


def as_json_line(logger: WrappedLogger, method: str, event_dict: EventDict) -> str:
    """One line of ASCII JSON, the fields that every line has first; fields that are None are left out."""
    ordered = {name: event_dict[name] for name in HEAD if name in event_dict} | dict(event_dict)
    return json.dumps({name: value for name, value in ordered.items() if value is not None}, default=str)


def as_readable_line(logger: WrappedLogger, method: str, event_dict: EventDict) -> str:
    """`time LEVEL logger event key=value`, with control characters escaped."""
    rest = {name: value for name, value in event_dict.items() if name not in HEAD[:6] and value is not None}
    start = f"{event_dict['time']} {event_dict['level'].upper()} {event_dict['logger']} {event_dict['event']}"
    return escaped(" ".join([start, *(f"{name}={value}" for name, value in rest.items())]))


def escaped(text: str) -> str:
    """The text with every character that is not printable written as an escape, line breaks of Unicode included."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode("ascii") for each in text)


def structured_logger(name: str) -> Any:
    """A structlog logger whose fields become fields of the line: `log.info(event, field=value)`."""
    return structlog.wrap_logger(
        logging.getLogger(name),
        processors=[structlog.stdlib.filter_by_level, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
    )


class StandardError(logging.StreamHandler[TextIO]):
    """Writes to standard error as it is at the moment of writing, so that standard output stays free for data."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr
