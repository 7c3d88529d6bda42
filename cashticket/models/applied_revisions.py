"""In which form each revision of the schema was applied, so that a revision that was edited afterwards is noticed.

The form is the SHA-256 of the revision's file, stored when the schema goes up. Of revisions that were applied before
this table was there, the form is stored that they had when it came.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path

from alembic.script import Script
from sqlalchemy import Connection, String, delete, insert, inspect, select
from sqlalchemy.orm import Mapped, mapped_column

from cashticket.extensions import Base
from cashticket.models.columns import Moment, exact_text, utcnow


class AppliedRevision(Base):
    """A revision that the schema has, and the form in which it was applied."""

    __tablename__ = "applied_revisions"

    revision: Mapped[str] = mapped_column(String(32), primary_key=True)
    digest: Mapped[str] = mapped_column(exact_text(64))
    recorded_at: Mapped[datetime] = mapped_column(Moment, default=utcnow)


def forms(scripts: Iterable[Script]) -> dict[str, str]:
    """Revision → the SHA-256 of its file in hexadecimal; how lines end does not matter."""
    return {script.revision: _digest(Path(script.path)) for script in scripts}


def altered(connection: Connection, present: Mapping[str, str]) -> list[str]:
    """A sentence for each revision that was applied in another form than the `present` one."""
    return [
        f"revision {revision} was applied in another form than this release has, so tables may differ from what it "
        f"expects: put its file in migrations/versions back as it was released; or compare the tables with those of a "
        f"new database, mend them, and delete its row in applied_revisions"
        for revision, form in sorted(_applied(connection).items())
        if present.get(revision, form) != form
    ]


def record(connection: Connection, present: Mapping[str, str]) -> None:
    """Store the forms of these revisions, which are all that the schema has now, and forget others. Commits."""
    if inspect(connection).has_table(AppliedRevision.__tablename__):
        applied = _applied(connection)
        connection.execute(delete(AppliedRevision).where(AppliedRevision.revision.not_in(present)))
        rows = [{"revision": each, "digest": form} for each, form in present.items() if each not in applied]
        if rows:
            connection.execute(insert(AppliedRevision), rows)
    connection.commit()


def _applied(connection: Connection) -> dict[str, str]:
    if not inspect(connection).has_table(AppliedRevision.__tablename__):
        return {}
    rows = connection.execute(select(AppliedRevision.revision, AppliedRevision.digest))
    return {row.revision: row.digest for row in rows}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
