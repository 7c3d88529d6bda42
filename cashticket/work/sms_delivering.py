"""The deliverer of SMS: sends what is due in the outbox, one after the other, and tries again within seconds.

It shares the queue of the mails and nothing else: a mail server that is slow or away holds up no code but for the mail
that is just being sent, and while the gateway is slow or away mails and SMS take turns. Several may run side by side;
one that is killed leaves a lease that ends by itself.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable
from datetime import datetime

from cashticket import redis_keys
from cashticket.extensions import db
from cashticket.identity import phone_codes
from cashticket.logs.failures import failure_text
from cashticket.models import OutboxMessage, PhoneCode
from cashticket.models.columns import utcnow
from cashticket.models.outbox_adding import hashed
from cashticket.models.units import in_one_unit
from cashticket.notify import code_sms, outbox, sms_outbox
from cashticket.notify.outbox import EXPIRED, NEEDLESS
from cashticket.notify.refusals import MailNotTaken, RecipientRefused
from cashticket.notify.sms import SmsSender, sender
from cashticket.wiring import current_settings
from cashticket.work.outages import Outages
from cashticket.work.pressing_jobs import note_trouble

log = logging.getLogger(__name__)

OFF = "off"
"""`last_error` of an SMS that was dropped because this process has no SMS_URL."""


def deliver(stop: threading.Event, seconds: float, clock: Callable[[], datetime] = utcnow) -> bool:
    """Send what is due for `seconds`, by the SMS_URL of this application. Returns whether more is due.

    While a store is away it logs one line and returns False: what is due stays due.
    """
    url = current_settings().sms_url
    by, owner, ends_at = sender(url) if url else None, secrets.token_hex(16), time.monotonic() + seconds
    with Outages(log, "the SMS").tolerated():
        in_one_unit(lambda session: phone_codes.delete_old(session, clock()))
        while not stop.is_set():
            if time.monotonic() >= ends_at:
                return True
            message = sms_outbox.lease(owner, clock())
            if message is None:
                break
            _deliver(by, message, clock())
    return False


def _deliver(by: SmsSender | None, message: OutboxMessage, now: datetime) -> None:
    if message.expires_at <= now or by is None:
        outbox.dismiss(message, now, message.last_error or (EXPIRED if by else OFF))
        return
    written = _written(message)
    if written is None:
        outbox.dismiss(message, now, NEEDLESS)
        return
    number, text = written
    try:
        by.send(number, text, hashed(f"message {message.id} {message.source} {message.reference}"))
    except RecipientRefused as refusal:
        outbox.refused(message, now, refusal.code)
        log.warning("SMS %s will never be taken: %s", message.id, failure_text(refusal))
    except MailNotTaken as refusal:
        note_trouble(redis_keys.SMS_TROUBLE)
        is_kept = sms_outbox.retry(message, now, refusal.code)
        log.warning("SMS %s is %s: %s", message.id, "put off" if is_kept else "given up", failure_text(refusal))
    except BaseException:
        # The job was stopped or timed out. Whoever is next may send it again.
        outbox.release(message)
        raise
    else:
        outbox.sent(message, now)


def _written(message: OutboxMessage) -> tuple[str, str] | None:
    """Number and text of the SMS; None when its code was replaced or used meanwhile."""
    settings = current_settings()
    try:
        code = db.session.get(PhoneCode, message.reference)
        if code is None:
            return None
        digits = phone_codes.digits_of(code, settings.signing_keys[-1])
        return code.phone, code_sms.text_of(message.locale, digits, settings.base_url)
    finally:
        # No transaction stays open while the gateway takes its time.
        db.session.rollback()
