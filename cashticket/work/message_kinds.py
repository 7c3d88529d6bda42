"""The kinds of messages of the outbox: those of notices, the purposes of account mails, mails to organisers,
and SMS with codes."""

from cashticket.accounts.mail_links import Purpose
from cashticket.auction.values import NoticeKind
from cashticket.models.outbox import CODE_SMS, OrganiserMail

KINDS: tuple[str, ...] = tuple(sorted({each.value for each in (*NoticeKind, *Purpose, *OrganiserMail)} | {CODE_SMS}))
