"""The mail texts of every kind of notice, and the facts that they format.

`settlement` and `ledger` write the facts beside the notice. A kind without a row here is an error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cashticket.auction.values import NoticeKind

AWARD = ("seat", "seat_number", "price", "rank", "expires_at")
RANKED = ("rank", "amount")
RIGHT = ("seat", "price", "expires_at")


@dataclass(frozen=True, slots=True)
class Text:
    """One mail text: the name of its file and the facts of the notice that it may format."""

    name: str
    facts: tuple[str, ...] = ()


TEXTS: Mapping[NoticeKind, Mapping[str, Text]] = {
    NoticeKind.WON: {"": Text("won", AWARD)},
    NoticeKind.NOT_WON: {"": Text("not_won", (*RANKED, "position"))},
    NoticeKind.PASSED_OVER: {
        "account": Text("passed_over_account", RANKED),
        "holds_ticket": Text("passed_over_holds_ticket", RANKED),
    },
    NoticeKind.OFFERED: {"": Text("offered", AWARD)},
    NoticeKind.LAPSED: {"": Text("lapsed", AWARD)},
    NoticeKind.VOIDED: {"": Text("voided"), "bought": Text("voided_bought", ("seat", "price"))},
    NoticeKind.REVOKED: {
        "": Text("revoked", ("seat", "reason")),
        "bought": Text("revoked_bought", ("seat", "price", "reason")),
    },
    NoticeKind.BOUGHT: {"": Text("bought", ("award_id", "seat", "seat_number", "price", "bought_at", "cancel_until"))},
    NoticeKind.CANCELLED: {"": Text("cancelled", ("award_id", "seat", "price", "ended_at"))},
    NoticeKind.DECLINED: {"": Text("declined", ("seat", "ended_at"))},
    NoticeKind.RANK_OUT: {
        "": Text("rank_out", ("amount", "cutoff")),
        "own_bid": Text("rank_out_own_bid", ("own", "enough", "at")),
    },
    NoticeKind.MOVED_IN: {"": Text("moved_in", ("own", "at"))},
    NoticeKind.BID_GIVEN_UP: {
        "lost": Text("bid_given_up", ("amount",)),
        "discarded": Text("bid_discarded", ("amount",)),
    },
    NoticeKind.AUCTION_REMINDER: {
        "opening": Text("reminder_opening", ("ends_at",)),
        "hour": Text("reminder_hour", ("ends_at",)),
        "minutes": Text("reminder_minutes", ("ends_at",)),
    },
    NoticeKind.RIGHT_REMINDER: {
        "half": Text("reminder_right", RIGHT),
        "last": Text("reminder_right_last", RIGHT),
    },
    NoticeKind.MOVED_UP: {
        "near": Text("moved_up", ("position",)),
        "next": Text("moved_up_next"),
    },
    NoticeKind.LEFT: {"": Text("left", ("rank", "left_at"))},
    # Mailed as an account mail.
    NoticeKind.NEW_BROWSER: {},
}
"""Kind → the notice's fact `why` ("" when it has none) → text."""


def text_of(kind: NoticeKind, facts: Mapping[str, Any]) -> Text:
    """The text of a notice. Raises KeyError for an unknown kind or `why`."""
    return TEXTS[kind][facts.get("why", "")]
