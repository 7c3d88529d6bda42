"""How many mails with links strangers may have sent to one mailbox.

Each purpose has its own count, and each asker: a stranger's ten sign-ups take no reset from the owner. The first mail
that an address asks for competes only with first mails of other addresses, one of a known browser with none.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from cashticket.accounts.mail_links import Purpose
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.blueprints.request import known_browser
from cashticket.blueprints.request.client_address import address
from cashticket.blueprints.request.rate_limits import HOUR, Limit, LimitReached, counters, keyed, take
from cashticket.blueprints.request.windows import Bucket, Window

OF_KNOWN_BROWSER = Window(Limit.MAILS_OF_KNOWN_BROWSER, 5, HOUR)
FIRST_OF_ASKER = Window(Limit.FIRST_MAIL_OF_ASKER, 1, HOUR)
FIRST_OF_MAILBOX = Window(Limit.FIRST_MAILS_OF_MAILBOX, 60, HOUR)
MORE_OF_ASKER = Window(Limit.MORE_MAILS_OF_ASKER, 9, HOUR)
MORE_OF_MAILBOX = Window(Limit.MORE_MAILS_OF_MAILBOX, 20, HOUR)


@contextmanager
def mail_allowed(purpose: Purpose, email: str) -> Iterator[bool]:
    """Whether one more mail for `purpose` may go to `email`; the block stores it. If it fails, the try is given back.

    The answer of a door must not show a False.
    """
    for buckets in _chances(purpose, email):
        try:
            store = take(buckets)
            break
        except LimitReached as reached:
            limit = reached.limit
    else:
        record(SecurityEvent.LIMIT_HIT, limit=limit)
        yield False
        return
    try:
        yield True
    except BaseException:
        if store:
            counters().give_back(store, buckets)
        raise


def _chances(purpose: Purpose, email: str) -> tuple[list[Bucket], ...]:
    """The counts of which one must take the mail, in their order."""
    mailbox = f"{purpose} {keyed(email)}"
    asker = f"{mailbox} {address()}"
    browser = known_browser.token_for(email)
    strangers = (
        [Bucket(FIRST_OF_ASKER, asker), Bucket(FIRST_OF_MAILBOX, mailbox)],
        [Bucket(MORE_OF_ASKER, asker), Bucket(MORE_OF_MAILBOX, mailbox)],
    )
    return ([Bucket(OF_KNOWN_BROWSER, f"{mailbox} {keyed(browser)}")], *strangers) if browser else strangers
