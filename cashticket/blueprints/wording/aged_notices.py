"""What a notice says once its auction or its time is over: in the past tense, with a link to what is left."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from cashticket.auction.values import AwardState, NoticeKind, State
from cashticket.blueprints.request.endings import Ending
from cashticket.blueprints.wording.bids import given_up
from cashticket.blueprints.wording.formats import moment, won
from cashticket.blueprints.wording.notices import Words
from cashticket.blueprints.wording.reminders import ending_at
from cashticket.models import Auction, Notification
from cashticket.models.seat_names import facts_in_zone

OFFERS = frozenset({NoticeKind.WON, NoticeKind.OFFERED})
ABOUT_BIDDING = frozenset({NoticeKind.RANK_OUT, NoticeKind.BID_GIVEN_UP})


def aged(
    words: Words,
    notice: Notification,
    auction: Auction | None,
    award: AwardState | None,
    ending: Ending | None,
    now: datetime,
) -> Words:
    """The words of a notice as they are true at `now` (UTC). `auction` is as the ledger has it, None for a notice about
    the account; `award` is the state of its reader's award there, if there is one; `ending` is how far bidding is
    there, and is needed for a reminder of it."""
    if auction is None:
        return words
    if notice.kind is NoticeKind.AUCTION_REMINDER and ending is not None:
        return _aged_auction_reminder(words, notice, auction, ending)
    if notice.kind is NoticeKind.RIGHT_REMINDER:
        return _aged_right_reminder(words, notice, auction, award, now)
    if notice.kind in OFFERS:
        return _aged_offer(words, notice, auction, award, now)
    if notice.kind is NoticeKind.BOUGHT:
        return _aged_purchase(words, notice, auction, award)
    if auction.state.is_end and notice.kind in ABOUT_BIDDING:
        return _after_bidding(words, notice)
    return words


def _aged_offer(words: Words, notice: Notification, auction: Auction, award: AwardState | None, now: datetime) -> Words:
    facts = facts_in_zone(notice.facts, auction.zone)
    if auction.state is State.VOIDED and award is not AwardState.REVOKED:
        text = _(
            "Seat %(seat)s. The auction was cancelled afterwards, so nothing can be bought.", seat=facts.get("seat")
        )
        return _leading_to_results(replace(words, tone="plain", text=str(text)), notice)
    text = _since_then(facts, award, now)
    return replace(words, tone="plain", text=text) if text else words


def _aged_purchase(words: Words, notice: Notification, auction: Auction, award: AwardState | None) -> Words:
    ends = {
        AwardState.CANCELLED: _("You have cancelled it since then."),
        AwardState.REVOKED: _("It was revoked afterwards."),
        AwardState.VOIDED: _("The auction was cancelled afterwards."),
    }
    end = ends.get(award) if award else None
    if end is None:
        return words
    seat = facts_in_zone(notice.facts, auction.zone).get("seat")
    price, number = won(notice.facts.get("price", 0)), notice.facts.get("award_id")
    bought = _("Seat %(seat)s for %(price)s, purchase no. %(number)s.", seat=seat, price=price, number=number)
    return replace(words, tone="plain", text=f"{bought} {end}")


def _since_then(facts: dict[str, Any], award: AwardState | None, now: datetime) -> str:
    """What has become of a right to buy; empty while it may be used."""
    seat, until = facts.get("seat"), datetime.fromisoformat(facts["expires_at"])
    if award is AwardState.REVOKED:
        return str(_("Seat %(seat)s. It was revoked afterwards, so it can no longer be bought.", seat=seat))
    if award is AwardState.BOUGHT:
        return str(_("You have bought seat %(seat)s since then.", seat=seat))
    if award in (AwardState.DECLINED, AwardState.CANCELLED):
        return str(_("Seat %(seat)s can no longer be bought.", seat=seat))
    if now < until:
        return ""
    price = won(facts.get("price", 0))
    text = _("Seat %(seat)s at %(price)s could be bought until %(when)s.", seat=seat, price=price, when=moment(until))
    return str(text)


def _aged_auction_reminder(words: Words, notice: Notification, auction: Auction, ending: Ending) -> Words:
    if not ending.is_over and ending.ends_at:
        # It may have moved since the notice was written.
        return replace(words, text=ending_at(ending.ends_at))
    if not ending.is_over:
        text = _("Until it goes on, the time stands still: the end moves by as long as this lasts.")
        return replace(words, title=str(_("Bidding pauses for a moment")), text=str(text))
    text = str(_("This was a reminder of an auction on your watch list."))
    over = replace(words, title=str(_("Bidding is over")), text=text)
    return _leading_to_results(over, notice) if auction.state.is_end else over


def _aged_right_reminder(
    words: Words, notice: Notification, auction: Auction, award: AwardState | None, now: datetime
) -> Words:
    if award is AwardState.OFFERED and now < datetime.fromisoformat(notice.facts["expires_at"]):
        return words
    title = str(_("This was a reminder of a seat to buy"))
    seat = facts_in_zone(notice.facts, auction.zone).get("seat")
    if award is AwardState.BOUGHT:
        return replace(words, title=title, text=str(_("You have bought seat %(seat)s since then.", seat=seat)))
    return replace(words, title=title, text=str(_("Seat %(seat)s can no longer be bought.", seat=seat)))


def _after_bidding(words: Words, notice: Notification) -> Words:
    # A rank-out is told in the past already.
    what = words.text if notice.kind is NoticeKind.RANK_OUT else given_up(notice.facts)
    then = _("Bidding is over by now.")
    return _leading_to_results(replace(words, text=f"{what} {then}"), notice)


def _leading_to_results(words: Words, notice: Notification) -> Words:
    return replace(words, link=f"/auctions/{notice.auction_id}/results", action=str(_("See the results")))
