"""Getting back in, and moving on: forgotten passwords, a new address, the end of an account."""

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
    """The account holds a ticket, or an offer of one, that must be given back or used first."""


def ask_reset(email: str) -> int | None:
    """Note a mail with a link to set a new password. Its id; None when the address has no account."""
    found = people.find_by_email(email)
    if found is None or found.closed_at:
        return None
    person_id, address, locale = found.id, found.email, found.locale
    return in_one_unit(lambda session: mail_links.write_down(session, person_id, Purpose.RESET, address, locale))


def reset_link(text: str, secret_key: str, now: datetime) -> AccountMail:
    """The mail behind a reset link that still works. Raises LinkRefused."""
    return mail_links.read(text, (Purpose.RESET,), secret_key, now)


def reset(mail: AccountMail, password: str) -> tuple[Person, int]:
    """Set a new password by a link from `reset_link`; every session ends, and the address counts as confirmed.

    The account, and the id of the mail that says so. Raises LinkRefused, passwords.TooBusy.
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
        return row, mail_links.write_down(session, row.id, Purpose.PASSWORD_CHANGED, row.email, row.locale)

    return in_one_unit(work)


def change_password(person_id: int, password: str, keep: str) -> tuple[Person, int]:
    """Set a new password; every session but the one with the handle `keep` ends. The account, and a mail to send."""
    password_hash = passwords.hash_password(password)

    def work(session: Session) -> tuple[Person, int]:
        row = people.locked(session, person_id)
        row.password_hash = password_hash
        people.end_sessions(session, row, but=keep)
        _void_links(session, person_id)
        return row, mail_links.write_down(session, row.id, Purpose.PASSWORD_CHANGED, row.email, row.locale)

    return in_one_unit(work)


def ask_change_of_email(person_id: int, email: str) -> int | None:
    """Note a mail to the new address, which must be confirmed there; its id. An address that has an account of its
    own is told so instead: the answer is the same. None when it is the person's own already."""

    def work(session: Session) -> int | None:
        row = people.locked(session, person_id)
        if row.email == email:
            return None
        other = session.scalar(select(Person).where(Person.email == email))
        if other is not None:
            return mail_links.write_down(session, other.id, Purpose.IN_USE, email, other.locale)
        return mail_links.write_down(session, person_id, Purpose.CHANGE, email, row.locale)

    return in_one_unit(work)


def close(person_id: int) -> tuple[Person, int]:
    """Close an account for good: sessions end, what identifies the person is erased, bids stay in their order.

    The account, and the id of a last mail. Raises HoldsAward.
    """

    def work(session: Session) -> tuple[Person, int]:
        row = people.locked(session, person_id)
        if _holds_award(session, person_id):
            raise HoldsAward
        _void_links(session, person_id)
        mail_id = mail_links.write_down(session, row.id, Purpose.CLOSED, row.email, row.locale)
        people.end_sessions(session, row, but="")
        row.closed_at = utcnow()
        row.email = f"closed-{row.id}@closed.invalid"
        row.name, row.phone, row.birth_date, row.password_hash = "", None, None, "!"
        return row, mail_id

    return in_one_unit(work)


def open_sign_ins(person_id: int) -> list[SignIn]:
    """The sessions of a person that live, newest first."""
    found = select(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None))
    return list(db.session.scalars(found.order_by(SignIn.started_at.desc(), SignIn.id.desc())))


def _holds_award(session: Session, person_id: int) -> bool:
    live = select(Award.id).join(Concert, Concert.id == Award.concert_id)
    live = live.where(Award.person_id == person_id, Award.live == 1, Concert.starts_at > utcnow())
    return session.scalar(live.limit(1)) is not None


def _void_links(session: Session, person_id: int) -> None:
    links = update(AccountMail).where(AccountMail.person_id == person_id, AccountMail.used_at.is_(None))
    session.execute(links.values(used_at=utcnow()))
