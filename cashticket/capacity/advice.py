"""What to do when a tier is full, how far the measurements went, and which settings belong to a size."""

from dataclasses import dataclass
from math import ceil

from cashticket.capacity.costs import Costs
from cashticket.capacity.plan import Plan
from cashticket.capacity.tiers import WORKERS_MIN

THEN = {
    "nginx": "Add front servers, and let DNS or a balancer spread people over them. Each board goes to each socket, so "
    "network fills before cores. Fewer sockets (a lower SOCKETS_MAX) let the other pages poll boards that nginx keeps.",
    "web": "Add web processes, one for each core, and name each in the three upstreams `web`, `forms` and `reads`.",
    "live": "Add live processes, one for each core, and name each in upstream `live`. Each costs the live store a copy "
    "of every message.",
    "live store": "It decides on one core, and one auction lives in one store: a faster core helps, a second store "
    "does not. Fewer live processes with more sockets each save copies of messages. Auctions of other concerts can "
    "have stores of their own (LIVE_STORES).",
    "queue store": "Give it a server and a faster core of its own. It takes what the lab's only store did for both "
    "roles, which is more than it needs.",
    "workers": "Add `bids` workers. One auction is recorded by one at a time, so more help only several auctions.",
    "database": "Give the one that writes a larger server; a replica takes over, and shares no writes.",
}


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting for a plan: its name, where it stands, the value for this size, and the shipped one."""

    name: str
    where: str
    value: str
    shipped: str


def settings_for(plan: Plan, cores: float) -> list[Setting]:
    """The settings to look at, with values for this plan. nginx has a worker for each of the `cores` of a server."""
    webs, lives = plan.web_processes, plan.live_processes
    nginx = next(each for each in plan.tiers if each.name == "nginx")
    front = ceil(plan.peaks.sockets / nginx.servers)
    drains = max(WORKERS_MIN, ceil(next(each for each in plan.tiers if each.name == "workers").cores))
    connections = 20 * (webs + lives + drains + 5)
    return [
        Setting("web processes, 1 worker of 32 threads each", "gunicorn, upstreams.conf", str(webs), "2"),
        Setting("live processes", "gunicorn, upstream live, least_conn", str(lives), "1"),
        Setting("SOCKETS_MAX", "environment of live", "12000", "12000"),
        Setting("--worker-connections", "command of live", "12500", "12500"),
        Setting("LimitNOFILE", "unit of live", "65536", "65536"),
        Setting(
            "worker_connections", "nginx.conf, for each of its workers", _worker_connections(front, cores), "32768"
        ),
        Setting("worker_rlimit_nofile", "nginx.conf", "65536", "65536"),
        Setting("workers bids", "worker.py bids", str(drains), str(WORKERS_MIN)),
        Setting("max_connections", "database, 20 a process at most", str(max(300, connections)), "300"),
    ]


def _worker_connections(sockets: int, cores: float) -> str:
    """Two connections a socket, over the workers of a front server, of which one may have more than its share."""
    return "32768" if sockets * 2 <= cores * 32768 * 0.7 else "65536, and more front servers"


def _number(value: float) -> str:
    return f"{value:,.1f}".removesuffix(".0")


def bounds(plan: Plan, costs: Costs) -> list[str]:
    """How far the measurements went, and what of this plan is beyond them."""
    value, peaks = costs.value, plan.peaks
    compared = (
        ("accepted bids a second", peaks.bids, value["measured_bids"]),
        ("sockets", peaks.sockets, value["live_sockets_a_process"]),
        ("sign-ins a second", peaks.sign_ins, value["measured_sign_ins"]),
    )
    return [
        f"{what}: measured up to {_number(highest)}; "
        + (
            f"the {planned:,.0f} of this plan are extrapolated"
            if planned > highest
            else f"this plan has {planned:,.0f}"
        )
        for what, planned, highest in compared
    ] + [
        "live processes: one was measured, with 100 bids a second; several, and more bids, are extrapolated",
        "servers: all was measured on one machine with 2 cores, so no network between servers is in it",
    ]
