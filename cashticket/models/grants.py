"""What the account that the product runs with may do: read and add everywhere, change and delete only where the product
does. It may not touch what was decided once, and never the tables themselves.

The account that migrates gives these rights after each upgrade, because new tables come with it.
"""

import re

from sqlalchemy import DDL, Connection, text

from cashticket.extensions import db

APPEND_ONLY = frozenset(
    {
        "bids",
        "sequence_gaps",
        "given_up_bids",
        "withdrawals",
        "outages",
        "award_events",
        "operator_acts",
        "alembic_version",
        "applied_revisions",
    }
)
"""Tables whose rows are never changed and never deleted."""

ACCOUNT = re.compile(r"[A-Za-z0-9_]{1,32}(@[A-Za-z0-9_.%:/-]{1,60})?")
TABLES = text(
    "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'BASE TABLE'"
)


def grant(connection: Connection, account: str) -> list[str]:
    """Let `account` (a name, or name@host) change and delete rows of every table that is not append-only.

    Returns the names of those tables. Repeating it changes nothing. Does nothing on SQLite. Raises SQLAlchemyError, for
    example if the account does not exist or the connected one may give no rights.
    """
    if connection.dialect.name == "sqlite":
        return []
    if not ACCOUNT.fullmatch(account):
        raise ValueError("no name of an account")
    name, _, host = account.partition("@")
    ours = set(db.metadata.tables) - APPEND_ONLY
    tables = sorted(ours & set(connection.execute(TABLES).scalars()))
    names = connection.dialect.identifier_preparer
    for table in tables:
        # Names cannot be parameters of a statement: this one is quoted, the account has the plain form checked above.
        values = {"table": names.quote(table), "name": name, "host": host or "%"}
        connection.execute(DDL("GRANT UPDATE, DELETE ON %(table)s TO '%(name)s'@'%(host)s'", context=values))  # type: ignore[no-untyped-call]
    return tables
