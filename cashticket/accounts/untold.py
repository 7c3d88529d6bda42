"""People of whose change the auctions may not know yet: the note stands in the account, from the unit that changed it
until somebody has told every auction."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from cashticket.extensions import db
from cashticket.models import Person
from cashticket.models.units import in_one_unit


def untold(limit: int, after: tuple[datetime, int] | None = None) -> Sequence[Person]:
    """People of whose change the auctions are to be told, the oldest change first, at most `limit`. `after` is
    `untold_since` and id of somebody: only those behind are returned."""
    rows = select(Person).where(Person.untold_since.is_not(None))
    if after is not None:
        rows = rows.where(tuple_(Person.untold_since, Person.id) > tuple_(*after))
    return db.session.scalars(rows.order_by(Person.untold_since, Person.id).limit(limit)).all()


def revised_since(moment: datetime, limit: int) -> Sequence[Person]:
    """People who changed at `moment` (UTC) or later in a way that auctions are told of, at most `limit`."""
    rows = select(Person).where(Person.revised_at >= moment)
    return db.session.scalars(rows.order_by(Person.revised_at, Person.id).limit(limit)).all()


def note_told(people: Iterable[Person]) -> None:
    """Note that every auction was told of these people as they were read. Who changed again since stays untold."""
    revisions = [(person.id, person.revision) for person in people if person.untold_since is not None]

    def work(session: Session) -> None:
        for person_id, revision in revisions:
            unchanged = update(Person).where(Person.id == person_id, Person.revision == revision)
            session.execute(unchanged.values(untold_since=None), execution_options={"synchronize_session": False})

    if revisions:
        in_one_unit(work)
