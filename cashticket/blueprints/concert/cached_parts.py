"""The parts of concert pages that are the same for everybody, from the cache.

Two layers. Facts from the tables live until something changes (or a minute, should the drop have been lost); the drawn
part lives for a second, because prices and clocks move, and is drawn from those facts and the live store. So many
visitors cost one question to the tables, and a change shows at once. What is drawn may not depend on who is visiting.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flask import abort, render_template, request
from markupsafe import Markup

from cashticket.auction.values import State
from cashticket.blueprints.request.identity import current_principal
from cashticket.blueprints.wording.formats import language
from cashticket.catalogue import listings
from cashticket.catalogue.browsing import PAGE
from cashticket.catalogue.listings import AuctionFacts, ConcertPage
from cashticket.engine.interface import OutcomeUnknown, Snapshot, StoreUnavailable, UnknownAuction
from cashticket.extensions import db
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine, page_cache

FACTS_MS = 60_000
DRAWN_MS = 1_000


@dataclass(frozen=True, slots=True)
class Listed:
    """An auction in a list, with its present figures; `snapshot` is None when the live store does not tell."""

    auction: AuctionFacts
    snapshot: Snapshot | None

    @property
    def state(self) -> State:
        """As the live store says, else as the clock and the ledger say."""
        if self.snapshot is not None:
            return self.snapshot.state
        now = utcnow()
        if self.auction.state is not State.OPEN:
            return self.auction.state
        if now < self.auction.opens_at:
            return State.SCHEDULED
        return State.OPEN if now < self.auction.ends_at else State.CLOSING


def page(name: str, template: str, context: Callable[[], dict[str, object]]) -> str:
    """A whole page: for strangers from the cache, frame and all, because theirs differ by language alone."""
    if current_principal() is not None or request.args.keys() - {"lang"}:
        return render_template(template, **context())
    return _drawn(f"page:{name}", lambda: render_template(template, **context()))


def on_now() -> Markup:
    """What is on: live now, opening soon, just ended."""
    return _drawn("home", lambda: render_template("concerts/_on_now.html", **_on_now()))


def coming_concerts(words: str = "") -> Markup:
    """All concerts to come, or those that hold `words`; searches are not kept, there are too many."""
    if words:
        found = listings.coming_concerts(utcnow(), words)
        return Markup(render_template("concerts/_listing.html", concerts=found, words=words))  # noqa: S704 - a template of ours, escaped when drawn
    return _drawn("concerts", _coming_concerts)


def concert(concert_id: int) -> dict[str, object]:
    """Title and part of one concert with its auctions. 404 when there is none."""
    text = _drawn(f"concert:{concert_id}", lambda: _concert(concert_id))
    title, _, part = text.partition("\n")
    return {"title": Markup(title), "part": part}  # noqa: S704 - escaped when drawn


def concert_page(concert_id: int) -> ConcertPage:
    """The facts of one concert. 404 when there is none."""
    name = f"concert-facts:{concert_id}"
    return listings.page_from(_facts(name, lambda: listings.concert_page(concert_id) or abort(404)))


def _on_now() -> dict[str, list[Listed]]:
    found = listings.auctions_from(_facts("home-facts", lambda: listings.on_now(utcnow())))
    listed = [Listed(auction, _snapshot(auction)) for auction in found]
    running, coming = _in_state(listed, State.OPEN), _in_state(listed, State.SCHEDULED)
    ended = [each for each in listed if each not in running and each not in coming]
    return {
        "running": running[:PAGE],
        "coming": sorted(coming, key=lambda each: (each.auction.opens_at, each.auction.id))[:PAGE],
        "ended": ended[::-1][: listings.ENDED_MAX],
    }


def _in_state(listed: Iterable[Listed], state: State) -> list[Listed]:
    return [each for each in listed if each.state is state]


def _coming_concerts() -> str:
    now = utcnow()
    found = listings.concerts_from(_facts("concerts-facts", lambda: listings.coming_concerts(now)))
    coming = [concert for concert in found if concert.starts_at > now]
    return render_template("concerts/_listing.html", concerts=coming, words="")


def _concert(concert_id: int) -> str:
    page = concert_page(concert_id)
    auctions = [Listed(auction, _snapshot(auction)) for auction in page.auctions]
    title = Markup.escape(" ".join(page.concert.title.split()))
    return f"{title}\n{render_template('concerts/_concert.html', concert=page.concert, auctions=auctions)}"


def _drawn(name: str, draw: Callable[[], str]) -> Markup:
    return Markup(page_cache().text(f"{name}:{language()}", DRAWN_MS, draw))  # noqa: S704 - our own templates' output


def _facts(name: str, ask: Callable[[], object]) -> str:
    def asked() -> str:
        # A look at the tables from before the cache was asked could be older than the last drop.
        db.session.rollback()
        try:
            return listings.to_text(ask())
        finally:
            # Drawing and sending need no connection.
            db.session.rollback()

    return page_cache().text(name, FACTS_MS, asked)


def _snapshot(auction: AuctionFacts) -> Snapshot | None:
    try:
        return current_engine().read(auction.id)
    except (UnknownAuction, StoreUnavailable, OutcomeUnknown):
        # A list is still worth showing without its live figures.
        return None
