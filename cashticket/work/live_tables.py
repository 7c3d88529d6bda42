"""What the hub of a process asks the tables, outside of any request: each question in an application context of its
own, which gives its connection back when it ends.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta

from flask import Flask

from cashticket.accounts import open_sessions
from cashticket.ledger import queries
from cashticket.live.still_out import Displacement
from cashticket.models.columns import utcnow
from cashticket.notify import inbox

MINUTES = timedelta(minutes=2)
"""Older displacements were told when they happened, or stand in the notices since."""


class LiveTables:
    """The tables of one application, for `live.people_rounds`."""

    def __init__(self, app: Flask) -> None:
        self._app = app

    def epochs(self, people: Sequence[int]) -> Mapping[int, int]:
        """Person → the present session epoch, in one statement."""
        with self._app.app_context():
            return open_sessions.epochs(people)

    def titles(self, auction_ids: Sequence[int]) -> Mapping[int, Mapping[str, str]]:
        """Auction → the title of its concert by language, in one statement."""
        with self._app.app_context():
            return queries.titles(auction_ids)

    def displacements(self, people: Sequence[int]) -> Sequence[Displacement]:
        """What was recorded of these people in the last MINUTES and is unread, in one statement."""
        with self._app.app_context():
            return [Displacement(*each) for each in inbox.unseen_rank_outs_since(people, utcnow() - MINUTES)]
