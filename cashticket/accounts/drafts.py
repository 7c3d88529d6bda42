"""Sign-up drafts: sign-ups whose address is not confirmed. They hold nothing for anybody, and die after three days.

Every sign-up makes a draft of its own, so that whoever confirms an address confirms what they typed themselves. Their
number is bounded for each address and each client.
"""

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.orm import Session

from cashticket.accounts import consent, endings
from cashticket.accounts.consent import Consent
from cashticket.accounts.sessions import BROWSER_LENGTH_MAX
from cashticket.extensions import db
from cashticket.models import SignUpDraft

LIFETIME = timedelta(days=3)
OF_ADDRESS_MAX = 10
"""Drafts of one e-mail address. Another one replaces the oldest of the client that has the most of them, so that a
stranger who fills the place replaces only drafts of their own."""

OF_CLIENT_MAX = 500
"""Drafts of one client: a campus or a mobile network shares one address."""


ALL_MAX = 200_000
"""Drafts of all clients together. Another one deletes the oldest: who signs up confirms within minutes."""


class TooManyDrafts(Exception):
    """This client has too many sign-ups that nobody has confirmed."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What an account is made of, besides its address."""

    name: str
    birth_date: date | None
    phone: str | None
    password_hash: str
    locale: str
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a sign-up came from: its user agent, the token in the browser's cookie, and a keyed hash of its address."""

    browser: str
    token: str
    client: str


def hashed(token: str) -> str:
    """What is stored of a browser's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def add(session: Session, email: str, facts: Facts, origin: Origin, now: datetime) -> SignUpDraft:
    """Add a draft. Raises TooManyDrafts."""
    delete_old(session, now)
    of_client = select(func.count()).select_from(SignUpDraft).where(SignUpDraft.client == origin.client)
    if (session.scalar(of_client) or 0) >= OF_CLIENT_MAX:
        raise TooManyDrafts
    _make_place(session, email)
    draft = SignUpDraft(
        email=email,
        name=facts.name,
        birth_date=facts.birth_date,
        phone=facts.phone,
        password_hash=facts.password_hash,
        locale=facts.locale,
        browser=origin.browser[:BROWSER_LENGTH_MAX],
        token_hash=hashed(origin.token),
        client=origin.client,
        created_at=now,
        **consent.columns(facts.consent),
    )
    session.add(draft)
    session.flush()
    # Numbers are given one by one, so that no more are left than there are numbers.
    session.execute(delete(SignUpDraft).where(SignUpDraft.id <= draft.id - ALL_MAX))
    return draft


def _make_place(session: Session, email: str) -> None:
    of_address = select(SignUpDraft.id, SignUpDraft.client).where(SignUpDraft.email == email).order_by(SignUpDraft.id)
    rows = list(session.execute(of_address).all())
    # Sign-ups at the same moment do not see each other, so there may be more than one too many.
    while len(rows) >= OF_ADDRESS_MAX:
        [(client, _count)] = Counter(row.client for row in rows).most_common(1)
        oldest = next(row for row in rows if row.client == client)
        rows.remove(oldest)
        session.execute(delete(SignUpDraft).where(SignUpDraft.id == oldest.id))


def open_draft(draft_id: int, now: datetime) -> SignUpDraft | None:
    """The draft, unless it is too old or deleted."""
    rows = select(SignUpDraft).where(SignUpDraft.id == draft_id, SignUpDraft.created_at > now - LIFETIME)
    return db.session.scalar(rows)


def delete_of_address(session: Session, email: str) -> None:
    """Delete every draft of an address and void their links: somebody has proved the address."""
    endings.void_confirmations(session, email)
    session.execute(delete(SignUpDraft).where(SignUpDraft.email == email))


def delete_old(session: Session, now: datetime) -> int:
    """Delete the drafts that are too old. Returns how many."""
    old = delete(SignUpDraft).where(SignUpDraft.created_at <= now - LIFETIME)
    return cast("CursorResult[Any]", session.execute(old)).rowcount
