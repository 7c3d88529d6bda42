"""Each primary of a cluster as the live store that it is for its auctions; without a cluster, the one that there is."""

from collections.abc import Iterator, Sequence

from cashticket.auction.store_names import FIRST_STORE
from cashticket.engine.cluster_engine import primaries_of
from cashticket.engine.cluster_primaries import Primary
from cashticket.wiring import current_engine, current_settings
from cashticket.work.doctor import stores
from cashticket.work.doctor.addresses import NOTHING_THERE
from cashticket.work.doctor.diagnoses import Asking, Diagnosis, asking, bad, ok


def look_at_live_store(name: str = FIRST_STORE) -> Iterator[Diagnosis]:
    """A store that decides bids. Of a cluster: whether every slot has a primary that answers, then each of them."""
    engine, url = current_engine().stores()[name], current_settings().store_urls[name]
    with asking() as moments:
        primaries = stores.answer(lambda: primaries_of(engine), stores.setting_of(name), url)
    if not primaries:
        yield from stores.look_at_live_store(name)
        return
    yield _all(primaries, name)
    for primary in primaries:
        yield from _one(primary, moments, name)


def _all(primaries: Sequence[Primary], name: str) -> Diagnosis:
    own = stores.live_store(name)
    troubled = [primary for primary in primaries if primary.trouble]
    if not troubled:
        return ok(own, f"the {len(primaries)} primaries of the cluster answer, and every slot has one")
    seen = f"{len(troubled)} of {len(primaries)} parts of the cluster take no bids"
    lines = ", ".join(f"`{_name(primary, name)}`" for primary in troubled)
    return bad(own, f"{seen}, and nothing that is paused goes on", f"see {lines}")


def _one(primary: Primary, moments: Asking, name: str) -> Iterator[Diagnosis]:
    if primary.trouble:
        seen, mend = primary.trouble
        why, mend_first = stores.reason(primary.failure, stores.setting_of(name)) if primary.failure else ("", "")
        if why and why != NOTHING_THERE:
            # A wrong password, or a log that is being loaded.
            seen, mend = f"{seen}: {why}", mend_first
        yield bad(_name(primary, name), seen, mend)
    elif primary.condition:
        where = f"{primary.place} and has slots {primary.slots}"
        yield from stores.of_live_store(primary.condition, moments, where, name, f" {primary.place}")


def _name(primary: Primary, name: str) -> str:
    return f"{stores.live_store(name)} {primary.place or f'slots {primary.slots}'}"
