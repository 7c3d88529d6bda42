"""What ends when an account is recovered, changed, blocked or closed: its sessions, its known browsers, and the open
links in its mails.

Every act that a person does against a thief calls `end_everything`, so that none of them leaves another way in.
"""

import secrets
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, and_, delete, select, update
from sqlalchemy.orm import Session

from cashticket.accounts.mail_links import Purpose
from cashticket.models import AccountMail, KnownBrowser, Person, PushSubscription, SignIn
from cashticket.models.columns import utcnow


def end_everything(session: Session, row: Person, *, keep: str = "", undos: bool = False) -> str:
    """End every session of an account, void its open links and forget its browsers, in a unit that has locked the
    account.

    The session `keep` goes on under a new handle, which is returned ("" when nothing goes on): a copy of its cookie
    ends with the others. Links that undo a change of address are voided only with `undos`: a thief who has changed the
    address can also change the password, and must not take the owner's way back with it.
    """
    void_links(session, row, undos=undos)
    # A thief's browser may be among them; the acting one is remembered anew.
    session.execute(delete(KnownBrowser).where(KnownBrowser.person_id == row.id))
    return end_sessions(session, row, keep=keep)


def end_sessions(session: Session, row: Person, *, keep: str = "") -> str:
    """End every session of an account that this unit has locked, with the pushes that it subscribed, and increase its
    epoch for the auctions.

    The session `keep` goes on under a new handle. Returns that handle, "" when `keep` is not open.
    """
    row.session_epoch += 1
    row.revision += 1
    open_ones = update(SignIn).where(SignIn.person_id == row.id, SignIn.ended_at.is_(None))
    handle = ""
    if keep:
        renamed = session.execute(open_ones.where(SignIn.handle == keep).values(handle=(new := new_handle())))
        handle = new if cast("CursorResult[Any]", renamed).rowcount else ""
    session.execute(open_ones.where(SignIn.handle != handle).values(ended_at=utcnow()))
    end_pushes(session, row.id)
    return handle


def end_pushes(session: Session, person_id: int) -> None:
    """Push no more to the devices of sessions that have ended: whoever has such a device is somebody else by now, or
    does not want it there."""
    open_ones = select(SignIn.id).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    devices = delete(PushSubscription).where(PushSubscription.person_id == person_id)
    session.execute(
        devices.where(PushSubscription.sign_in_id.not_in(open_ones)), execution_options={"synchronize_session": False}
    )


def new_handle() -> str:
    """A handle that nobody can guess."""
    return secrets.token_hex(16)


def void_links(session: Session, row: Person, *, undos: bool) -> None:
    """Void the open links of an account, also those that were asked for its address and are not sent yet."""
    _void(session, AccountMail.person_id == row.id, undos=undos)
    _void(session, and_(AccountMail.email == row.email, AccountMail.person_id.is_(None)), undos=undos)


def void_confirmations(session: Session, email: str) -> None:
    """Void the open links that would confirm a sign-up with `email`."""
    _void(session, and_(AccountMail.email == email, AccountMail.purpose == Purpose.CONFIRM), undos=False)


def void_later_undos(session: Session, mail: AccountMail) -> None:
    """Void the links that undo changes of address made after the one that `mail` undoes."""
    later = and_(AccountMail.person_id == mail.person_id, AccountMail.id > mail.id)
    _void(session, later, undos=True)


def _void(session: Session, which: ColumnElement[bool], *, undos: bool) -> None:
    links = update(AccountMail).where(which, AccountMail.used_at.is_(None))
    if not undos:
        links = links.where(AccountMail.purpose != Purpose.EMAIL_CHANGED)
    session.execute(links.values(used_at=utcnow()))
