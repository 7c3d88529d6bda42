"""How the cut-off rose: the line for the chart as JSON, and the same in words and a table for everybody else.

No session is read, and one look at the ledger serves all visitors for some seconds.
"""

import json
from typing import Any

from flask import Blueprint, Response, abort

from cashticket.ledger import queries
from cashticket.ledger.history import cutoff_history
from cashticket.wiring import page_cache

blueprint = Blueprint("history", __name__)

FRESH_MS = 2_000
PUBLIC_SECONDS = 2
ROWS_MAX = 12


@blueprint.get("/auctions/<int(max=9007199254740991):auction_id>/history")
def points(auction_id: int) -> Response:
    """`{"version": last sequence in it, "bids": how many, "points": [[ms, cut-off in won], …]}`, at most 300 points."""
    answer = Response(_text(auction_id), content_type="application/json")
    answer.headers["Cache-Control"] = f"public, max-age={PUBLIC_SECONDS}"
    return answer


def told(auction_id: int) -> dict[str, Any]:
    """The same for the page: `bids`, `points`, the newest `changes` first, and the `least` and `most` won."""
    found: dict[str, Any] = json.loads(_text(auction_id))
    amounts = [cutoff for _, cutoff in found["points"]]
    changes = [point for before, point in zip([None, *amounts], found["points"], strict=False) if point[1] != before]
    return found | {"changes": changes[: -ROWS_MAX - 1 : -1], "least": amounts[0], "most": amounts[-1]}


def _text(auction_id: int) -> str:
    def asked() -> str:
        auction = queries.auction(auction_id) or abort(404)
        found = cutoff_history(auction)
        return json.dumps({"version": found.version, "bids": found.bids, "points": found.points})

    return page_cache().text(f"history:{auction_id}", FRESH_MS, asked)
