"""Moments and spans as operators type them. Without a zone, a moment is meant in Seoul."""

import re
from datetime import timedelta
from typing import Any

import click

from cashticket.catalogue.moments import HINT, parse_moment

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SPAN_MOST = timedelta(days=366)


class MomentType(click.ParamType[Any]):
    """An ISO moment as aware UTC datetime, to the millisecond; with `words`, those words are let through as they are;
    with `spans`, `+90s` `+10m` `+2h` `+1d` become a timedelta."""

    name = "ISO"

    def __init__(self, *, words: tuple[str, ...] = (), spans: bool = False) -> None:
        self.words, self.spans = words, spans

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str) or value in self.words:
            return value
        if self.spans and value.startswith("+"):
            return self._span(value) or self.fail(f"{value!r} is no span; say +90s, +10m, +2h or +1d.", param, ctx)
        return parse_moment(value) or self.fail(f"{value!r} is no moment; {HINT}.", param, ctx)

    @staticmethod
    def _span(value: str) -> timedelta | None:
        parts = re.fullmatch(r"\+([0-9]{1,7})([smhd])", value)
        span = timedelta(**{UNITS[parts[2]]: int(parts[1])}) if parts else None
        return span if span and span <= SPAN_MOST else None


MOMENT = MomentType()
OPENING = MomentType(words=("now",))
CLOSING = MomentType(spans=True)
