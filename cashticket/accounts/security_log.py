"""The security log: one structured line for each event that somebody may have to explain later.

A line names people by id and e-mail addresses by a keyed hash. It never holds an address, a name or a token.
"""

from enum import StrEnum

import structlog

log = structlog.get_logger("cashticket.security")


class SecurityEvent(StrEnum):
    """What happened, as the line's `event` says it."""

    SIGN_IN_OK = "sign_in.ok"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_IN_LIMITED = "sign_in.limited"
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
    ACCOUNT_CLOSED = "account.closed"
    ACCOUNT_BLOCKED = "account.blocked"
    PERSON_RENAMED = "person.renamed"
    ORIGIN_REFUSED = "request.origin_refused"
    TOKEN_REFUSED = "request.token_refused"  # noqa: S105 - the name of an event
    LIMIT_HIT = "request.limit_hit"


def record(event: SecurityEvent, *, person_id: int | None = None, account: str = "", **facts: int | StrEnum) -> None:
    """Write one line. `account` is the keyed hash of a typed e-mail address, for events without a known person.

    `facts` are numbers and enum values only, so that no text of a visitor gets into the log.
    """
    log.info(event.value, person_id=person_id, account=account or None, **facts)
