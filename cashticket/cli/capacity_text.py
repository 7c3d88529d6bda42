"""How `flask ops capacity` tells a plan to people."""

from collections.abc import Iterator

from cashticket.capacity.advice import THEN, bounds, settings_for
from cashticket.capacity.costs import Costs
from cashticket.capacity.plan import ONE_CORE, Plan, Server, TierPlan


def text_of(plan: Plan, server: Server, costs: Costs) -> str:
    """The plan in lines."""
    parts = (_peaks(plan), _tiers(plan), _full(plan, server), _settings(plan, server), _bounds(plan, costs))
    return "\n\n".join("\n".join(lines) for lines in parts)


def _peaks(plan: Plan) -> Iterator[str]:
    crowd, peaks = plan.crowd, plan.peaks
    yield f"{crowd.fans:,} fans, {crowd.auctions:,} × {crowd.seats:,} seats"
    yield f"  before the opening   {peaks.sign_ins:,.0f} sign-ins/s, {peaks.pages:,.0f} pages/s"
    yield (
        f"  in the last minute   {peaks.bids:,.0f} bids/s ({peaks.auction_bids:,.1f} an auction), "
        f"{peaks.sockets:,.0f} sockets"
    )
    yield f"  after the result     {peaks.outcomes:,.0f} own outcomes/s"


def _tiers(plan: Plan) -> Iterator[str]:
    heads = f"{'tier':<12} {'busiest':<12} {'cores':>8} {'GiB':>7} {'Mbit/s':>9}"
    yield f"{heads} {'servers':>8} {'used':>5}  one server holds"
    for each in plan.tiers:
        servers = str(each.servers) if each.fits else "TOO MUCH"
        used = f"{each.used if each.fits else each.used * each.servers:.0%}"
        yield (
            f"{each.name:<12} {each.moment:<12} {each.cores:>8,.2f} {each.memory_gib:>7,.1f} "
            f"{each.network_mbit:>9,.0f} {servers:>8} {used:>5}  {each.one_server_fans:,} fans"
        )


def _full(plan: Plan, server: Server) -> Iterator[str]:
    yield (
        f"A server here: {server.cores:g} cores, {server.memory_gib:g} GiB, {server.network_mbit / 1000:g} Gbit/s, "
        f"used up to {server.limit:.0%}. Of a store one core counts."
    )
    yield from _one_full("With one server a tier, this one is full first", plan.first)
    yield from _one_full("Of those that no further server helps, this one is full first", plan.first_single)
    yield (
        f"One auction: at most {plan.auction_bids_most:,.0f} accepted bids a second, with {plan.live_processes} live "
        f"processes; it lives in one store, on one core."
    )


def _one_full(words: str, tier: TierPlan) -> Iterator[str]:
    core = ", one core" if tier.name in ONE_CORE else ""
    yield f"{words}: {tier.name} ({tier.one_server_fans:,} fans{core})."
    yield f"  Then: {THEN[tier.name]}"


def _settings(plan: Plan, server: Server) -> Iterator[str]:
    yield "Settings for this size (shipped in brackets):"
    for each in settings_for(plan, server.cores):
        yield f"  {each.name}: {each.value} ({each.shipped}) · {each.where}"


def _bounds(plan: Plan, costs: Costs) -> Iterator[str]:
    yield "How far this was measured:"
    yield from (f"  {line}" for line in bounds(plan, costs))
