"""Limits on typed passwords: wrong ones, so that nobody guesses, and right ones, so that nobody keeps hashing.

Only a password that was judged counts. A try is counted before it is checked, so that a hundred sent at once are not
all checked, and given back unless it was judged: busy hashing or an absent database locks nobody out.
"""

from collections.abc import Sequence
from types import TracebackType

from cashticket.accounts import passwords
from cashticket.accounts.addresses import BadEmail, normalise_email
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.rate_limits import QUARTER_HOUR, Limit, counters, keyed, take
from cashticket.blueprints.request.windows import Bucket, Store, Window
from cashticket.wiring import current_settings

FAILURES_OF_ACCOUNT = Window(Limit.FAILURES_OF_ACCOUNT, 10, QUARTER_HOUR)
FAILURES_OF_ADDRESS = Window(Limit.FAILURES_OF_ADDRESS, 100, QUARTER_HOUR)
FAILURES_OF_BROWSER = Window(Limit.FAILURES_OF_BROWSER, 10, QUARTER_HOUR)
SIGN_INS_OF_ACCOUNT = Window(Limit.SIGN_INS_OF_ACCOUNT, 30, QUARTER_HOUR)
# Of somebody who is signed in and proves the password again. Strangers cannot fill these.
FAILED_PROOFS = Window(Limit.FAILED_PROOFS, 10, QUARTER_HOUR)
PROOFS = Window(Limit.PROOFS, 30, QUARTER_HOUR)


class PasswordTry:
    """One typed password, counted in `as_wrong` and `as_right` on entering; `judge` decides which of them stays.

    Entering raises LimitReached when a bucket is full, and TooBusy when no password could be checked now.
    """

    def __init__(self, as_wrong: Sequence[Bucket], as_right: Sequence[Bucket]) -> None:
        self._as_wrong, self._as_right = tuple(as_wrong), tuple(as_right)
        self._store: Store | None = None
        self._right: bool | None = None

    def judge(self, *, right: bool) -> None:
        """Say whether the password was right."""
        self._right = right

    def __enter__(self) -> "PasswordTry":
        if passwords.pool.is_full():
            raise passwords.TooBusy
        self._store = take(self._as_wrong + self._as_right)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._store is None:
            return
        if self._right is False:
            given_back = self._as_right
        elif self._right and error is None:
            given_back = self._as_wrong
        else:
            # Not judged, or right and of no use, because the session could not be stored.
            given_back = self._as_wrong + self._as_right
        counters().give_back(self._store, given_back)


def sign_in_try(email: str, browser: str | None) -> PasswordTry:
    """A sign-in with the typed address `email`. `browser` is the token of a browser that this account signed in from
    before: it has a count of its own, so that nobody else's failures lock it out."""
    account = account_key(email)
    if browser:
        wrong = [Bucket(FAILURES_OF_BROWSER, keyed(f"{account} {browser}"))]
    else:
        wrong = [Bucket(FAILURES_OF_ACCOUNT, account), Bucket(FAILURES_OF_ADDRESS, address())]
    return PasswordTry(wrong, [Bucket(SIGN_INS_OF_ACCOUNT, account)])


def proof_try(email: str) -> PasswordTry:
    """A password that the signed-in owner of `email` types to prove who they are."""
    account = account_key(email)
    return PasswordTry([Bucket(FAILED_PROOFS, account)], [Bucket(PROOFS, account)])


def link_try(mail_id: int) -> PasswordTry:
    """The password of a sign-up, typed by whoever has the link from mail `mail_id`."""
    return PasswordTry([Bucket(FAILED_PROOFS, f"mail {mail_id}")], [Bucket(PROOFS, f"mail {mail_id}")])


def clear_sign_in_failures(email: str) -> None:
    """Forget every counted password of an account, because its owner set a new one by a mailed link."""
    if current_settings().rate_limits:
        account = account_key(email)
        of_account = (FAILURES_OF_ACCOUNT, SIGN_INS_OF_ACCOUNT, FAILED_PROOFS, PROOFS)
        counters().clear([Bucket(window, account) for window in of_account])


def account_key(email: str) -> str:
    """The key of an account's counters. Different spellings of one address share it."""
    try:
        return keyed(normalise_email(email))
    except BadEmail:
        return keyed(email)
