"""What people may choose about notices: whole topics, never single kinds, and not whether the mail about a right of
theirs leaves."""

from collections.abc import Mapping
from enum import StrEnum

from cashticket.auction.values import NoticeKind


class Topic(StrEnum):
    """What a notice is about, in the order in which people choose."""

    # A bid was pushed out of the winning ones.
    RANK_OUT = "rank_out"
    # A seat, or the bid that would have won one: it has a deadline, or something of the person's own is gone.
    SEAT = "seat"
    # An auction ended without a seat for this person.
    RESULT = "result"
    # The person waits for a seat, and there are few before them by now.
    LINE = "line"
    # An auction that the person follows opens, or is about to end.
    FOLLOWED = "followed"
    # A seat that the person may buy is not bought yet, and its time runs out.
    DEADLINE = "deadline"


TOPICS: Mapping[NoticeKind, Topic] = {
    NoticeKind.RANK_OUT: Topic.RANK_OUT,
    NoticeKind.MOVED_IN: Topic.RANK_OUT,
    NoticeKind.WON: Topic.SEAT,
    NoticeKind.OFFERED: Topic.SEAT,
    NoticeKind.LAPSED: Topic.SEAT,
    NoticeKind.VOIDED: Topic.SEAT,
    NoticeKind.REVOKED: Topic.SEAT,
    NoticeKind.BOUGHT: Topic.SEAT,
    NoticeKind.CANCELLED: Topic.SEAT,
    NoticeKind.DECLINED: Topic.SEAT,
    NoticeKind.BID_GIVEN_UP: Topic.SEAT,
    # A place in the line is given up for good, perhaps by somebody else who has the session.
    NoticeKind.LEFT: Topic.SEAT,
    NoticeKind.NOT_WON: Topic.RESULT,
    NoticeKind.PASSED_OVER: Topic.RESULT,
    NoticeKind.MOVED_UP: Topic.LINE,
    NoticeKind.AUCTION_REMINDER: Topic.FOLLOWED,
    NoticeKind.RIGHT_REMINDER: Topic.DEADLINE,
}
"""The topic of every kind but a sign-in from a new browser, of which an account mail tells, always."""

MAILS_NAME_SETTINGS = (Topic.RANK_OUT, Topic.RESULT, Topic.LINE, Topic.FOLLOWED)
"""Topics whose mails say where they are turned off. A mail that reminds of a deadline may be turned off too, but does
not propose it: whoever follows may lose a seat."""

MAILED_BY_CHOICE = (Topic.RANK_OUT, Topic.RESULT, Topic.LINE, Topic.FOLLOWED, Topic.DEADLINE)
"""Topics whose mails somebody may turn off. A mail about a seat always leaves: whoever misses it may lose the seat."""
