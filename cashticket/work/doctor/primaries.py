"""Each primary of a cluster as the live store that it is for its auctions; without a cluster, the one that there is."""

from collections.abc import Iterator, Sequence

from cashticket.engine.cluster_engine import primaries_of
from cashticket.engine.cluster_primaries import Primary
from cashticket.wiring import current_engine, current_settings
from cashticket.work.doctor import stores
from cashticket.work.doctor.diagnoses import Asking, Diagnosis, asking, bad, ok


def look_at_live_store() -> Iterator[Diagnosis]:
    """The store that decides bids. Of a cluster: whether every slot has a primary that answers, then each of them."""
    with asking() as moments:
        primaries = stores.answer(lambda: primaries_of(current_engine()), "REDIS_URL", current_settings().redis_url)
    if not primaries:
        yield from stores.look_at_live_store()
        return
    yield _all(primaries)
    for primary in primaries:
        yield from _one(primary, moments)


def _all(primaries: Sequence[Primary]) -> Diagnosis:
    name = "live store"
    troubled = [primary for primary in primaries if primary.trouble]
    if not troubled:
        return ok(name, f"the {len(primaries)} primaries of the cluster answer, and every slot has one")
    seen = f"{len(troubled)} of {len(primaries)} parts of the cluster take no bids"
    lines = ", ".join(f"`{_name(primary)}`" for primary in troubled)
    return bad(name, f"{seen}, and recording and closing wait for all", f"see {lines}")


def _one(primary: Primary, moments: Asking) -> Iterator[Diagnosis]:
    if primary.trouble:
        seen, mend = primary.trouble
        why, mend_first = stores.reason(primary.failure, "REDIS_URL") if primary.failure else ("", "")
        if why and why != stores.NOTHING_THERE:
            # A wrong password, or a log that is being loaded.
            seen, mend = f"{seen}: {why}", mend_first
        yield bad(_name(primary), seen, mend)
    elif primary.condition:
        where = f"{primary.place} and has slots {primary.slots}"
        yield from stores.of_live_store(primary.condition, moments, where, f" {primary.place}")


def _name(primary: Primary) -> str:
    return f"live store {primary.place or f'slots {primary.slots}'}"
