"""Figures of `/metrics` that are read at a scrape: what they are called, what they mean, and how a part is read.

A part that cannot be read has no samples in that scrape, so that nobody takes an old figure for a present one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import redis
from prometheus_client import Metric
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy.exc import SQLAlchemyError

from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable, UnknownAuction

PREFIX = "cashticket_"
AWAY = (StoreUnavailable, OutcomeUnknown, UnknownAuction, redis.RedisError, SQLAlchemyError)

Values = Mapping[str, float | Mapping[str, float] | Mapping[tuple[str, ...], float]]
"""By name without PREFIX: a number, or numbers by the value of the label, or by those of several."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A gauge. With a `label` it has a sample for each value of it; several labels have spaces between."""

    name: str
    text: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Figures that are read together. `up` is the name of a gauge that says whether they were, '' for none."""

    figures: tuple[Figure, ...]
    read: Callable[[], Values]
    up: Figure | None = None

    @property
    def all_figures(self) -> tuple[Figure, ...]:
        """The figures of this part, with the one that says whether it was read."""
        return (*self.figures, self.up) if self.up else self.figures

    def families(self) -> Iterator[Metric]:
        """Every figure in the form of Prometheus, read now. A part that is away raises nothing."""
        try:
            values: Values = {**self.read(), **({self.up.name: 1.0} if self.up else {})}
        except AWAY:
            values = {self.up.name: 0.0} if self.up else {}
        return (_family(figure, values.get(figure.name)) for figure in self.all_figures)


def _family(figure: Figure, value: float | Mapping[str, float] | Mapping[tuple[str, ...], float] | None) -> Metric:
    family = GaugeMetricFamily(PREFIX + figure.name, figure.text, labels=figure.label.split())
    if isinstance(value, Mapping):
        for label, number in value.items():
            family.add_metric([label] if isinstance(label, str) else label, number)
    elif value is not None:
        family.add_metric([], value)
    return family
