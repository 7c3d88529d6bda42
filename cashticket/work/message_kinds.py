"""The kinds of messages of the outbox: those of notices, and the purposes of account mails."""

from cashticket.accounts.mail_links import Purpose
from cashticket.auction.values import NoticeKind

KINDS: tuple[str, ...] = tuple(sorted({each.value for each in (*NoticeKind, *Purpose)}))
