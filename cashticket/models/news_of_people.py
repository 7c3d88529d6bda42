"""What a unit changed about people that their open pages are to hear of: new notices, lines in which places moved, and
sessions that ended.

It is noted in the unit's session and told once the unit is committed: who hears of it may read it at once. What is lost
on the way is made up for: each page counts again, and the live service looks at the sessions each minute.
"""

from collections.abc import Iterable

from flask import current_app
from sqlalchemy.orm import Session

PRESSING, OTHERS, EPOCHS = "people with pressing notices", "people with other notices", "new session epochs"
LINES = "auctions whose lines moved"


def note_notices(session: Session, people: Iterable[int], *, are_pressing: bool = True) -> None:
    """Note that the caller's unit stores a notice for each of these people. Pressing ones name something to do, so
    pages look again; of others, where they are many, pages only count one more."""
    session.info.setdefault(PRESSING if are_pressing else OTHERS, set()).update(people)


def note_lines(session: Session, auction_ids: Iterable[int]) -> None:
    """Note that the caller's unit changed who waits in the lines of these settled auctions."""
    session.info.setdefault(LINES, set()).update(auction_ids)


def noted_lines(session: Session) -> list[int]:
    """The auctions whose lines the unit of this session has changed so far, ascending."""
    return sorted(session.info.get(LINES, ()))


def note_epoch(session: Session, person_id: int, epoch: int) -> None:
    """Note that the caller's unit gives a person this session epoch, which ends sessions."""
    session.info.setdefault(EPOCHS, {})[person_id] = epoch


def tell(session: Session) -> None:
    """Tell what was noted in the session of a unit that is committed. Never fails."""
    pressing, others = session.info.pop(PRESSING, set()), session.info.pop(OTHERS, set())
    epochs, lines = session.info.pop(EPOCHS, {}), session.info.pop(LINES, set())
    if pressing or others or epochs or lines:
        current_app.extensions["people_news"].tell(sorted(pressing), sorted(others), epochs, sorted(lines))
