"""The beat that goes from the primary to the copy from which pages read: how far behind the copy is."""

from datetime import datetime

from sqlalchemy import Integer, insert, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from cashticket.extensions import Base, db
from cashticket.models.columns import Moment, utcnow
from cashticket.models.units import in_one_unit

ONLY = 1


class CopyBeat(Base):
    """One row. `at` is when the watch wrote it last: a copy that has it has everything committed before."""

    __tablename__ = "copy_beats"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Moment)


NEWEST = select(CopyBeat.at)


def newest() -> datetime | None:
    """The newest beat on the primary, None for none. Raises SQLAlchemyError while it is away."""
    with db.engine.connect() as connection:
        return connection.execute(NEWEST).scalar()


def beat() -> None:
    """Write the present moment on the primary. Raises SQLAlchemyError while it is away."""

    def work(session: Session) -> None:
        moment = utcnow()
        changed = session.execute(update(CopyBeat).where(CopyBeat.id == ONLY).values(at=moment))
        if not changed.rowcount:  # type: ignore[attr-defined]
            session.execute(insert(CopyBeat).values(id=ONLY, at=moment))

    in_one_unit(work)
