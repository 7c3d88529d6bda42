"""Erasing a person: what is deleted and what is blanked when an account ends.

Every table that refers to a person is emptied of that person unless it is named in RECORD_TABLES, so that a new table
is erased before anybody thinks of it. What stays in those tables is an id that leads to nobody.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

from sqlalchemy import Column, CursorResult, delete, or_, select, update
from sqlalchemy.orm import Session

from cashticket.accounts import endings, kept_keys, passwords
from cashticket.accounts.addresses import written_phone
from cashticket.extensions import Base
from cashticket.models import (
    AccountMail,
    Award,
    Notification,
    OperatorAct,
    OutboxMessage,
    Person,
    PersonChange,
    PhoneCode,
    RefusedAddress,
    SignUpDraft,
)
from cashticket.models.columns import utcnow
from cashticket.models.outbox import Source
from cashticket.models.outbox_adding import hashed
from cashticket.models.people import closed_address
from cashticket.models.waiting import renew_waiting

RECORD_TABLES = ("awards", "bids", "final_ranks", "given_up_bids", "withdrawals")
"""The record of auctions: who bid what under which id, with which rank it ended, and which award it became."""

KEPT_TABLES = ("person_keys",)
"""What `kept_keys` has emptied as far as it may be, before every other table is."""

ERASED = "…"
"""Stands in the reasons of operator acts where a fact of an erased person stood."""

FACT_LENGTH_MIN = 2
"""A shorter name is not looked for in texts: it would be found in every other word."""


def erase(session: Session, row: Person) -> None:
    """End an account that this unit has locked and erase its person. Its bids keep their ranks under the id.

    Ends every session and every link, and deletes the mails that wait.
    """
    endings.end_everything(session, row, undos=True)
    _blank_reasons(session, row)
    kept_keys.leave(session, row, utcnow())
    _delete_messages(session, row)
    _delete_mails_without_account(session, row)
    session.execute(delete(SignUpDraft).where(SignUpDraft.email == row.email))
    session.execute(delete(RefusedAddress).where(RefusedAddress.address_key == hashed(row.email)))
    for column in columns_of_people():
        if column.table.name not in RECORD_TABLES + KEPT_TABLES:
            session.execute(delete(column.table).where(column == row.id))
    session.execute(update(Award).where(Award.person_id == row.id).values(person_name=""))
    row.email, row.closed_at = closed_address(row.id), row.closed_at or utcnow()
    row.name, row.phone, row.birth_date, row.password_hash = "", None, None, passwords.UNUSABLE
    row.phone_proven_at = row.identity_proven_at = None
    row.terms_version = row.privacy_version = row.consented_at = None
    session.flush()
    renew_waiting(session, [row.id])


def delete_mails(session: Session, mail_ids: Sequence[int]) -> int:
    """Delete mails about accounts, with their messages in the outbox. Returns how many mails."""
    delete_messages(session, Source.ACCOUNT_MAIL, mail_ids)
    deleted = session.execute(delete(AccountMail).where(AccountMail.id.in_(mail_ids)))
    return cast("CursorResult[Any]", deleted).rowcount


def delete_messages(session: Session, source: Source, causes: Sequence[int]) -> None:
    """Delete the messages of the outbox whose causes, rows of `source`, are deleted in the same unit. SQLite may give
    the id of a deleted row again, and a message must not stand for another cause."""
    messages = delete(OutboxMessage).where(OutboxMessage.source == source, OutboxMessage.reference.in_(causes))
    session.execute(messages, execution_options={"synchronize_session": False})


def columns_of_people() -> list[Column[int]]:
    """The columns `person_id` that refer to an account, in an order in which their rows can be deleted."""
    return [
        table.c.person_id
        for table in reversed(Base.metadata.sorted_tables)
        if "person_id" in table.c and table.c.person_id.references(Person.__table__.c.id)
    ]


def _blank_reasons(session: Session, row: Person) -> None:
    """Blank the facts of a person in the reasons that operators wrote: all of them in acts about the person, addresses
    and phone number in every act."""
    addresses = _addresses(session, row)
    numbers = {row.phone, written_phone(row.phone)} if row.phone else set[str]()
    changes = session.scalars(select(PersonChange).where(PersonChange.person_id == row.id)).all()
    facts = {row.name, *(value for change in changes for value in (change.old_value, change.new_value))}
    facts |= {row.birth_date.isoformat()} if row.birth_date else set()
    anywhere = _worth_finding(addresses | numbers)
    about = OperatorAct.subject == f"person {row.id}"
    mentions = [OperatorAct.why.contains(fact, autoescape=True) for fact in anywhere]
    for act in session.scalars(select(OperatorAct).where(or_(about, *mentions))):
        for fact in _worth_finding(anywhere + list(facts)) if act.subject == f"person {row.id}" else anywhere:
            act.why = act.why.replace(fact, ERASED)


def _addresses(session: Session, row: Person) -> set[str]:
    """The present address of a person, and all to which mails about the account went."""
    return {row.email, *session.scalars(select(AccountMail.email).where(AccountMail.person_id == row.id).distinct())}


def _delete_mails_without_account(session: Session, row: Person) -> None:
    """Delete what was mailed to an address of this person before it belonged to the account, such as a confirmation.

    A former address may be somebody else's by now, whose open links stay.
    """
    is_over = or_(AccountMail.email == row.email, AccountMail.used_at.is_not(None))
    unowned = (AccountMail.person_id.is_(None), AccountMail.email.in_(_addresses(session, row)), is_over)
    delete_mails(session, session.scalars(select(AccountMail.id).where(*unowned)).all())


def _worth_finding(facts: Iterable[str]) -> list[str]:
    """The facts to look for, the longest first, so that none of them hides a part of another."""
    return sorted({fact for fact in facts if len(fact) >= FACT_LENGTH_MIN}, key=len, reverse=True)


def _delete_messages(session: Session, row: Person) -> None:
    """Delete the messages of all mails and notices of a person. A mail that is just being sent still leaves."""
    mails = select(AccountMail.id).where(AccountMail.person_id == row.id)
    notices = select(Notification.id).where(Notification.person_id == row.id)
    codes = select(PhoneCode.id).where(PhoneCode.person_id == row.id)
    delete_messages(session, Source.ACCOUNT_MAIL, session.scalars(mails).all())
    delete_messages(session, Source.NOTICE, session.scalars(notices).all())
    delete_messages(session, Source.PHONE_CODE, session.scalars(codes).all())
