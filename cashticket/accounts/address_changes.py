"""A new e-mail address for an account: asked for, confirmed at the new address, undone from the old one.

Whoever confirms a new address may be a thief, so the old address gets a link that restores it for 72 hours. Neither a
reset nor a further change takes that link away: of several, the one for the older address wins.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.accounts import acting_sessions, drafts, endings, mail_links, passwords, people, second_factors
from cashticket.accounts.mail_links import LinkRefused, Purpose
from cashticket.models import AccountMail, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit


def request_change(person_id: int, email: str, acting: str) -> int | None:
    """Store a mail with a link to confirm the new address. Returns its id; None for the person's own address.

    If the address belongs to another account, its owner is told instead and the answer is the same. `acting` is the
    handle of the session that asks. Raises sessions.Overtaken when it has ended meanwhile.
    """

    def work(session: Session) -> int | None:
        row = people.locked(session, person_id)
        acting_sessions.require_open(session, person_id, acting)
        if row.email == email:
            return None
        other = session.scalar(select(Person).where(Person.email == email, Person.verified_at.is_not(None)))
        if other is not None:
            return mail_links.store_mail(session, Purpose.IN_USE, email, other.locale, person_id=other.id).id
        return mail_links.store_mail(session, Purpose.CHANGE, email, row.locale, person_id=person_id).id

    return in_one_unit(work)


def change_link(text: str, keys: Sequence[str], now: datetime) -> AccountMail:
    """The mail of a link that confirms a new address or undoes a change. Raises LinkRefused."""
    return mail_links.read(text, (Purpose.CHANGE, Purpose.EMAIL_CHANGED), keys, now)


def confirm_change(mail: AccountMail, keep: str) -> tuple[Person, str, int]:
    """Give the account its new address; end every session and every open link but those that undo a change.

    The session `keep`, if it is one of this account, goes on under a new handle. Returns the account, that handle (""
    if none goes on) and the id of the mail to the old address. Raises LinkRefused, and people.EmailTaken if another
    account has taken the new address meanwhile.
    """

    def work(session: Session) -> tuple[Person, str, int]:
        row = session.get(Person, mail.person_id, with_for_update=True)
        if row is None or row.closed_at or not row.verified_at or row.email == mail.email:
            raise LinkRefused(mail)
        mail_links.use(session, mail)
        handle = endings.end_everything(session, row, keep=keep)
        old, row.email = row.email, mail.email
        drafts.delete_of_address(session, mail.email)
        to_old = mail_links.store_mail(session, Purpose.EMAIL_CHANGED, old, row.locale, person_id=row.id)
        return row, handle, to_old.id

    return people.claim(work, email=mail.email, own=mail.person_id or 0, over_unconfirmed=True)


def undo_change(mail: AccountMail) -> tuple[Person, AccountMail, int | None]:
    """Restore the old address, make the present password useless, remove the second factors that were set since, and
    end every session and every open link.

    Returns the account, a reset link to choose a new password by at once, and the id of a mail to the address that was
    taken away (None if it is the same). Links that undo earlier changes stay: their addresses are older. Raises
    LinkRefused, and people.EmailTaken if another account has taken the old address meanwhile.
    """

    def work(session: Session) -> tuple[Person, AccountMail, int | None]:
        row = session.get(Person, mail.person_id, with_for_update=True)
        if row is None or row.closed_at:
            raise LinkRefused(mail)
        mail_links.use(session, mail)
        notice_id = _restore(session, row, mail)
        link = mail_links.store_mail(
            session, Purpose.RESET, row.email, row.locale, person_id=row.id, mailed_at=utcnow()
        )
        return row, link, notice_id

    return people.claim(work, email=mail.email, own=mail.person_id or 0, over_unconfirmed=True)


def _restore(session: Session, row: Person, mail: AccountMail) -> int | None:
    endings.end_everything(session, row)
    endings.void_later_undos(session, mail)
    second_factors.after_undo(session, row.id, mail.created_at)
    taken_away, row.email, row.password_hash = row.email, mail.email, passwords.UNUSABLE
    drafts.delete_of_address(session, mail.email)
    if taken_away == mail.email:
        return None
    return mail_links.store_mail(session, Purpose.EMAIL_RESTORED, taken_away, row.locale, person_id=row.id).id
