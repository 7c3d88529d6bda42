"""What the live pieces of an auction page show: one context for the page, the piece's own address and the socket.

Pure functions over a `Snapshot` and a `Place`; the two `*_context` functions read the engine for callers that have
neither. A piece may use nothing but its context, so that all three ways show the same. Amounts are whole won, moments
milliseconds UTC. People appear under their aliases only.
"""

from typing import TypedDict

from cashticket.auction.aliases import alias
from cashticket.auction.rules import next_step
from cashticket.auction.values import CHANCES, State
from cashticket.engine.interface import Engine, Place, Snapshot
from cashticket.live.board_rows import BoardRows, Row, board_rows, rows_of
from cashticket.live.places import place_in, rows_by_person
from cashticket.live.rank_readings import RankReading, read_ranks
from cashticket.live.spread import Bar, bars


class Board(TypedDict):
    """What everybody is shown. `bars` are empty while the rows show every bid. `to_win` is the lowest amount that a
    newcomer would be winning with now."""

    auction_id: int
    snapshot: Snapshot
    rows: BoardRows
    bars: list[Bar]
    to_win: int


class Choice(TypedDict):
    """A ready-made amount. `why` is enter (enough to win now), raise (one step above one's own winning bid), lead
    (above everybody) or minimum (the lowest that is accepted, where it does not win)."""

    why: str
    amount: int


class StandingView(TypedDict):
    """What one person is shown. `status` is watching (no bid; `withdrawn` if it was taken out of the order), winning or
    out; `rank` is None when it is not known; `rank_at_ms` is when it was read, None for a rank as of now. `neighbours`
    are the rows around one's own as of `neighbours_at_ms`, empty while the board shows one's row. `short_by` is the
    raise in won that would be winning now (0 unless out); `recorded` tells whether the ledger has the newest bid."""

    auction_id: int
    snapshot: Snapshot
    place: Place
    alias: str
    status: str
    withdrawn: bool
    rank: int | None
    rank_at_ms: int | None
    neighbours: list[Row]
    neighbours_at_ms: int
    amount: int
    chances_left: int
    short_by: int
    to_win: int
    recorded: bool
    choices: list[Choice]


def board_context(engine: Engine, auction_id: int, snapshot: Snapshot | None = None) -> Board:
    """The present board. Raises UnknownAuction, StoreUnavailable."""
    return board_of(snapshot or engine.read(auction_id))


def standing_context(
    engine: Engine, auction_id: int, person_id: int, snapshot: Snapshot | None = None, *, neighbours: bool = True
) -> StandingView:
    """Where a person stands now, or as a given snapshot has it. Rows around their own are read only for `neighbours`.
    Raises UnknownAuction, StoreUnavailable."""
    snapshot = snapshot or engine.read(auction_id)
    place = engine.place(auction_id, person_id)
    if place.sequence > snapshot.sequence:
        # The person bid after that snapshot. The next one has the bid, and a place that is read after it is as new.
        snapshot = engine.read(auction_id)
        place = engine.place(auction_id, person_id)
    rows = rows_by_person(snapshot)
    place = place_in(snapshot, place, rows) or place
    apart = [place] if neighbours and person_id not in rows else []
    return standing_of(snapshot, place, read_ranks(engine, snapshot, apart).get(person_id))


def board_of(snapshot: Snapshot) -> Board:
    """The board of a snapshot."""
    rows = board_rows(snapshot)
    return {
        "auction_id": snapshot.terms.auction_id,
        "snapshot": snapshot,
        "rows": rows,
        "bars": bars(snapshot) if rows.hidden or rows.rest else [],
        "to_win": to_win(snapshot),
    }


def standing_of(snapshot: Snapshot, place: Place, reading: RankReading | None = None) -> StandingView:
    """The standing of a place that agrees with the snapshot, as `place_in` returns it. `reading` is the last rank that
    was read of somebody whose row is not on the board."""
    terms = snapshot.terms
    if reading and not reading.agrees_with(place, terms.seats):
        reading = None
    enough = to_win(snapshot)
    out = place.sequence > 0 and not place.winning
    return {
        "auction_id": terms.auction_id,
        "snapshot": snapshot,
        "place": place,
        "alias": alias(terms.alias_salt, terms.auction_id, place.person),
        "status": "out" if out else "winning" if place.winning else "watching",
        # Chances are used by accepted bids alone, and whoever has one stands.
        "withdrawn": not place.sequence and place.chances_left < CHANCES,
        "rank": place.rank or (reading.rank if reading else None),
        "rank_at_ms": reading.at_ms if reading and place.rank is None else None,
        "neighbours": rows_of(terms, reading.around.first, reading.around.bids) if reading else [],
        "neighbours_at_ms": reading.at_ms if reading else 0,
        "amount": place.amount,
        "chances_left": place.chances_left,
        "short_by": max(0, enough - place.amount) if out else 0,
        "to_win": enough,
        "recorded": 0 < place.sequence <= snapshot.recorded,
        "choices": choices(snapshot, place),
    }


def choices(snapshot: Snapshot, place: Place) -> list[Choice]:
    """Ready-made amounts for this person now, none when no bid would be accepted. The one to take comes first: whoever
    takes the first amount unread wins with it, unless nobody can win any more. One that cannot win comes last."""
    if snapshot.state is not State.OPEN or snapshot.paused or not place.chances_left:
        return []
    lowest = next_step(snapshot.terms, place.amount if place.sequence else None)
    enough = max(lowest, to_win(snapshot))
    offered = {lowest: "raise"} if place.winning else {enough: "enter"}
    if snapshot.best is not None and place.rank != 1:
        offered.setdefault(max(lowest, next_step(snapshot.terms, snapshot.best)), "lead")
    if not place.winning:
        offered.setdefault(lowest, "minimum")
    return [{"why": why, "amount": amount} for amount, why in offered.items() if amount <= snapshot.terms.maximum]


def to_win(snapshot: Snapshot) -> int:
    """The lowest amount that would be winning now, for a person who is not; above the ceiling when nobody can.

    At equal amounts the earlier bid ranks first, so a full top N must be outbid by a step.
    """
    full = snapshot.last_winner is not None
    return next_step(snapshot.terms, snapshot.cutoff) if full else snapshot.terms.minimum
