"""Notices as sentences on a page: what happened, its facts, and a link to where the reader can act.

Mails have their own texts (`notify.kinds`). A notice must stay true when it is read late: it says until when something
could be done, never that it still can.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from cashticket.auction.values import NoticeKind
from cashticket.blueprints.wording import seats_lost
from cashticket.blueprints.wording.awards import passed_over, voided
from cashticket.blueprints.wording.bids import given_up
from cashticket.blueprints.wording.formats import grouped, moment, won
from cashticket.blueprints.wording.lines import left, moved_in, moved_up
from cashticket.blueprints.wording.reminders import ending_at
from cashticket.models import Notification
from cashticket.models.seat_names import facts_in_zone

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """`tone` (good, bad or plain) decides how the notice is drawn. `link` is where it leads, named by `action`."""

    tone: str
    title: str
    text: str
    link: str
    action: str


def words_of(notice: Notification, zone: str | None = None) -> Words:
    """A notice in the reader's language; `zone` is where the seats of its auction are, as far as that was announced.
    Raises KeyError for an unknown kind."""
    return WRITERS[notice.kind](notice, facts_in_zone(notice.facts, zone))


def _won(notice: Notification, facts: Facts) -> Words:
    text = _("Rank %(rank)s, seat %(seat)s, at %(price)s. It can be bought until %(when)s.", **_award_facts(facts))
    return Words("good", _("You won a VIP seat"), text, _ticket(notice), _("Go to my tickets"))


def _offered(notice: Notification, facts: Facts) -> Words:
    text = _(
        "Seat %(seat)s became free and you were next in line, at your own bid of %(price)s. It can be bought until "
        "%(when)s.",
        **_award_facts(facts),
    )
    return Words("good", _("A seat is offered to you"), text, _ticket(notice), _("Go to my tickets"))


def _lapsed(notice: Notification, facts: Facts) -> Words:
    text = _("Seat %(seat)s was not bought in time, so it is no longer yours.", seat=facts.get("seat"))
    return Words("bad", _("Your time to buy ran out"), text, _ticket(notice), _("Go to my tickets"))


def _bought(notice: Notification, facts: Facts) -> Words:
    text = _(
        "Seat %(seat)s for %(price)s, purchase no. %(number)s. Free cancellation until %(when)s.",
        seat=facts.get("seat"),
        price=won(facts.get("price", 0)),
        number=facts.get("award_id"),
        when=moment(datetime.fromisoformat(facts["cancel_until"])),
    )
    return Words("good", _("You bought a VIP seat"), text, _ticket(notice), _("Go to my tickets"))


def _not_won(notice: Notification, facts: Facts) -> Words:
    text = _(
        "Your bid of %(amount)s came to rank %(rank)s. You were number %(position)s in line for a seat that becomes "
        "free.",
        amount=won(facts.get("amount", 0)),
        rank=grouped(facts.get("rank", 0)),
        position=grouped(facts.get("position", 0)),
    )
    return Words("plain", _("You are in line for a seat"), text, _auction(notice, "/results"), _("See the results"))


def _passed_over(notice: Notification, facts: Facts) -> Words:
    text = passed_over(facts.get("why"))
    return Words("plain", _("You were passed over"), text, _auction(notice, "/results"), _("See the results"))


def _voided(notice: Notification, facts: Facts) -> Words:
    return Words("bad", _("The auction was cancelled"), voided(), _auction(notice, "/results"), _("See the results"))


def _revoked(notice: Notification, facts: Facts) -> Words:
    return Words("bad", _("Your seat was revoked"), seats_lost.revoked(facts), _ticket(notice), _("Go to my tickets"))


def _seat_given_up(notice: Notification, facts: Facts) -> Words:
    return Words("plain", *seats_lost.given_up(notice.kind, facts), _ticket(notice), _("Go to my tickets"))


def _rank_out(notice: Notification, facts: Facts) -> Words:
    if facts.get("why") == "own_bid":
        text = _(
            "Your bid of %(own)s was pushed out of the seats. At that moment it took %(enough)s to be back in.",
            own=won(facts.get("own", 0)),
            enough=won(facts.get("enough", 0)),
        )
    else:
        text = _(
            "A bid of %(amount)s pushed yours out of the seats. The cut-off was %(cutoff)s after it.",
            amount=won(facts.get("amount", 0)),
            cutoff=won(facts.get("cutoff", 0)),
        )
    return Words("bad", _("You were outbid"), text, _auction(notice), _("See the auction"))


def _bid_given_up(notice: Notification, facts: Facts) -> Words:
    chance = _("It costs no chance, unless a bid that you made after it counts.")
    then = _("While bidding is open, you can bid again.")
    text = f"{given_up(facts)} {chance} {then}"
    return Words("bad", _("We could not keep your bid"), text, _auction(notice), _("See the auction"))


def _auction_reminder(notice: Notification, facts: Facts) -> Words:
    opened = facts.get("why") == "opening"
    title = _("Bidding has opened") if opened else _("Reminder: the end of bidding")
    text = ending_at(datetime.fromisoformat(facts["ends_at"]))
    return Words("plain", title, text, _auction(notice), _("See the auction"))


def _right_reminder(notice: Notification, facts: Facts) -> Words:
    text = _(
        "Seat %(seat)s at %(price)s can be bought until %(when)s.",
        seat=facts.get("seat"),
        price=won(facts.get("price", 0)),
        when=moment(datetime.fromisoformat(facts["expires_at"])),
    )
    return Words("plain", _("Your seat is not bought yet"), text, "/me/tickets", _("Go to my tickets"))


def _moved(notice: Notification, facts: Facts) -> Words:
    if notice.kind is NoticeKind.MOVED_IN:
        return Words("good", *moved_in(facts), _auction(notice), _("See the auction"))
    return Words("good", *moved_up(facts), _auction(notice, "/results"), _("See my place now"))


def _left(notice: Notification, facts: Facts) -> Words:
    return Words("plain", _("You are out of the line"), left(facts), _auction(notice, "/results"), _("See the results"))


def _new_browser(notice: Notification, facts: Facts) -> Words:
    browser = facts.get("browser") or _("Unknown device")
    text = _(
        "Somebody signed in to your account from %(browser)s, where nobody had signed in to it before. If it was not "
        "you, change your password and sign that device out.",
        browser=browser,
    )
    return Words("plain", _("Sign-in from a new device"), text, "/me/profile", _("See my devices"))


WRITERS: dict[NoticeKind, Callable[[Notification, Facts], Words]] = {
    NoticeKind.WON: _won,
    NoticeKind.OFFERED: _offered,
    NoticeKind.LAPSED: _lapsed,
    NoticeKind.NOT_WON: _not_won,
    NoticeKind.PASSED_OVER: _passed_over,
    NoticeKind.VOIDED: _voided,
    NoticeKind.REVOKED: _revoked,
    NoticeKind.BOUGHT: _bought,
    NoticeKind.CANCELLED: _seat_given_up,
    NoticeKind.DECLINED: _seat_given_up,
    NoticeKind.RANK_OUT: _rank_out,
    NoticeKind.BID_GIVEN_UP: _bid_given_up,
    NoticeKind.AUCTION_REMINDER: _auction_reminder,
    NoticeKind.RIGHT_REMINDER: _right_reminder,
    NoticeKind.MOVED_UP: _moved,
    NoticeKind.MOVED_IN: _moved,
    NoticeKind.LEFT: _left,
    NoticeKind.NEW_BROWSER: _new_browser,
}


def _award_facts(facts: Facts) -> Facts:
    return {
        "rank": grouped(facts.get("rank", 0)),
        "seat": facts.get("seat"),
        "price": won(facts.get("price", 0)),
        "when": moment(datetime.fromisoformat(facts["expires_at"])),
    }


def _ticket(notice: Notification) -> str:
    return f"/me/tickets#award-{notice.occasion}"


def _auction(notice: Notification, page: str = "") -> str:
    return f"/auctions/{notice.auction_id}{page}"
