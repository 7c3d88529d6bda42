"""Refuses acts whose session has ended while they were checked, such as by a reset on another device.

Checking a password takes a moment. Without this, what a thief had sent just before would be done just after.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.accounts.sessions import Overtaken
from cashticket.models import SignIn


def require_open(session: Session, person_id: int, handle: str) -> None:
    """Check, in a unit that has locked the account, that the session `handle` of it has not ended. Raises Overtaken.

    With "" nothing is checked: an operator acts.
    """
    acting = select(SignIn.id).where(SignIn.person_id == person_id, SignIn.handle == handle, SignIn.ended_at.is_(None))
    if handle and session.scalar(acting.with_for_update()) is None:
        raise Overtaken
