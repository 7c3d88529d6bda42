"""Browsers that a person has signed in with before: strangers cannot lock them out, and a new one is told to its owner.

A browser keeps a random token in a cookie, the table its hash for each person who signed in there. Being known lets
nobody in; it gives a browser its own count of wrong passwords.
"""

import hashlib
import secrets
from typing import NamedTuple

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from cashticket.accounts import mail_links
from cashticket.accounts.addresses import BadEmail, normalise_email
from cashticket.accounts.browsers import described
from cashticket.accounts.mail_links import Purpose
from cashticket.accounts.sessions import BROWSER_LENGTH_MAX
from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import KnownBrowser, Notification, Person
from cashticket.models.columns import utcnow
from cashticket.models.news_of_people import note_notices
from cashticket.models.units import in_one_unit

BROWSERS_MAX = 20
"""Of one person. The one that was not used for the longest time is forgotten for a new one."""


class Remembered(NamedTuple):
    """`is_new`: the person has known browsers, and this was none of them. `mail_id` is the mail that tells them."""

    is_new: bool
    mail_id: int | None = None


def new_token() -> str:
    """A token for a browser, which nobody can guess."""
    return secrets.token_urlsafe(32)


def is_known(email: str, token: str) -> bool:
    """Whether the account of `email` was signed in to from the browser with `token`. One statement, with and without an
    account."""
    try:
        address = normalise_email(email)
    except BadEmail:
        return False
    rows = select(KnownBrowser.id).join(Person, Person.id == KnownBrowser.person_id)
    return db.session.scalar(rows.where(Person.email == address, KnownBrowser.token_hash == _hash(token))) is not None


def remember(person_id: int, token: str, agent: str) -> Remembered:
    """Note that a person used the browser with `token`, whose user agent is `agent`.

    For a new one beside known ones, a mail and a notice tell the person. The very first tells nobody: it is theirs.
    """

    def work(session: Session) -> Remembered:
        person = session.get_one(Person, person_id, with_for_update=True)
        own = KnownBrowser.person_id == person_id
        same = update(KnownBrowser).where(own, KnownBrowser.token_hash == _hash(token))
        if session.execute(same.values(last_seen_at=utcnow())).rowcount:  # type: ignore[attr-defined]
            return Remembered(is_new=False)
        others = session.scalar(select(func.count()).select_from(KnownBrowser).where(own)) or 0
        browser = KnownBrowser(person_id=person_id, token_hash=_hash(token), browser=agent[:BROWSER_LENGTH_MAX])
        session.add(browser)
        session.flush()
        if not others:
            return Remembered(is_new=False)
        if others >= BROWSERS_MAX:
            _forget_oldest(session, person_id)
        return Remembered(True, _tell(session, person, browser))

    return in_one_unit(work)


def _tell(session: Session, person: Person, browser: KnownBrowser) -> int:
    facts = {"browser": described(browser.browser)}
    notice = Notification(
        person_id=person.id, kind=NoticeKind.NEW_BROWSER, occasion=browser.id, facts=facts, mailed_at=utcnow()
    )
    session.add(notice)
    note_notices(session, [person.id])
    mail = mail_links.store_mail(session, Purpose.NEW_BROWSER, person.email, person.locale, person_id=person.id)
    mail.facts = facts
    return mail.id


def _forget_oldest(session: Session, person_id: int) -> None:
    rows = select(KnownBrowser.id).where(KnownBrowser.person_id == person_id)
    rows = rows.order_by(KnownBrowser.last_seen_at.desc(), KnownBrowser.id.desc()).limit(BROWSERS_MAX)
    newest = list(session.scalars(rows))
    session.execute(
        delete(KnownBrowser).where(KnownBrowser.person_id == person_id, KnownBrowser.id.not_in(newest)),
        execution_options={"synchronize_session": False},
    )


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
