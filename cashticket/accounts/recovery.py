"""Forgotten and changed passwords, and closing an account. Each ends every session and every open link."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, scoped_session

from cashticket.accounts import acting_sessions, endings, erasing, mail_links, passwords, people, second_factors
from cashticket.accounts.mail_links import LinkRefused, Purpose
from cashticket.auction.identity_terms import IdentityTerm
from cashticket.extensions import db
from cashticket.models import AccountMail, Auction, Award, Concert, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit


class HoldsAward(Exception):
    """The account holds a ticket or an offer for a coming concert, so it cannot be closed."""


def request_reset(email: str, locale: str) -> int:
    """Store a mail with a link to set a new password, for an address in the stored spelling. Returns its id.

    The work is the same with and without an account: the worker that sends the mail finds out (account_requests.py).
    """
    return in_one_unit(lambda session: mail_links.store_mail(session, Purpose.RESET, email, locale).id)


def reset_link(text: str, keys: Sequence[str], now: datetime) -> AccountMail:
    """The mail of a reset link that still works. Raises LinkRefused."""
    return mail_links.read(text, (Purpose.RESET,), keys, now)


def reset(mail: AccountMail, password: str) -> tuple[Person, int]:
    """Set a new password by the mail of a reset link, and mark the address as confirmed. Second factors stay.

    Ends every session and every open link but those that undo a change of address. Returns the account and the id of a
    mail about the change. Raises LinkRefused, passwords.TooBusy.
    """
    password_hash = passwords.hash_password(password)

    def work(session: Session) -> tuple[Person, int]:
        row = session.get(Person, mail.person_id, with_for_update=True) if mail.person_id else None
        if row is None or row.closed_at or row.email != mail.email:
            raise LinkRefused(mail)
        mail_links.use(session, mail)
        row.password_hash = password_hash
        row.verified_at = row.verified_at or utcnow()
        endings.end_everything(session, row)
        second_factors.after_reset(session, row.id)
        return row, _tell(session, row, Purpose.PASSWORD_CHANGED)

    return in_one_unit(work)


def change_password(person_id: int, password: str, keep: str) -> tuple[Person, str, int]:
    """Set a new password; end every session and every open link but those that undo a change of address.

    The session `keep` goes on under a new handle. Returns the account, that handle ("" when none goes on) and the id of
    a mail about the change. Raises passwords.TooBusy, and sessions.Overtaken when `keep` has ended meanwhile.
    """
    password_hash = passwords.hash_password(password)

    def work(session: Session) -> tuple[Person, str, int]:
        row = people.locked(session, person_id)
        acting_sessions.require_open(session, person_id, keep)
        row.password_hash = password_hash
        handle = endings.end_everything(session, row, keep=keep)
        second_factors.forget_wrong_codes(session, row.id)
        return row, handle, _tell(session, row, Purpose.PASSWORD_CHANGED)

    return in_one_unit(work)


def close(person_id: int, acting: str = "") -> tuple[Person, int]:
    """Close an account for good: end its sessions and links, and erase its person. Its bids keep their ranks.

    `acting` is the handle of the session that closes it. Returns the account and the id of a last mail. Raises
    HoldsAward, and sessions.Overtaken when that session has ended meanwhile.
    """

    def work(session: Session) -> tuple[Person, int]:
        row = people.locked(session, person_id)
        acting_sessions.require_open(session, person_id, acting)
        if _holds_award(session, person_id):
            raise HoldsAward
        address = row.email
        erasing.erase(session, row)
        last = mail_links.store_mail(session, Purpose.CLOSED, address, row.locale, person_id=row.id)
        # Only the outbox still holds the address, until this last mail has left.
        last.email = ""
        return row, last.id

    return in_one_unit(work)


def _tell(session: Session, row: Person, purpose: Purpose) -> int:
    return mail_links.store_mail(session, purpose, row.email, row.locale, person_id=row.id).id


def holds_award(person_id: int) -> bool:
    """Whether somebody holds a right to a seat of a coming concert, so that the account stays open. One statement."""
    return _holds_award(db.session, person_id)


def holds_award_for_phone(person_id: int) -> bool:
    """Whether somebody holds such a right from an auction that asked for a proven phone. One statement."""
    asks = Auction.id == Award.auction_id, Auction.identity == IdentityTerm.PHONE
    return _holds_award(db.session, person_id, select(Auction.id).where(*asks).exists())


def _holds_award(session: Session | scoped_session[Any], person_id: int, *of: ColumnElement[bool]) -> bool:
    awards = select(Award.id).join(Concert, Concert.id == Award.concert_id)
    awards = awards.where(Award.person_id == person_id, Award.live == 1, Concert.starts_at > utcnow(), *of)
    return session.scalar(awards.limit(1)) is not None
