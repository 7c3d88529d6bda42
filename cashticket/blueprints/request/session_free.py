"""Doors whose answer is the same for everybody: they read no session and set no cookie, so shared caches may keep it.

Nothing about the visitor may change such an answer, except the language. An error of such a door is kept as well.
"""

from flask import has_request_context

from cashticket.blueprints.request.context import present_request

# Pages: they heed the cookie of a chosen language, which is part of the key under which a proxy keeps them.
PAGES = frozenset(
    {
        *("auctions.show", "lineage.show", "results.show", "record.show"),
        *("trust.help", "trust.terms", "trust.privacy", "trust.refunds"),
    }
)
# The others know `?lang=` only.
PIECES = frozenset(
    {
        *("auctions.board", "history.points", "ladder.ladder", "record.as_csv", "calendar.as_ics"),
        *("plan.drawing", "concerts.on_now", "concerts.listing", "concerts.auctions"),
    }
)
# What a page for everybody loads of its reader. It reads the session and names the language of the page.
OWN_PIECES = frozenset(
    {"auctions.standing", "header.header", "me.running", "needs.needs", "results.outcome", "watch_list.watched"}
)
OPERATION = frozenset(
    {
        *("health.alive", "health.ready", "metrics.exposed", "static"),
        *("well_known.favicon", "well_known.robots", "well_known.security"),
        *("well_known.manifest", "well_known.service_worker"),
    }
)
SESSION_FREE = PAGES | PIECES | OPERATION


def is_session_free() -> bool:
    """Whether the door of this request reads no session."""
    return has_request_context() and present_request().endpoint in SESSION_FREE
