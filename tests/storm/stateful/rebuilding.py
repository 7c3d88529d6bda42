"""Model of rebuilding an auction, and of what `auction check` must find."""

from collections.abc import Iterator

from lab.oracle.bidding import final_order
from tests.storm.stateful.model import Happening, Sale, Stops


def rebuilding(sale: Sale, now: int, *, replace: bool) -> Iterator[Happening]:
    """Happenings of a rebuild. Raises Stops when it is refused."""
    if sale.ledger_state == "settled" or (sale.in_store and sale.paused != "restoring" and not replace):
        raise Stops("refused")
    remembers = sale.in_store
    if sale.in_store and sale.paused != "restoring":
        yield "pause", lambda: pause(sale, "restoring")
    while sale.waiting:
        if (first := sale.waiting[0].sequence) > sale.mark + 1:
            yield "peek", lambda: None
            yield "give up", lambda through=first - 1: give_up(sale, through)  # type: ignore[misc]
        yield from sale.recording(1000)
    yield "peek", lambda: None
    through = sale.sequence if remembers and sale.sequence >= sale.mark else sale.mark + sale.backlog_max
    if not remembers and not sale.mark and now < sale.opens:
        through = 0
    if through > sale.mark:
        yield "give up", lambda: give_up(sale, through)
    yield "restore", lambda: restore(sale)
    if sale.state != "open":
        return
    if sale.is_over(now):
        yield "pause", lambda: pause(sale, "overdue")
    else:
        yield "resume", lambda: pause(sale, "")


def pause(sale: Sale, reason: str) -> None:
    if sale.state == "open":
        sale.paused = reason


def give_up(sale: Sale, through: int) -> None:
    sale.gaps.append((sale.mark + 1, through))
    sale.mark = through


def restore(sale: Sale) -> None:
    """The live store gets the auction as the ledger has it. It keeps the permissions it still has."""
    closing = sale.ledger_state == "closing"
    sale.in_store, sale.state, sale.paused = True, "closing" if closing else "open", "" if closing else "restoring"
    sale.bids, sale.sequence, sale.shown = list(sale.recorded), sale.mark, sale.mark
    sale.last = max((row.at_ms for row in sale.recorded), default=0)
    sale.closes, sale.ends = sale.ledger_closes, sale.ledger_ends


def faults(sale: Sale) -> set[str]:
    """The invariants that the check must find broken now."""
    settled = sale.ledger_state == "settled"
    if not sale.in_store:
        return set() if settled else {"I6"}
    held = {row.sequence for row in sale.recorded + sale.waiting}
    held |= {number for first, last in sale.gaps for number in range(first, last + 1)}
    remaining = final_order({row.sequence: row for row in sale.recorded + sale.waiting}.values())
    missing = set(range(1, sale.sequence + 1)) - held
    broken = set()
    if missing:
        broken.add("I1")
    elif remaining != final_order(sale.bids):
        broken.add("I6")
    if not missing and miscounted(sale):
        broken.add("I3")
    if sale.closes != sale.ledger_closes:
        broken.add("I6")
    if settled and sale.state != "settled":
        broken.add("I12")
    return broken


def miscounted(sale: Sale) -> bool:
    """Whether the live store counts a chance for a last bid that exists nowhere any more."""
    remaining: dict[int, int] = {}
    for row in sale.recorded + sale.waiting:
        remaining[row.person] = max(row.nth, remaining.get(row.person, 0))
    return any(sale.used(row.person) != remaining.get(row.person, 0) for row in sale.bids)
