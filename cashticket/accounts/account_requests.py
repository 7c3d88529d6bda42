"""What becomes of a mail that somebody asked for by typing an address: decided when it is sent, not when it is asked.

Whether an address has an account must not show in the answer to a form, not even in its time. So the form stores the
same row for every address, and the worker looks.
"""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from cashticket.accounts import drafts
from cashticket.accounts.mail_links import LINK_LIFETIME, Purpose
from cashticket.models import AccountMail, Person, SignUpDraft
from cashticket.models.units import in_one_unit


def decide(mail_id: int, now: datetime) -> bool:
    """Give a stored mail its account and its text. Returns whether it is to be sent.

    A reset goes to the account that has the address, or nowhere. A sign-up with the address of a confirmed account
    becomes a mail that says so, and its draft is deleted. A mail whose link or draft no longer works is not sent.
    """

    def work(session: Session) -> bool:
        mail = session.get(AccountMail, mail_id, with_for_update=True)
        if mail is None:
            return False
        if _has_dead_link(mail) or not _addressed(session, mail, now):
            mail.used_at = mail.used_at or now
            return False
        return True

    return in_one_unit(work)


def _has_dead_link(mail: AccountMail) -> bool:
    return mail.purpose in LINK_LIFETIME and mail.used_at is not None


def _addressed(session: Session, mail: AccountMail, now: datetime) -> bool:
    if mail.purpose not in (Purpose.CONFIRM, Purpose.RESET) or (mail.person_id and mail.purpose == Purpose.RESET):
        return True
    owner = session.scalar(select(Person).where(Person.email == mail.email, Person.closed_at.is_(None)))
    if mail.purpose == Purpose.RESET:
        return owner is not None and _belongs(mail, owner)
    if owner is not None and owner.verified_at is not None:
        if mail.draft_id is not None:
            session.execute(delete(SignUpDraft).where(SignUpDraft.id == mail.draft_id))
        mail.purpose = Purpose.IN_USE
        return _belongs(mail, owner)
    draft = session.get(SignUpDraft, mail.draft_id) if mail.draft_id else None
    return draft is not None and draft.created_at > now - drafts.LIFETIME


def _belongs(mail: AccountMail, owner: Person) -> bool:
    mail.person_id, mail.locale = owner.id, owner.locale
    return True
