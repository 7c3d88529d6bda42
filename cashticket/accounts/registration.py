"""Sign-up and confirmation. The answer is the same whether or not the address has an account already.

Signing up makes a draft and mails a link to the address that was typed. Whoever opens the link and sends its form makes
the account of that draft: from the browser that signed up, with the password that was typed at sign-up, or, for
somebody who did not make that sign-up, with facts of their own.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from cashticket.accounts import consent, drafts, endings, mail_links, passwords, people, unconfirmed
from cashticket.accounts.drafts import Facts, Origin
from cashticket.accounts.mail_links import LinkRefused, Purpose
from cashticket.extensions import db
from cashticket.models import AccountMail, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit


@dataclass(frozen=True, slots=True)
class SignUp:
    """What an open confirmation link would confirm."""

    mail: AccountMail
    facts: Facts
    browser: str
    token_hash: str
    created_at: datetime

    @property
    def email(self) -> str:
        """The address that was typed at sign-up; the mail went there."""
        return self.mail.email

    def made_by(self, token: str) -> bool:
        """Whether the browser with this token signed up."""
        return bool(token) and drafts.hashed(token) == self.token_hash


def sign_up(email: str, facts: Facts, origin: Origin, now: datetime) -> int:
    """Add a draft of checked facts. Returns the id of a mail to the address.

    The work is the same for every address: the worker that sends the mail finds out whether a confirmed account has
    the address, and then says so instead (account_requests.py). Raises drafts.TooManyDrafts.
    """

    def work(session: Session) -> int:
        draft = drafts.add(session, email, facts, origin, now)
        return mail_links.store_mail(session, Purpose.CONFIRM, email, facts.locale, draft_id=draft.id).id

    return in_one_unit(work)


def sign_up_again(person: Person, origin: Origin, now: datetime) -> int:
    """Add a draft of the facts of an account that was never confirmed, whose password this browser has just proved.

    Returns the id of a mail to its address. Raises drafts.TooManyDrafts.
    """
    agreed = consent.of_row(person)
    facts = Facts(person.name, person.birth_date, person.phone, person.password_hash, person.locale, agreed)
    return sign_up(person.email, facts, origin, now)


def mail_of_sign_up(mail_id: int | None, now: datetime) -> AccountMail | None:
    """The mail of a sign-up, for as long as a link in it could work. None for None.

    The draft is not looked at: it is deleted once its address has an account, and who signed up must not learn that.
    """
    mail = db.session.get(AccountMail, mail_id) if mail_id else None
    return mail if mail is not None and mail.created_at > now - drafts.LIFETIME else None


def mail_again(earlier: AccountMail) -> int:
    """Store another mail for the sign-up of an earlier one. Returns its id."""
    email, locale, draft_id = earlier.email, earlier.locale, earlier.draft_id
    return in_one_unit(
        lambda session: mail_links.store_mail(session, Purpose.CONFIRM, email, locale, draft_id=draft_id).id
    )


def opened(mail: AccountMail, now: datetime) -> SignUp:
    """What the confirmation link of this mail would confirm. Changes nothing. Raises LinkRefused."""
    draft = drafts.open_draft(mail.draft_id, now) if mail.draft_id else None
    if draft is None:
        raise LinkRefused(mail)
    agreed = consent.of_row(draft)
    facts = Facts(draft.name, draft.birth_date, draft.phone, draft.password_hash, draft.locale, agreed)
    return SignUp(mail, facts, draft.browser, draft.token_hash, draft.created_at)


def proves(sign_up: SignUp, password: str) -> bool:
    """Whether `password` is the one that was typed at this sign-up. Raises passwords.TooBusy."""
    return passwords.verify(sign_up.facts.password_hash, password)


def confirm(sign_up: SignUp, facts: Facts) -> Person:
    """Make the confirmed account of a sign-up, with its own facts or with those of whoever opened the link.

    Deletes all other drafts of the address. An account of the address that was never confirmed is taken over wholly:
    facts, password, sessions and links. Raises LinkRefused, and people.PhoneTaken when an account has the number.
    """

    def work(session: Session) -> Person:
        mail_links.use(session, sign_up.mail)
        row = unconfirmed.account_of(session, sign_up.email)
        if row is None:
            row = Person(email=sign_up.email)
            session.add(row)
        else:
            endings.end_everything(session, row, undos=True)
        row.name, row.birth_date, row.phone = facts.name, facts.birth_date, facts.phone
        row.phone_proven_at = row.identity_proven_at = None
        row.password_hash, row.locale, row.verified_at = facts.password_hash, facts.locale, utcnow()
        for name, value in consent.columns(facts.consent).items():
            setattr(row, name, value)
        session.flush()
        drafts.delete_of_address(session, sign_up.email)
        return row

    earlier = people.find_by_email(sign_up.email)
    own = earlier.id if earlier is not None and not earlier.verified_at else 0
    try:
        return people.claim(work, email=sign_up.email, phone=facts.phone, own=own, over_unconfirmed=True)
    except people.EmailTaken as error:
        raise LinkRefused(sign_up.mail) from error


def confirmed_before(mail: AccountMail | None) -> bool:
    """Whether the address that a used link would confirm belongs to a confirmed account."""
    if mail is None or not mail.used_at:
        return False
    person = people.find_by_email(mail.email)
    return person is not None and person.verified_at is not None


def delete_old_drafts(now: datetime) -> int:
    """Delete the drafts that nobody has confirmed in time. Returns how many."""
    return in_one_unit(lambda session: drafts.delete_old(session, now))
