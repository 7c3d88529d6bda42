"""The measured costs that ship with the product, each with the file that it comes from.

`costs.json` is written by `python -m lab.load.unit_costs`; a test computes every figure of it again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

Points = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a figure comes from: a file of the checkout, the commit and machine of its run, and how it is computed."""

    unit: str
    file: str
    commit: str
    machine: str
    how: str


@dataclass(frozen=True, slots=True)
class Costs:
    """Measured costs. `value` has single figures by name; `bids` has, for each tier, the cores that it used at rates of
    accepted bids of one auction (bids a second, cores), lowest rate first; `sources` tell of each by its name."""

    value: Mapping[str, float]
    bids: Mapping[str, Points]
    sources: Mapping[str, Source]

    def bid_cores(self, tier: str, rate: float) -> float:
        """Cores that a tier uses while one auction takes so many bids a second: between two measured rates on the line
        between them, beyond the last one in proportion."""
        before = (0.0, 0.0)
        for point in self.bids[tier]:
            if rate <= point[0]:
                return before[1] + (point[1] - before[1]) * (rate - before[0]) / (point[0] - before[0])
            before = point
        return rate * before[1] / before[0]

    def most_bid_cores(self, tier: str, rate: float) -> float:
        """The most cores on the way to this rate: recording single bids takes more than recording
        many at once."""
        lower = [cores for measured, cores in self.bids[tier] if measured <= rate]
        return max([*lower, self.bid_cores(tier, rate)])


@cache
def shipped() -> Costs:
    """The costs that ship with the product."""
    text = (files("cashticket.capacity") / "costs.json").read_text(encoding="utf-8")
    return costs_of(json.loads(text))


def costs_of(document: Mapping[str, Any]) -> Costs:
    """Costs from a document as `costs.json` holds it. Raises KeyError for a figure without value or source."""
    figures = document["figures"]
    singles = {name: each["value"] for name, each in figures.items() if "value" in each}
    bids = {
        name.removeprefix("bids_"): tuple((rate, cores) for rate, cores in each["points"])
        for name, each in figures.items()
        if "points" in each
    }
    keys = ("unit", "file", "commit", "machine", "how")
    sources = {name: Source(*(each[key] for key in keys)) for name, each in figures.items()}
    return Costs(singles, bids, sources)
