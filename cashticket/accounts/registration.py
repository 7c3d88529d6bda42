"""The first visit: an account for a new address, and the same answer for an address that has one already.

Whoever asks learns nothing about other accounts: what happened is told by mail, to the address that was typed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.accounts import mail_links, passwords, people
from cashticket.accounts.mail_links import LinkRefused, Purpose
from cashticket.extensions import db
from cashticket.models import AccountMail, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit


def sign_up(given: dict[str, Any], locale: str) -> int:
    """Make the account of checked fields, unless address or phone have one. Answers the id of the mail that says what
    happened. Raises passwords.TooBusy."""
    password_hash = passwords.hash_password(given["password"])
    fields = {field: given[field] for field in ("email", "name", "birth_date", "phone")}

    def work(session: Session) -> int:
        person = Person(**fields, password_hash=password_hash, locale=locale)
        session.add(person)
        session.flush()
        return mail_links.write_down(session, person.id, Purpose.CONFIRM, person.email, locale)

    try:
        return people.claim(work, email=given["email"], phone=given["phone"])
    except (people.EmailTaken, people.PhoneTaken):
        return in_one_unit(lambda session: _tell_of_the_other(session, given["email"], given["phone"], locale))


def _tell_of_the_other(session: Session, email: str, phone: str, locale: str) -> int:
    """An address whose confirmation was lost gets it again; a confirmed one is told that it has an account."""
    same = session.scalar(select(Person).where(Person.email == email))
    if same is not None:
        purpose = Purpose.IN_USE if same.verified_at else Purpose.CONFIRM
        return mail_links.write_down(session, same.id, purpose, email, same.locale)
    owner = session.scalars(select(Person).where(Person.phone == phone)).one()
    return mail_links.write_down(session, owner.id, Purpose.PHONE_IN_USE, email, locale)


def confirm(text: str, secret_key: str, now: datetime) -> tuple[Person, int | None]:
    """Follow a confirmation link. The account, and the id of a mail to send if its address changed.

    Raises LinkRefused, and people.EmailTaken when the new address has found another account meanwhile.
    """
    mail = mail_links.read(text, (Purpose.CONFIRM, Purpose.CHANGE), secret_key, now)
    db.session.expunge(mail)

    def work(session: Session) -> tuple[Person, int | None]:
        row = session.get(Person, mail.person_id, with_for_update=True)
        if row is None or row.closed_at or (mail.purpose == Purpose.CONFIRM and row.email != mail.email):
            raise LinkRefused(mail)
        mail_links.use(session, mail)
        row.verified_at = row.verified_at or utcnow()
        row.revision += 1
        if row.email == mail.email:
            return row, None
        old, row.email = row.email, mail.email
        return row, mail_links.write_down(session, row.id, Purpose.EMAIL_CHANGED, old, row.locale)

    return people.claim(work, email=mail.email, own=mail.person_id)


def confirmed_before(mail: AccountMail | None) -> bool:
    """Whether a link that opens nothing any more has done its work: then its follower need not worry."""
    if mail is None or not mail.used_at:
        return False
    person = db.session.get(Person, mail.person_id)
    return person is not None and person.email == mail.email and person.verified_at is not None


def send_again(person_id: int) -> int | None:
    """Another confirmation mail for an address not yet confirmed. Its id; None when there is nothing to confirm."""

    def work(session: Session) -> int | None:
        row = session.get(Person, person_id)
        if row is None or row.verified_at or row.closed_at:
            return None
        return mail_links.write_down(session, row.id, Purpose.CONFIRM, row.email, row.locale)

    return in_one_unit(work)
