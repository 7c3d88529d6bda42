"""Who waits in the line of an auction, computed from the truth: from awards, accounts and who left the line.

It lives here because accounts and settlement both change that truth, and models is the room they both know.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, exists, select, update
from sqlalchemy.orm import Session

from cashticket.auction.values import State
from cashticket.models.auctions import Auction
from cashticket.models.awards import Award
from cashticket.models.final_ranks import FinalRank
from cashticket.models.news_of_people import note_lines
from cashticket.models.people import Person

PEOPLE_A_STATEMENT = 500
"""SQLite limits the values of a statement."""


def is_waiting() -> ColumnElement[bool]:
    """The SQL condition that the person of a final rank may be offered a freed seat of that auction now: they did not
    win, did not leave the line, never had an award of the auction, hold no ticket for the concert, and the account is
    neither blocked nor closed."""
    same_concert = (Auction.id == FinalRank.auction_id, Award.concert_id == Auction.concert_id)
    mine = Award.person_id == FinalRank.person_id
    account = (Person.id == FinalRank.person_id, Person.blocked_at.is_(None), Person.closed_at.is_(None))
    return and_(
        FinalRank.line_place.is_not(None),
        FinalRank.left_at.is_(None),
        ~exists().where(mine, Award.auction_id == FinalRank.auction_id),
        ~exists().where(mine, *same_concert, Award.live == 1),
        exists().where(*account),
    )


def renew_waiting(session: Session, people: Collection[int], concert_id: int | None = None) -> None:
    """Compute `waiting` again for these people in every auction of the concert, or in all auctions without one.

    Call it after every change of an award or of an account, and after somebody left a line, in the unit of that change.
    It stores what waits in the session first, and notes the lines of settled auctions in which somebody comes or goes
    (`news_of_people`). The accounts are locked first, so that of two units that change the truth
    about one person the second one sees what the first one did.
    """
    session.flush()
    ids = sorted(set(people))
    for start in range(0, len(ids), PEOPLE_A_STATEMENT):
        _renew(session, ids[start : start + PEOPLE_A_STATEMENT], concert_id)


def _renew(session: Session, ids: Sequence[int], concert_id: int | None) -> None:
    session.execute(select(Person.id).where(Person.id.in_(ids)).order_by(Person.id).with_for_update()).all()
    theirs = [FinalRank.person_id.in_(ids)]
    if concert_id is not None:
        theirs.append(FinalRank.auction_id.in_(select(Auction.id).where(Auction.concert_id == concert_id)))
    changes = select(FinalRank.auction_id, Auction.state).distinct().join(Auction, Auction.id == FinalRank.auction_id)
    changed = session.execute(changes.where(*theirs, FinalRank.waiting != is_waiting())).all()
    if not changed:
        return
    rows = update(FinalRank).where(*theirs).values(waiting=is_waiting())
    session.execute(rows, execution_options={"synchronize_session": False})
    note_lines(session, [auction_id for auction_id, state in changed if state is State.SETTLED])
