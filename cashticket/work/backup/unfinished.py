"""Whether a restore was ended in the middle, asked by what would record or settle in a part of a ledger."""

from contextlib import suppress

from sqlalchemy.exc import DBAPIError

from cashticket.errors import OperatorError
from cashticket.extensions import db
from cashticket.models.schema import unfinished_restore


class UnfinishedRestore(OperatorError):
    """The database holds a part of a backup."""


def require_no_unfinished_restore() -> None:
    """Raises UnfinishedRestore where the database holds a part of a backup. While the database is away nothing is
    known, and nothing is raised. No connection stays open."""
    problem = None
    try:
        with suppress(DBAPIError), db.engine.connect() as connection:
            problem = unfinished_restore(connection)
    finally:
        db.engine.dispose()
    if problem:
        raise UnfinishedRestore(f"Not started: {problem}.")
