"""The schema version of the database and the one that the migrations of this version lead to."""

from dataclasses import dataclass
from functools import lru_cache

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from cashticket.extensions import db
from cashticket.models import durability


@dataclass(frozen=True, slots=True)
class DatabaseCondition:
    """`heads` are the revisions the database has, `newest` those the migrations lead to. `loss_risks` says how recorded
    bids could be lost (see `durability`)."""

    heads: frozenset[str]
    newest: frozenset[str]
    loss_risks: tuple[str, ...]


def condition(migrations: str) -> DatabaseCondition:
    """The condition of the database. `migrations` is the folder of Alembic. Raises SQLAlchemyError while it is away."""
    try:
        with db.engine.connect() as connection:
            heads = frozenset(MigrationContext.configure(connection).get_current_heads())
            loss_risks = tuple(durability.loss_risks(connection))
    finally:
        # A transaction of this request must not outlive the check.
        db.session.rollback()
    return DatabaseCondition(heads, _newest(migrations), loss_risks)


@lru_cache(maxsize=4)
def _newest(migrations: str) -> frozenset[str]:
    return frozenset(ScriptDirectory(migrations).get_heads())
