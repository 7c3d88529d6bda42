"""The security log: one structured line for each event that somebody may have to explain later.

A line names people by id and e-mail addresses by a keyed hash. It never holds an address, a name, a token or the handle
of a session. Request code, client and endpoint come from the context of the request.
"""

import logging
from enum import StrEnum

from flask import current_app, g, has_request_context, request

from cashticket.accounts.browsers import family
from cashticket.logs.lines import structured_logger
from cashticket.signing import keyed_hash

log = structured_logger("cashticket.security")


class SecurityEvent(StrEnum):
    """What happened, as the line's `event` says it."""

    SIGN_IN_OK = "sign_in.ok"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_IN_LIMITED = "sign_in.limited"
    SIGN_IN_UNCONFIRMED = "sign_in.unconfirmed"
    NEW_BROWSER = "sign_in.new_browser"
    SIGN_OUT = "sign_out"
    SESSION_ENDED = "session.ended"
    SIGN_UP_REQUESTED = "sign_up.requested"
    SIGN_UP_CONFIRMED = "sign_up.confirmed"
    LINK_REFUSED = "link.refused"
    RESET_REQUESTED = "reset.requested"
    RESET_DONE = "reset.done"
    EMAIL_CHANGE_REQUESTED = "email_change.requested"
    EMAIL_CHANGED = "email_change.done"
    EMAIL_CHANGE_UNDONE = "email_change.undone"
    PASSWORD_CHANGED = "password_change.done"  # noqa: S105 - the name of an event
    PASSWORD_REFUSED = "password_proof.failed"  # noqa: S105 - the name of an event
    SECOND_FACTOR_SET = "second_factor.set"
    SECOND_FACTOR_REMOVED = "second_factor.removed"
    SECOND_FACTOR_FAILED = "second_factor.failed"
    PHONE_CODE_REQUESTED = "phone.code_requested"
    PHONE_CODE_REFUSED = "phone.code_refused"
    PHONE_PROVEN = "phone.proven"
    IDENTITY_BEGUN = "identity.begun"
    IDENTITY_REFUSED = "identity.refused"
    IDENTITY_PROVEN = "identity.proven"
    ACCOUNT_CLOSED = "account.closed"
    ACCOUNT_BLOCKED = "account.blocked"
    ACCOUNT_UNBLOCKED = "account.unblocked"
    PERSON_RENAMED = "person.renamed"
    ORIGIN_REFUSED = "request.origin_refused"
    TOKEN_REFUSED = "request.token_refused"  # noqa: S105 - the name of an event
    LIMIT_HIT = "request.limit_hit"
    SOCKET_REFUSED = "socket.origin_refused"
    OPERATOR_ACT = "operator.act"


WARNINGS = frozenset(
    {
        SecurityEvent.SIGN_IN_LIMITED,
        SecurityEvent.PASSWORD_REFUSED,
        SecurityEvent.SECOND_FACTOR_REMOVED,
        SecurityEvent.SECOND_FACTOR_FAILED,
        SecurityEvent.PHONE_CODE_REFUSED,
        SecurityEvent.IDENTITY_REFUSED,
        SecurityEvent.EMAIL_CHANGE_UNDONE,
        SecurityEvent.ACCOUNT_BLOCKED,
        SecurityEvent.ACCOUNT_UNBLOCKED,
        SecurityEvent.ORIGIN_REFUSED,
        SecurityEvent.TOKEN_REFUSED,
        SecurityEvent.LIMIT_HIT,
        SecurityEvent.SOCKET_REFUSED,
    }
)
"""Events written at level warning; the others are of level info."""


def record(event: SecurityEvent, *, person_id: int | None = None, account: str = "", **facts: int | StrEnum) -> None:
    """Write one line. `account` is the keyed hash of a typed e-mail address, for events without a known person.

    `facts` are numbers and enum values only, so that no text of a visitor gets into the log.
    """
    browser = None
    if has_request_context():
        g.has_security_line = True
        browser = family(request.user_agent.string) or None
    level = logging.WARNING if event in WARNINGS else logging.INFO
    log.log(level, event.value, person_id=person_id, account=account or None, browser=browser, **facts)


def has_line() -> bool:
    """Whether this request has written a line already."""
    return bool(g.get("has_security_line"))


def account_hash(email: str) -> str:
    """The keyed hash that stands for an e-mail address in log lines, names of counters and columns: 32 hex digits.

    It is made with SECRET_KEY, so nobody can try addresses against it without that. A new SECRET_KEY gives an address
    a new hash. Raises NoSigningKey.
    """
    return keyed_hash([str(current_app.secret_key or "")], "account", email.strip().lower()).partition(":")[2]
