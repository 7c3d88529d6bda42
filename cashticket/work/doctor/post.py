"""Mails and pushes: what waits, what failed, and whether the mail server takes anything."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import SplitResult

from cashticket.models.columns import utcnow
from cashticket.models.outbox import MAIL_PRIORITIES, PUSH_PRIORITIES, SMS_PRIORITIES, MessageState, Priority
from cashticket.notify import outbox_listing
from cashticket.notify.outbox_figures import COUNT_MAX, outbox_figures
from cashticket.notify.refusals import ServerRefused
from cashticket.notify.smtp import greet
from cashticket.notify.smtp_connection import server_of
from cashticket.wiring import current_settings
from cashticket.work import mail_server
from cashticket.work.doctor.diagnoses import Diagnosis, bad, ok, skipped, warn
from cashticket.work.lateness import MAIL_ALARM_SECONDS, MAIL_LATE_SECONDS
from cashticket.work.message_kinds import KINDS

NAMES = ("mails", "pushes", "SMS", "failed messages")
FAILED_MAX = 100
DAY = timedelta(days=1)
GREETING_SECONDS = 2.0
SENDS_MAIL = ("all", "mail")
OF_CODES = {
    "530": "set user and password in MAIL_URL",
    "535": "set the right user and password in MAIL_URL",
    "550": "set MAIL_FROM to an address that belongs to the user in MAIL_URL",
    "553": "set MAIL_FROM to an address that belongs to the user in MAIL_URL",
    "certificate": "name the host in MAIL_URL as its certificate does; SSL_CERT_FILE names an authority of your own",
    "no encryption": "write smtps:// in MAIL_URL if it has TLS from the start, or add ?starttls=optional for a relay",
}
OTHER_CODE = "look at host and port in MAIL_URL, at the firewall, and at the log of the mail server"


def look_at_outbox() -> Iterator[Diagnosis]:
    """What waits, and what failed lately."""
    yield _waiting("mails", MAIL_PRIORITIES, "mail")
    yield _waiting("pushes", PUSH_PRIORITIES, "push")
    yield _waiting("SMS", SMS_PRIORITIES, "mail")
    yield _failed()


def _waiting(name: str, priorities: tuple[Priority, ...], worker: str) -> Diagnosis:
    figures = outbox_figures(utcnow(), priorities)
    count, late = sum(figures.waiting.values()), figures.oldest_due_seconds
    many = " or more" if COUNT_MAX in figures.waiting.values() else ""
    seen = f"{count:,}{many} wait" + (f", the oldest has been due for {late:,.0f} s" if late else "")
    mend = f"see `worker {worker}`" + (" and `mail server`" if name == "mails" else "") + "; nothing is lost meanwhile"
    if late > MAIL_ALARM_SECONDS:
        return bad(name, seen, mend)
    return warn(name, seen, mend) if late > MAIL_LATE_SECONDS else ok(name, seen)


def _failed() -> Diagnosis:
    wanted = outbox_listing.Wanted((MessageState.FAILED,), KINDS)
    since = utcnow() - DAY
    ends = outbox_listing.ends(outbox_listing.page(wanted, None, FAILED_MAX))
    lately = [error for ended_at, error in ends if ended_at and ended_at >= since]
    if not lately:
        return ok("failed messages", "none in the last day")
    many = " or more" if len(lately) == FAILED_MAX else ""
    errors = sorted(set(filter(None, lately)))[:3]
    why = f" ({', '.join(errors)})" if errors else ""
    seen = f"{len(lately)}{many} messages failed for good in the last day{why}"
    mend = "`flask post list` shows them; mend the cause if it is yours, then `flask post resend --failed --why …`"
    return warn("failed messages", seen, mend)


def look_at_server() -> Iterator[Diagnosis]:
    """Whether the server takes mail: what deliverers have found, and what it answers now. Nothing is sent."""
    name, settings = "mail server", current_settings()
    if code := mail_server.trouble():
        yield bad(name, f"it refuses every mail: {code}", mend_of(code))
    elif settings.role not in SENDS_MAIL:
        why = f"this process (ROLE={settings.role}) sends no mail, and those that do tell of no trouble"
        yield skipped(name, why)
    elif not settings.mail_url.startswith("smtp"):
        yield skipped(name, "MAIL_URL names none: mails go to a folder or the console")
    else:
        yield _greeted(name, settings.mail_url)


def _greeted(name: str, mail_url: str) -> Diagnosis:
    server = server_of(mail_url)
    place = f"{server.hostname}:{server.port}" if server.port else str(server.hostname)
    if code := _refusal_of(server):
        return bad(name, f"{place} takes no mail: {code}", mend_of(code))
    return ok(name, f"{place} answers" + (" and lets us sign in" if server.username else ""))


def _refusal_of(server: SplitResult) -> str:
    """The code with which the server refuses us now, '' if it does not."""
    try:
        greet(server, GREETING_SECONDS)
    except ServerRefused as refusal:
        return refusal.code
    return ""


def mend_of(code: str) -> str:
    """What to do about the code with which a mail server refuses everybody."""
    return OF_CODES.get(code, OF_CODES.get(code.partition(" ")[0], OTHER_CODE))
