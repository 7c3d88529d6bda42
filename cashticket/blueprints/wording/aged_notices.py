"""What a notice says once its auction or its time is over: in the past tense, with a link to what is left."""

from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _

from cashticket.auction.values import NoticeKind, State
from cashticket.blueprints.wording.formats import moment, won
from cashticket.blueprints.wording.notices import Words, given_up
from cashticket.models import Notification

OFFERS = frozenset({NoticeKind.WON, NoticeKind.OFFERED})
ABOUT_BIDDING = frozenset({NoticeKind.RANK_OUT, NoticeKind.BID_GIVEN_UP})


def aged(words: Words, notice: Notification, state: State | None, now: datetime) -> Words:
    """The words of a notice as they are true at `now` (UTC). `state` is that of its auction in the ledger, None for a
    notice about the account."""
    if state is None or (not state.is_end and notice.kind not in OFFERS):
        return words
    if notice.kind in OFFERS:
        return _aged_offer(words, notice, state, now)
    return _after_bidding(words, notice) if notice.kind in ABOUT_BIDDING else words


def _aged_offer(words: Words, notice: Notification, state: State, now: datetime) -> Words:
    facts = notice.facts
    if state is State.VOIDED:
        text = _(
            "Seat %(seat)s. The auction was cancelled afterwards, so nothing can be bought.", seat=facts.get("seat")
        )
        return _leading_to_results(replace(words, tone="plain", text=str(text)), notice)
    until = datetime.fromisoformat(facts["expires_at"])
    if now < until:
        return words
    seat, price = facts.get("seat"), won(facts.get("price", 0))
    text = _("Seat %(seat)s at %(price)s could be bought until %(when)s.", seat=seat, price=price, when=moment(until))
    return replace(words, tone="plain", text=str(text))


def _after_bidding(words: Words, notice: Notification) -> Words:
    # A rank-out is told in the past already.
    what = words.text if notice.kind is NoticeKind.RANK_OUT else given_up(notice.facts)
    then = _("Bidding is over by now.")
    return _leading_to_results(replace(words, text=f"{what} {then}"), notice)


def _leading_to_results(words: Words, notice: Notification) -> Words:
    return replace(words, link=f"/auctions/{notice.auction_id}/results", action=str(_("See the results")))
