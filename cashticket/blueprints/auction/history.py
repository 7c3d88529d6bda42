"""How the cut-off rose: points for the chart as JSON, and the summary for the sentence and the table of the page.

Reads no session. One read of the ledger serves all visitors for two seconds.
"""

import json
from dataclasses import dataclass

from flask import Blueprint, Response, abort

from cashticket.blueprints.request.reading_copy import read_for_all
from cashticket.ledger import queries
from cashticket.ledger.history import cutoff_history
from cashticket.models import Auction
from cashticket.wiring import page_cache

blueprint = Blueprint("history", __name__)

FRESH_MS = 2_000
PUBLIC_SECONDS = 2
FINAL_MS = 600_000
"""The history of a finished auction never changes. It is read again at times, because nothing is cached for ever."""
ROWS_MAX = 12


@blueprint.get("/auctions/<int(max=9007199254740991):auction_id>/history")
def points(auction_id: int) -> Response:
    """`{"version": last sequence in it, "bids": how many, "points": [[ms, cut-off in won], …]}`, at most 300 points."""
    response = Response(_text(auction_id), content_type="application/json")
    response.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return response


@dataclass(frozen=True, slots=True)
class CutoffSummary:
    """`changes` are (ms, cut-off in won), newest first. `lowest` is the first cut-off, `highest` the last."""

    bids: int
    changes: list[tuple[int, int]]
    lowest: int
    highest: int


def summary(auction_id: int) -> CutoffSummary:
    """What the page says about the history. 404 for an unknown auction."""
    return _summary_of(_text(auction_id))


def final_summary(auction: Auction) -> CutoffSummary:
    """What the results say about the history of an auction that is over."""
    return _summary_of(_final_text(auction))


def _summary_of(text: str) -> CutoffSummary:
    history = json.loads(text)
    points = [(at_ms, cutoff) for at_ms, cutoff in history["points"]]
    cutoffs = [cutoff for _, cutoff in points]
    changes = [point for before, point in zip([None, *cutoffs], points, strict=False) if point[1] != before]
    return CutoffSummary(history["bids"], changes[: -ROWS_MAX - 1 : -1], cutoffs[0], cutoffs[-1])


def _text(auction_id: int) -> str:
    def read() -> str:
        auction = queries.auction(auction_id) or abort(404)
        return _final_text(auction) if auction.state.is_end else _read(auction)

    return page_cache().text(f"history:{auction_id}", FRESH_MS, read)


def _final_text(auction: Auction) -> str:
    return page_cache().text(
        f"history:{auction.id}:{auction.recorded_sequence}", FINAL_MS, lambda: read_for_all(lambda: _read(auction))
    )


def _read(auction: Auction) -> str:
    history = cutoff_history(auction)
    return json.dumps({"version": history.version, "bids": history.bids, "points": history.points})
