"""Sign-up and confirmation. The answer is the same whether or not the address has an account already.

Nobody learns of other accounts by signing up: the outcome is mailed to the address that was typed.
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


def sign_up(fields: dict[str, Any], locale: str) -> int:
    """Add the account of checked fields, unless its address or phone has one. Returns the id of the mail with the
    outcome. Raises passwords.TooBusy."""
    password_hash = passwords.hash_password(fields["password"])
    columns = {name: fields[name] for name in ("email", "name", "birth_date", "phone")}

    def work(session: Session) -> int:
        person = Person(**columns, password_hash=password_hash, locale=locale)
        session.add(person)
        session.flush()
        return mail_links.store_mail(session, person.id, Purpose.CONFIRM, person.email, locale)

    try:
        return people.claim(work, email=fields["email"], phone=fields["phone"])
    except (people.EmailTaken, people.PhoneTaken):
        return in_one_unit(lambda session: _mail_existing_account(session, fields["email"], fields["phone"], locale))


def _mail_existing_account(session: Session, email: str, phone: str, locale: str) -> int:
    """Mail the confirmation again to an unconfirmed address; tell a confirmed one that it has an account."""
    same = session.scalar(select(Person).where(Person.email == email))
    if same is not None:
        purpose = Purpose.IN_USE if same.verified_at else Purpose.CONFIRM
        return mail_links.store_mail(session, same.id, purpose, email, same.locale)
    owner = session.scalars(select(Person).where(Person.phone == phone)).one()
    return mail_links.store_mail(session, owner.id, Purpose.PHONE_IN_USE, email, locale)


def confirm(text: str, secret_key: str, now: datetime) -> tuple[Person, int | None]:
    """Use a confirmation link. Returns the account, and the id of a mail to send if its address changed.

    Raises LinkRefused, and people.EmailTaken if another account has taken the new address meanwhile.
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
        return row, mail_links.store_mail(session, row.id, Purpose.EMAIL_CHANGED, old, row.locale)

    return people.claim(work, email=mail.email, own=mail.person_id)


def confirmed_before(mail: AccountMail | None) -> bool:
    """Whether a used link has confirmed the address that its person still has."""
    if mail is None or not mail.used_at:
        return False
    person = db.session.get(Person, mail.person_id)
    return person is not None and person.email == mail.email and person.verified_at is not None


def send_again(person_id: int) -> int | None:
    """Store another confirmation mail. Returns its id; None when there is nothing to confirm."""

    def work(session: Session) -> int | None:
        row = session.get(Person, person_id)
        if row is None or row.verified_at or row.closed_at:
            return None
        return mail_links.store_mail(session, row.id, Purpose.CONFIRM, row.email, row.locale)

    return in_one_unit(work)
