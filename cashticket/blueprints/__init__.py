"""THE DOORS for browsers, a folder per topic. Each door parses a request, makes one call and renders the answer.

`request` holds the guards that every door shares, `wording` the texts of answers. No door imports another door or
holds SQL.
"""

from importlib import import_module

from flask import Flask

GUARDS = (
    "log_context",
    "identity",
    "languages",
    "layout",
    "form_tokens",
    "security",
    "errors",
    "bid_pace",
    "second_factor",
    "reading_copy",
)
DOORS = (
    "account.sign_in",
    "account.sign_up",
    "account.recovery",
    "account.profile",
    "account.phone",
    "account.identities",
    "account.local_identity",
    "account.second_factor",
    "account.second_factor_app",
    "account.second_factor_passkeys",
    "account.second_step",
    "account.unsubscribing",
    "operator.health",
    "operator.metrics",
    "operator.well_known",
    "trust.pages",
    "concert.pages",
    "auction.standing",
    "auction.bids",
    "auction.history",
    "auction.plan",
    "auction.ladder",
    "auction.results",
    "auction.record",
    "auction.lineage",
    "auction.calendar",
    "auction.live",
    "me.awards",
    "me.step_up",
    "me.line",
    "me.pages",
    "me.notifications",
    "me.notice_settings",
    "me.award_calendar",
    "me.watch_list",
    "me.header",
    "me.live",
    "me.needs",
)
"""Modules in the order in which they are registered: guards first, because their hooks run in this order."""


FILTERS = (
    "wording.formats",
    "wording.awards",
    "wording.seat_histories",
    "wording.outages",
    "wording.organisers",
    "wording.concerts",
    "wording.listed_words",
    "wording.seats",
)
"""Modules with filters of templates."""


def register(app: Flask) -> None:
    """Add every guard, the template filters and every door to `app`."""
    for name in (
        *(f"request.{guard}" for guard in GUARDS),
        *FILTERS,
        *DOORS,
    ):
        app.register_blueprint(import_module(f"cashticket.blueprints.{name}").blueprint)
