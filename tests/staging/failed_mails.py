"""Mails that failed for good, as a mail server makes them fail, for those who look at them or send them again."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.locale import iso
from cashticket.models import Notification, OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit
from tests.staging.mail_server import MailServer
from tests.staging.outbox import deliver, messages
from tests.staging.rows import add_auction, add_concert

FACTS = {"seat": "VIP-1", "price": 150_000, "rank": 1, "amount": 150_000, "position": 1}
NOBODY = "550 5.1.1 nobody"


def tell(person_id: int, kind: NoticeKind, auction_id: int | None = None, **facts: object) -> int:
    """Tell a person of an auction, one of its own without `auction_id`, by everything that leaves for it. Returns the
    id of the mail in the outbox."""
    auction = auction_id or add_auction(add_concert()).id
    values = {**FACTS, "expires_at": iso(utcnow() + timedelta(hours=9)), **facts}
    notice = Notification(person_id=person_id, auction_id=auction, kind=kind, facts=values)

    def work(session: Session) -> None:
        session.add(notice)
        session.flush()
        add_notice_messages(session, utcnow(), Notification.id == notice.id)

    in_one_unit(work)
    return max(each.id for each in messages(kind=kind, channel="mail"))


def fail_all(server: MailServer, at: datetime | None = None) -> None:
    """Let everything that is due fail for good; afterwards the server takes every mail again."""
    server.answers["RCPT"] = NOBODY
    deliver(at)
    del server.answers["RCPT"]
    assert not messages(state=MessageState.WAITING)


def message(message_id: int) -> OutboxMessage:
    """One message as it is now."""
    db.session.rollback()
    return messages(id=message_id)[0]
