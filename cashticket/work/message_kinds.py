"""The kinds of messages of the outbox: those of notices, the purposes of account mails, and mails to organisers."""

from cashticket.accounts.mail_links import Purpose
from cashticket.auction.values import NoticeKind
from cashticket.models.outbox import OrganiserMail

KINDS: tuple[str, ...] = tuple(sorted({each.value for each in (*NoticeKind, *Purpose, *OrganiserMail)}))
