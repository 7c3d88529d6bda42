"""The catalogue's doors: what is on now, all concerts, one concert. Anonymous pages: no session, no cookie."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, abort, render_template, request

from cashticket.catalogue import browsing
from cashticket.engine.interface import OutcomeUnknown, Snapshot, StoreUnavailable, UnknownAuction
from cashticket.ledger import queries
from cashticket.models import Auction
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine

blueprint = Blueprint("concerts", __name__)


@dataclass(frozen=True, slots=True)
class Listed:
    """An auction in a list, with its present figures; `snapshot` is None when the live store does not tell."""

    auction: Auction
    snapshot: Snapshot | None


@blueprint.get("/")
def home() -> str:
    """What is on: live now, opening soon, just ended."""
    now = utcnow()
    return render_template(
        "concerts/home.html",
        running=_listed(browsing.running(now)),
        coming=_listed(browsing.coming(now)),
        ended=_listed(browsing.ended(now)),
    )


@blueprint.get("/concerts/")
def catalogue() -> str:
    """All concerts to come; `q` searches title, artist and venue."""
    words = request.args.get("q", "").strip()[: browsing.QUERY_LONGEST]
    return render_template("concerts/catalogue.html", concerts=browsing.concerts(utcnow(), words), words=words)


@blueprint.get("/concerts/<int(max=9007199254740991):concert_id>")
def show(concert_id: int) -> str:
    """One concert with its auctions."""
    concert = browsing.concert(concert_id) or abort(404)
    return render_template("concerts/show.html", concert=concert, auctions=_listed(queries.auctions_of(concert_id)))


def _listed(auctions: Iterable[Auction]) -> list[Listed]:
    return [Listed(auction, _snapshot(auction)) for auction in auctions]


def _snapshot(auction: Auction) -> Snapshot | None:
    try:
        return current_engine().read(auction.id)
    except (UnknownAuction, StoreUnavailable, OutcomeUnknown):
        # A list is still worth showing without its live figures.
        return None
