"""Moments and spans as operators type them. A moment without a zone is in Seoul."""

from typing import Any

import click

from cashticket.typed.moments import SPAN_HINT, NoMoment, parse_span, read_moment


class MomentType(click.ParamType[Any]):
    """Converts an ISO moment to an aware UTC datetime, exact to the millisecond.

    A value in `keywords` stays as it is. With `spans`, `+90s` `+10m` `+2h` `+1d` become a timedelta.
    """

    name = "ISO"

    def __init__(self, *, keywords: tuple[str, ...] = (), spans: bool = False) -> None:
        self.keywords, self.spans = keywords, spans

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str) or value in self.keywords:
            return value
        if self.spans and value.startswith("+"):
            return parse_span(value) or self.fail(f"{value!r} is no span; {SPAN_HINT}.", param, ctx)
        try:
            return read_moment(value)
        except NoMoment as error:
            self.fail(f"{value!r} {error}.", param, ctx)


MOMENT = MomentType()
OPENING = MomentType(keywords=("now",))
CLOSING = MomentType(spans=True)
