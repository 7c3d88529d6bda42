"""Two names that lead to one server: each live store needs a server of its own, or one outage stops two of them."""

from itertools import combinations

from cashticket.engine.condition import IDENTITIES_BETWEEN
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable


def twins(engine: Engine) -> str:
    """Which two live stores are one server, as a sentence; '' for none. One that does not answer is no twin. Costs
    nothing where there is one store, else a round trip to each."""
    stores = engine.stores()
    if len(stores) == 1:
        return ""
    processes: dict[str, set[str]] = {}
    for name in stores.keys() - engine.silent():
        try:
            # The role does not matter: a process has one.
            names = stores[name].pulse().identity.split(IDENTITIES_BETWEEN)
        except (StoreUnavailable, OutcomeUnknown):
            continue
        processes[name] = {each.partition(" ")[0] for each in names}
    for one, other in combinations([name for name in stores if name in processes], 2):
        if processes[one] & processes[other]:
            return f"the live stores {one} and {other} are one server, the same process answers at both addresses"
    return ""
