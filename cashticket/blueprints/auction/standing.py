"""The reader's own part of an auction page: the standing, and on request what stands around it.

The page itself is the same for everybody and reads no session. It loads this piece after itself.
"""

from typing import Any

from flask import Response, render_template, request

from cashticket.accounts import watch_lists
from cashticket.accounts.rights import lacking
from cashticket.auction.identity_terms import IdentityTerm
from cashticket.auction.values import State
from cashticket.blueprints.auction.pages import blueprint, recorded, to_results, watching
from cashticket.blueprints.request.identity import answer_as_stranger, present_person
from cashticket.blueprints.wording.reminders import coming_reminders
from cashticket.blueprints.wording.rights import barring
from cashticket.engine.interface import UnknownAuction
from cashticket.live.pieces import standing_context
from cashticket.locale import to_moment
from cashticket.models import Person
from cashticket.settlement.outcomes import outcome_of
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce

__all__ = ["blueprint"]


@blueprint.get("/standing")
def standing(auction_id: int) -> Response | str:
    """The reader's standing; without a session the frame that a watcher sees.

    Looking at it introduces the person to the auction, so that their bid asks no table. `with=account` adds, out of
    band, the account's part of the header, messages, what the bid bar says to this person, and whether they follow the
    auction (a statement more).
    """
    person = present_person()
    whole = request.args.get("with") == "account"
    if whole and person is None:
        answer_as_stranger()
    try:
        context = _of_person(auction_id, person) if person else watching(current_engine().read(auction_id))
    except UnknownAuction:
        return to_results(recorded(auction_id))
    if whole:
        if person and context["snapshot"].state in (State.SCHEDULED, State.OPEN):
            snapshot = context["snapshot"]
            moments = (snapshot.terms.opens_at_ms, snapshot.ends_at_ms, snapshot.now_ms)
            context["followed"] = bool(watch_lists.followed(person.id, [auction_id]))
            context["coming"] = coming_reminders(*moments)
        return render_template("auctions/_own_part.html", **context)
    return render_template("auctions/_standing.html", **context)


def _of_person(auction_id: int, person: Person) -> dict[str, Any]:
    """The context of a signed-in person: one SQL statement, two after the end. Raises UnknownAuction."""
    snapshot = current_engine().read(auction_id)
    auction = recorded(auction_id)
    barred, outcome, lacks = None, None, IdentityTerm.NONE
    if not snapshot.state.is_end:
        introduce(current_engine(), person, auction)
        barred = barring(person, auction)
        lacks = lacking(person, auction) if barred else lacks
    elif auction.state.is_end:
        outcome = outcome_of(auction, person.id, to_moment(snapshot.now_ms))
    context: dict[str, Any] = {**standing_context(current_engine(), auction_id, person.id, snapshot)}
    if barred:
        # A person who may not bid gets no amounts to choose from.
        context["choices"] = []
    return {**context, "outcome": outcome, "barred": barred, "lacks": lacks}
