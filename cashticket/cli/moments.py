"""Moments and spans as operators type them. Without a zone, a moment is meant in Seoul."""

from typing import Any

import click

from cashticket.catalogue.moments import HINT, SPAN_HINT, parse_moment, parse_span


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
            return parse_span(value) or self.fail(f"{value!r} is no span; {SPAN_HINT}.", param, ctx)
        return parse_moment(value) or self.fail(f"{value!r} is no moment; {HINT}.", param, ctx)


MOMENT = MomentType()
OPENING = MomentType(words=("now",))
CLOSING = MomentType(spans=True)
