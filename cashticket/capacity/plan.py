"""From loads to servers: how many of each tier, which tier fills first, and what no further server helps."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from cashticket.capacity.costs import Costs
from cashticket.capacity.crowd import Crowd, Peaks, peaks_of
from cashticket.capacity.tiers import Load, live_processes, loads, store_extra_cores

SINGLE = ("live store", "queue store", "database")
"""Tiers of which an installation has one that works; replicas wait."""

ONE_CORE = ("live store", "queue store")
"""Redis and Valkey carry out commands on one core, however many the server has."""

FANS_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Server:
    """A size of server, and the share of it that may be used (0 to 1)."""

    cores: float = 8.0
    memory_gib: float = 32.0
    network_mbit: float = 10_000.0
    limit: float = 0.7


@dataclass(frozen=True, slots=True)
class TierPlan:
    """One tier: its most cores, memory (GiB) and network (Mbit/s), the moment of the most cores, servers, the share of
    these servers that is used, and up to how many fans one server of this size would do."""

    name: str
    moment: str
    cores: float
    memory_gib: float
    network_mbit: float
    servers: int
    used: float
    one_server_fans: int

    @property
    def fits(self) -> bool:
        """Whether so many servers help: of a single tier only one works."""
        return self.name not in SINGLE or self.servers == 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Servers for a crowd. `first` fills first when each tier has one server; `auction_bids_most` is the ceiling of one
    auction in accepted bids a second, with the live processes of this crowd."""

    crowd: Crowd
    peaks: Peaks
    tiers: list[TierPlan]
    live_processes: int
    web_processes: int
    auction_bids_most: float

    @property
    def first(self) -> TierPlan:
        return min(self.tiers, key=lambda each: each.one_server_fans)

    @property
    def first_single(self) -> TierPlan:
        """The first of the tiers that no further server helps."""
        return min((each for each in self.tiers if each.name in SINGLE), key=lambda each: each.one_server_fans)


def plan_for(crowd: Crowd, server: Server, costs: Costs) -> Plan:
    """Servers of this size for the crowd."""
    of_tiers = loads(crowd, costs, server.limit)
    tiers = [_tier(name, some, crowd, server, costs) for name, some in of_tiers.items()]
    peaks = peaks_of(crowd)
    lives = live_processes(peaks.sockets, costs, server.limit)
    webs = max(2, ceil(max(each.cores for each in of_tiers["web"]) / server.limit))
    return Plan(crowd, peaks, tiers, lives, webs, auction_ceiling(crowd, server, costs))


def _tier(name: str, some: list[Load], crowd: Crowd, server: Server, costs: Costs) -> TierPlan:
    share = use_of(name, some, server)
    servers = max(1, ceil(round(share / server.limit, 9)))

    def is_enough(fans: int) -> bool:
        return use_of(name, loads(crowd.of(fans), costs, server.limit)[name], server) <= server.limit

    return TierPlan(
        name,
        max(some, key=lambda each: each.cores).moment,
        max(each.cores for each in some),
        max(each.memory_gib for each in some),
        max(each.network_mbit for each in some),
        servers,
        share / servers,
        int(highest_that_holds(is_enough)),
    )


def use_of(name: str, some: list[Load], server: Server) -> float:
    """The share of one server that a tier uses at its busiest, by what it has least of: cores, memory or network."""
    cores = 1.0 if name in ONE_CORE else server.cores
    return max(
        max(each.cores / cores, each.memory_gib / server.memory_gib, each.network_mbit / server.network_mbit)
        for each in some
    )


def highest_that_holds(is_enough: Callable[[int], bool], top: int = FANS_MOST) -> int:
    """The highest number up to `top` for which `is_enough` holds, if it holds up to there and no further."""
    low, high = 0, top
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if is_enough(middle) else (low, middle - 1)
    return low


def auction_ceiling(crowd: Crowd, server: Server, costs: Costs) -> float:
    """Accepted bids a second of one auction at which its live store is full, each bid reviewed before."""
    alone = replace(crowd, auctions=1)
    lives = live_processes(crowd.fans * crowd.watching, costs, server.limit)

    def is_enough(rate: int) -> bool:
        peaks = Peaks(rate, rate, crowd.fans * crowd.watching, 0, 0, 0, 0)
        cores = costs.most_bid_cores("live store", rate) + store_extra_cores(alone, peaks, costs, lives)
        return cores <= server.limit

    return float(highest_that_holds(is_enough, 100_000))
