"""What error pages say: title and advice for each status, and sentences for a live store that is away or paused."""

from flask_babel import gettext as _

from cashticket.engine.pauses import (
    BACKLOG_FULL,
    DISK_FULL,
    MEMORY,
    NO_REPLICAS,
    NOT_WRITING,
    OPERATOR,
    OVERDUE,
    REPLICA_AWAY,
    WITNESS,
)


def title_and_advice(status: int) -> tuple[str, str]:
    """Title and advice for an HTTP status, in the reader's language."""
    texts = {
        400: (_("That request could not be read"), _("Go back, reload the page and try again.")),
        401: (_("Please sign in"), _("Sign in and try again.")),
        403: (_("Not allowed"), _("Your account may not do this.")),
        404: (_("Page not found"), _("Check the address, or look for the concert in the list.")),
        405: (_("That does not work here"), _("Go back and use the buttons of the page.")),
        409: (_("Already changed"), _("Reload the page to see how things stand now.")),
        413: (_("Too much at once"), _("Send less and try again.")),
        429: (_("Too many tries"), _("Wait a moment and try again.")),
        500: (_("Something broke on our side"), _("We have been told. Your accepted bids are safe.")),
        503: (_("Out of reach for a moment"), _("Your accepted bids are safe. Try again in a few seconds.")),
        504: (_("The result is being checked"), _("Send the same request again to learn its result.")),
    }
    if status in texts:
        return texts[status]
    return texts[400] if status < 500 else texts[500]


def nothing_to_show() -> tuple[str, str]:
    """Title and advice for somebody who only looked at what the live store knows while it does not answer."""
    title = _("We cannot reach the auction right now")
    advice = _(
        "Prices and places cannot be shown at this moment. Accepted bids are safe. "
        "Open the page again in a few seconds."
    )
    return str(title), str(advice)


def no_bid_now() -> str:
    """What is said to a bid while the live store is away. It may have been sent before, so it says nothing of that."""
    return str(_("No bid can be taken at this moment. Accepted bids are safe; try again in a few seconds."))


def paused(reason: str) -> str:
    """Why no bid is taken, for a reason of `engine.pauses`."""
    if reason in (BACKLOG_FULL, DISK_FULL, MEMORY, NO_REPLICAS, NOT_WRITING, REPLICA_AWAY):
        text = _(
            "No bid could be kept safely at this moment, so none is taken. No chance was spent; try again shortly."
        )
    elif reason == WITNESS:
        text = _("After a failure our staff looks for every accepted bid, so no bid is taken. No chance was spent.")
    elif reason in (OPERATOR, OVERDUE):
        text = _("Our staff has paused bidding, so no bid is taken. No chance was spent.")
    else:
        text = _("This auction is being checked, so no bid is taken. No chance was spent; try again shortly.")
    return str(text)
