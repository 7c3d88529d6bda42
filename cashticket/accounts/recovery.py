"""Forgotten and changed passwords, a new e-mail address, and closing an account."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cashticket.accounts import mail_links, passwords, people
from cashticket.accounts.mail_links import LinkRefused, Purpose
from cashticket.extensions import db
from cashticket.models import AccountMail, Award, Concert, Person, SignIn
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit


class HoldsAward(Exception):
    """The account holds a ticket or an offer for a coming concert, so it cannot be closed."""


def request_reset(email: str) -> int | None:
    """Store a mail with a link to set a new password. Returns its id; None when the address has no account."""
    person = people.find_by_email(email)
    if person is None or person.closed_at:
        return None
    person_id, address, locale = person.id, person.email, person.locale
    return in_one_unit(lambda session: mail_links.store_mail(session, person_id, Purpose.RESET, address, locale))


def reset_link(text: str, secret_key: str, now: datetime) -> AccountMail:
    """The mail of a reset link that still works. Raises LinkRefused."""
    return mail_links.read(text, (Purpose.RESET,), secret_key, now)


def reset(mail: AccountMail, password: str) -> tuple[Person, int]:
    """Set a new password by the mail of a reset link, end every session, and mark the address as confirmed.

    Returns the account and the id of a mail about the change. Raises LinkRefused, passwords.TooBusy.
    """
    password_hash = passwords.hash_password(password)
    db.session.expunge(mail)

    def work(session: Session) -> tuple[Person, int]:
        row = session.get(Person, mail.person_id, with_for_update=True)
        if row is None or row.closed_at or row.email != mail.email:
            raise LinkRefused(mail)
        mail_links.use(session, mail)
        row.password_hash = password_hash
        row.verified_at = row.verified_at or utcnow()
        people.end_sessions(session, row, but="")
        return row, mail_links.store_mail(session, row.id, Purpose.PASSWORD_CHANGED, row.email, row.locale)

    return in_one_unit(work)


def change_password(person_id: int, password: str, keep: str) -> tuple[Person, int]:
    """Set a new password and end every session except the handle `keep`. Returns the account and the id of a mail about
    the change. Raises passwords.TooBusy."""
    password_hash = passwords.hash_password(password)

    def work(session: Session) -> tuple[Person, int]:
        row = people.locked(session, person_id)
        row.password_hash = password_hash
        people.end_sessions(session, row, but=keep)
        _void_links(session, person_id)
        return row, mail_links.store_mail(session, row.id, Purpose.PASSWORD_CHANGED, row.email, row.locale)

    return in_one_unit(work)


def request_email_change(person_id: int, email: str) -> int | None:
    """Store a mail with a link to confirm the new address. Returns its id; None for the person's own address.

    If the address belongs to another account, its owner is told instead and the answer is the same.
    """

    def work(session: Session) -> int | None:
        row = people.locked(session, person_id)
        if row.email == email:
            return None
        other = session.scalar(select(Person).where(Person.email == email))
        if other is not None:
            return mail_links.store_mail(session, other.id, Purpose.IN_USE, email, other.locale)
        return mail_links.store_mail(session, person_id, Purpose.CHANGE, email, row.locale)

    return in_one_unit(work)


def close(person_id: int) -> tuple[Person, int]:
    """Close an account for good: end its sessions and erase personal data. Its bids keep their ranks.

    Returns the account and the id of a last mail. Raises HoldsAward.
    """

    def work(session: Session) -> tuple[Person, int]:
        row = people.locked(session, person_id)
        if _holds_award(session, person_id):
            raise HoldsAward
        _void_links(session, person_id)
        mail_id = mail_links.store_mail(session, row.id, Purpose.CLOSED, row.email, row.locale)
        people.end_sessions(session, row, but="")
        row.closed_at = utcnow()
        row.email = f"closed-{row.id}@closed.invalid"
        row.name, row.phone, row.birth_date, row.password_hash = "", None, None, "!"
        return row, mail_id

    return in_one_unit(work)


def open_sign_ins(person_id: int) -> list[SignIn]:
    """The open sessions of a person, newest first."""
    rows = select(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    return list(db.session.scalars(rows.order_by(SignIn.started_at.desc(), SignIn.id.desc())))


def _holds_award(session: Session, person_id: int) -> bool:
    awards = select(Award.id).join(Concert, Concert.id == Award.concert_id)
    awards = awards.where(Award.person_id == person_id, Award.live == 1, Concert.starts_at > utcnow())
    return session.scalar(awards.limit(1)) is not None


def _void_links(session: Session, person_id: int) -> None:
    links = update(AccountMail).where(AccountMail.person_id == person_id, AccountMail.used_at.is_(None))
    session.execute(links.values(used_at=utcnow()))
