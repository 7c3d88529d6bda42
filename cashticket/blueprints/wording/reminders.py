"""When bidding ends, and of what a follower of an auction is still reminded, as one sentence."""

from datetime import datetime

from flask_babel import gettext as _

from cashticket.auction.reminder_rules import AuctionReminder, reminders_ahead
from cashticket.blueprints.wording.formats import moment
from cashticket.locale import to_ms
from cashticket.models import Auction


def ending_at(ends_at: datetime) -> str:
    """When bidding ends, as far as is known at `ends_at` (UTC)."""
    return str(_("Bidding ends %(when)s. The end can move to later.", when=moment(ends_at)))


def coming_reminders(opens_ms: int, ends_ms: int, now_ms: int) -> str:
    """When a follower is reminded from `now_ms` on, if the end in force stays at `ends_ms`."""
    opening, hour, minutes = AuctionReminder
    sentences = {
        (opening, hour, minutes): _(
            "We remind you when bidding opens, an hour before the end, and ten minutes before."
        ),
        (opening, minutes): _("We remind you when bidding opens, and ten minutes before the end."),
        (opening,): _("We remind you when bidding opens."),
        (hour, minutes): _("We remind you an hour before the end, and ten minutes before."),
        (minutes,): _("We remind you ten minutes before the end."),
        (): _("The end is so near that no reminder comes any more."),
    }
    return str(sentences[reminders_ahead(opens_ms, ends_ms, now_ms)])


def coming_reminders_of(auction: Auction, ends_at: datetime | None, now: datetime) -> str:
    """When a follower of `auction` is reminded from `now` (UTC) on. `ends_at` is the end in force, None where only the
    tables know one."""
    return coming_reminders(to_ms(auction.opens_at), to_ms(ends_at or auction.ends_at), to_ms(now))
