"""Writes the messages of the outbox and hands them to the transport, with the settings of this application."""

from contextlib import suppress
from datetime import datetime

from cashticket.accounts import account_requests, mail_links
from cashticket.extensions import db
from cashticket.ledger.operator_acts import why_voided
from cashticket.models import OutboxMessage
from cashticket.models.organisers import TEXT_MAX
from cashticket.models.outbox import Source
from cashticket.models.outbox_adding import hashed
from cashticket.models.units import in_one_unit
from cashticket.notify import account_mails, notices, organiser_mails, refused_addresses
from cashticket.notify.mail import Transport, compose
from cashticket.notify.outbox import BOUNCED, NEEDLESS
from cashticket.notify.refusals import RecipientRefused
from cashticket.notify.texts import Letter
from cashticket.settlement.exhausted import unsold_seats
from cashticket.wiring import current_settings
from cashticket.work.outages import DATABASE_AWAY


def send(transport: Transport, message: OutboxMessage, now: datetime) -> str:
    """Write a message as it stands at `now` (UTC) and send it. Returns "", or why nothing was sent: NEEDLESS when
    nobody needs it, BOUNCED when mails to its address come back and its reader can do without this one.

    Raises what the transport raises, and KeyError or ValueError for a message that cannot be written.
    """
    try:
        letter = letter_of(message, now)
        mark = refused_addresses.find(letter.to) if letter else None
    finally:
        # No transaction stays open while the mail server takes its time.
        db.session.rollback()
    if letter is None:
        return NEEDLESS
    if mark and letter.unsubscribe_url:
        return BOUNCED
    settings = current_settings()
    business = {name: getattr(settings, f"organiser_{name}") for name in TEXT_MAX}
    try:
        transport.send(compose(letter, settings.mail_from, message_id(message), business))
    except RecipientRefused as refusal:
        if refusal.about_address and mark is None:
            refused_addresses.mark_of_account(letter.to, refusal.code)
        raise
    # The server took those mails too of which an operator saw that they came back later.
    if mark and not mark.by_operator:
        _lift(letter.to)
    return ""


def _lift(address: str) -> None:
    """Take the mark of an address back. While the database is away it stays: the mail has left and must not again."""
    with suppress(*DATABASE_AWAY):
        in_one_unit(lambda session: refused_addresses.lift(session, address))


def letter_of(message: OutboxMessage, now: datetime) -> Letter | None:
    """The mail of a message; None when nobody needs it any more. Raises KeyError for a missing fact."""
    settings = current_settings()
    if message.source is Source.NOTICE:
        return notices.letter_of(message.reference, settings.base_url, now, why_voided, settings.signing_keys)
    if message.source is Source.AWARD:
        return organiser_mails.letter_of(message, settings.organiser_email, settings.base_url, unsold_seats)
    if not account_requests.decide(message.reference, now):
        return None
    return account_mails.letter_of(
        message, lambda mail: mail_links.open_token(mail, settings.signing_keys, now), settings.base_url
    )


def message_id(message: OutboxMessage) -> str:
    """The left part of the Message-ID: the same whenever this message is sent; nobody can count them by it."""
    return hashed(f"message {message.id} {message.source} {message.reference}")
