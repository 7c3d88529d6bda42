"""The limits of forms: how often an address, an account or a person may ask. docs/security.md lists every limit.

Tries are counted in the queue Redis over all processes. Phones of one network share addresses, so an address may do far
more than an account. Bids have a pace of their own (`bid_pace`), typed passwords too (`password_limits`).
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from typing import cast

from flask import current_app
from werkzeug.exceptions import TooManyRequests

from cashticket.accounts.security_log import SecurityEvent, account_hash, record
from cashticket.blueprints.request.try_counters import Counters
from cashticket.blueprints.request.windows import Bucket, Full, Store, Window
from cashticket.wiring import current_settings

QUARTER_HOUR = 15 * 60
HOUR = 60 * 60
DAY = 24 * HOUR


class Limit(StrEnum):
    """The name of a limit, in keys and in the security log."""

    FAILURES_OF_ACCOUNT = "failures-account"
    FAILURES_OF_ADDRESS = "failures-address"
    FAILURES_OF_BROWSER = "failures-browser"
    SIGN_INS_OF_ACCOUNT = "sign-ins-account"
    FAILED_PROOFS = "failed-proofs"
    PROOFS = "proofs"
    SIGN_UPS_OF_ADDRESS = "sign-ups-address"
    RESETS_OF_ADDRESS = "resets-address"
    MAILS_OF_KNOWN_BROWSER = "mails-known-browser"
    FIRST_MAIL_OF_ASKER = "first-mail-asker"
    FIRST_MAILS_OF_MAILBOX = "first-mails-mailbox"
    MORE_MAILS_OF_ASKER = "more-mails-asker"
    MORE_MAILS_OF_MAILBOX = "more-mails-mailbox"
    CONFIRMATIONS_OF_LINK = "confirmations-link"
    DRAFTS_OF_CLIENT = "drafts-client"
    CHANGES_OF_EMAIL = "changes-of-email"
    PROFILE_SAVES = "profile-saves"
    PHONE_QUESTIONS = "phone-questions"
    CODES_OF_SESSION = "codes-session"
    CODES_OF_PERSON = "codes-person"
    CODES_OF_PERSON_A_DAY = "codes-person-day"
    CODES_TO_NUMBER = "codes-number"
    CODES_TO_NUMBER_A_DAY = "codes-number-day"
    CODES_OF_ADDRESS = "codes-address"
    TYPED_CODES = "typed-codes"
    IDENTITY_CHECKS = "identity-checks"
    DEVICE_CHANGES = "device-changes"
    FOLLOW_CHANGES = "follow-changes"
    UNSUBSCRIBES = "unsubscribes"


SIGN_UPS_OF_ADDRESS = Window(Limit.SIGN_UPS_OF_ADDRESS, 100, HOUR)
RESETS_OF_ADDRESS = Window(Limit.RESETS_OF_ADDRESS, 100, HOUR)
# Whoever has a link could otherwise ask of any phone number whether it has an account.
CONFIRMATIONS_OF_LINK = Window(Limit.CONFIRMATIONS_OF_LINK, 20, DAY)
# Of one person, by id. A change of address mails a stranger's mailbox.
CHANGES_OF_EMAIL = Window(Limit.CHANGES_OF_EMAIL, 5, DAY)
PROFILE_SAVES = Window(Limit.PROFILE_SAVES, 10, HOUR)
PHONE_QUESTIONS = Window(Limit.PHONE_QUESTIONS, 30, DAY)
# An SMS costs money and rings on a stranger's table: codes that one person asks for, that go to one number, that one
# network address asks for; and codes that one person types, right or wrong.
CODES_OF_PERSON = Window(Limit.CODES_OF_PERSON, 5, HOUR)
CODES_OF_PERSON_A_DAY = Window(Limit.CODES_OF_PERSON_A_DAY, 10, DAY)
CODES_TO_NUMBER = Window(Limit.CODES_TO_NUMBER, 5, HOUR)
CODES_TO_NUMBER_A_DAY = Window(Limit.CODES_TO_NUMBER_A_DAY, 10, DAY)
CODES_OF_ADDRESS = Window(Limit.CODES_OF_ADDRESS, 60, HOUR)
TYPED_CODES = Window(Limit.TYPED_CODES, 50, DAY)
# Of one person: verifications of identity that are begun, which cost money, too.
IDENTITY_CHECKS = Window(Limit.IDENTITY_CHECKS, 10, DAY)
# Of one person: devices that are pushed to, and what is told. A browser says once a day that it is still there.
DEVICE_CHANGES = Window(Limit.DEVICE_CHANGES, 60, HOUR)
# Of one person: auctions put on the watch list and taken off.
FOLLOW_CHANGES = Window(Limit.FOLLOW_CHANGES, 200, HOUR)
# Of one person, by links in mails. Mail programs ask for many people from few addresses, so clients have no limit here.
UNSUBSCRIBES = Window(Limit.UNSUBSCRIBES, 60, HOUR)
# Wrong codes of a second factor without the password, when buying. Afterwards the session must sign in again.
CODES_OF_SESSION = Window(Limit.CODES_OF_SESSION, 5, DAY)


class LimitReached(TooManyRequests):
    """Asked too often: 429 with Retry-After. `seconds` is the time until `limit` takes another try."""

    def __init__(self, limit: Limit, seconds: int) -> None:
        super().__init__(retry_after=seconds)
        self.limit, self.seconds = limit, seconds


@contextmanager
def counted(windows: Iterable[Window], key: str) -> Iterator[None]:
    """Count one try of `key` in each window; the block is the try. If it fails with an exception, it is given back.

    Raises LimitReached once a window is full, and logs that.
    """
    with counted_together([Bucket(window, key) for window in windows]):
        yield


@contextmanager
def counted_together(buckets: Sequence[Bucket]) -> Iterator[None]:
    """Like `counted`, for windows of different keys: one try in each of them, or in none."""
    try:
        store = take(buckets)
    except LimitReached as reached:
        record(SecurityEvent.LIMIT_HIT, limit=reached.limit)
        raise
    try:
        yield
    except BaseException:
        if store:
            counters().give_back(store, buckets)
        raise


def take(buckets: Sequence[Bucket]) -> Store | None:
    """Count one try in each bucket, or in none. Returns the store that counted it, None with limits off.

    Raises LimitReached when one of the buckets is full. The caller logs that.
    """
    if not current_settings().rate_limits:
        return None
    try:
        return counters().take(buckets)
    except Full as full:
        raise LimitReached(Limit(full.window.limit), full.seconds) from full


def keyed(text: str) -> str:
    """A keyed hash of an e-mail address for key names, so that the counters are no list of customers."""
    return account_hash(text)


def counters() -> Counters:
    """The counters of this process. They connect with the first try."""
    existing = current_app.extensions.get("counters")
    if existing is None:
        existing = current_app.extensions["counters"] = Counters(current_settings().queue_redis_url)
    return cast(Counters, existing)
