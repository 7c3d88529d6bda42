"""The last outage of an auction as the live store keeps it: one text of six words."""

from cashticket.auction.outages import Outage


def outage_from(text: str) -> Outage | None:
    """The outage that the script `resume` keeps as a text; None for ''."""
    if not text:
        return None
    number, began, ended, before, after, reason = text.split(" ", 5)
    return Outage(int(number), int(began), int(ended), int(before), int(after), reason)


def outage_text(outage: Outage | None) -> str:
    """The text of which `outage_from` makes this one."""
    if outage is None:
        return ""
    moments = (outage.began_ms, outage.ended_ms, outage.ends_before_ms, outage.ends_after_ms)
    return " ".join(map(str, (outage.number, *moments, outage.reason)))
