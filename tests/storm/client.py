"""A client that records its requests and answers."""

from collections.abc import Iterable

from cashticket.auction.values import Accepted, RankedBid, Refused
from cashticket.engine.interface import Engine, OutcomeUnknown, StoreUnavailable
from cashticket.extensions import db
from cashticket.ledger import queries
from lab.history import Recorder

EVERYBODY = 1_000_000


def bid(
    recorder: Recorder,
    engine: Engine,
    auction_id: int,
    person: int,
    amount: int,
    request_id: str,
    now_ms: int | None = None,
    sure: int | None = None,
) -> Accepted | Refused | None:
    """Bid once. Returns None when the outcome is unknown: then send the same request again."""
    more = {name: value for name, value in (("now_ms", now_ms), ("sure", sure)) if value is not None}
    pending = recorder.invoke("bid", auction=auction_id, person=person, amount=amount, request_id=request_id, **more)
    try:
        answer = engine.place_bid(auction_id, person, 1, amount, request_id, now_ms=now_ms, sure=sure)
    except OutcomeUnknown as error:
        pending.unknown(str(error))
        return None
    except StoreUnavailable:
        pending.fail("unavailable")
        return None
    if isinstance(answer, Accepted):
        pending.ok(**{name: getattr(answer, name) for name in Accepted.__slots__})
        return answer
    if isinstance(answer, Refused):
        pending.fail(answer.reason.value)
        return answer
    raise AssertionError(f"person {person} was not introduced: {answer}")


def look(recorder: Recorder, engine: Engine, auction_id: int) -> None:
    """Look at the board once."""
    pending = recorder.invoke("board", auction=auction_id)
    board = engine.read(auction_id)
    pending.ok(
        sequence=board.sequence,
        cutoff=board.cutoff,
        bidders=board.bidders,
        top=_triples(board.top),
        edge=[board.edge.first, *_triples(board.edge.bids)],
        last_winner=_triples([board.last_winner] if board.last_winner else []),
        histogram=[[counted.lowest, counted.bids] for counted in board.histogram],
    )


def _triples(bids: Iterable[RankedBid]) -> list[list[int]]:
    return [[bid.person, bid.amount, bid.sequence] for bid in bids]


def look_at_ledger(recorder: Recorder, auction_id: int) -> None:
    """Read the recorded sequence once, then the recorded rows."""
    db.session.remove()
    pending = recorder.invoke("mark", auction=auction_id)
    pending.ok(recorded=queries.recorded_sequence(auction_id))
    pending = recorder.invoke("ledger", auction=auction_id)
    rows = [(bid.sequence, bid.person_id, bid.nth, bid.amount, bid.request_id) for bid in queries.bids(auction_id)]
    pending.ok(rows=rows)
    db.session.remove()
