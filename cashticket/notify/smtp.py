"""Sends mails by SMTP, all of a batch over one connection.

A refusal is told apart by whose fault it is: the server's (connecting, signing in, our sender's address), or that of
one mail (its recipient, its content).
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import SplitResult

from cashticket.notify.refusals import (
    RecipientDeferred,
    RecipientRefused,
    ServerRefused,
    code_of,
    failure_of,
    is_about_address,
)
from cashticket.notify.smtp_connection import BAD_CERTIFICATE, connect

SIGN_IN_CODES = (530, 534, 535, 538)
"""Signing in is missing or failed, at whatever command the server says so."""

BROKEN = (smtplib.SMTPServerDisconnected, OSError)
# Base64 or quoted-printable where needed, so that no server has to know 8-bit mail.
WIRE = policy.SMTP.clone(cte_type="7bit")


class SmtpTransport:
    """Sends to the server of an `smtp://` or `smtps://` URL. Connects with the first mail."""

    def __init__(self, server: SplitResult) -> None:
        self._server = server
        self._connection: smtplib.SMTP | None = None

    def send(self, message: EmailMessage) -> None:
        """Send one mail. Raises ServerRefused, RecipientRefused and RecipientDeferred."""
        sender, recipient = parseaddr(str(message["From"]))[1], parseaddr(str(message["To"]))[1]
        try:
            connection = self._begin(sender)
            refusal = _hand_over(connection, sender, recipient, message.as_bytes(policy=WIRE))
        except BaseException:
            # Without QUIT, which would wait once more for a server that may not answer.
            self._drop()
            raise
        if refusal is not None:
            raise refusal

    def close(self) -> None:
        """Take leave of the server. Never fails."""
        if self._connection is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._connection.quit()
            self._drop()

    def _begin(self, sender: str) -> smtplib.SMTP:
        """Begin a mail, on a new connection if the server has ended the one before. Raises ServerRefused."""
        with _refusals():
            if self._connection is not None:
                try:
                    return _name_sender(self._connection, sender)
                except (*BROKEN, ServerRefused):
                    # Servers end a connection after so many mails, or so much time.
                    self._drop()
            self._connection = connect(self._server)
            return _name_sender(self._connection, sender)

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def greet(server: SplitResult, timeout_seconds: float) -> None:
    """Connect as for a mail, sign in, and take leave; nothing is sent to anybody. Connecting and each answer take at
    most `timeout_seconds`. Raises ServerRefused."""
    with _refusals():
        connection = connect(server, timeout_seconds)
    with suppress(smtplib.SMTPException, OSError):
        connection.quit()
    connection.close()


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn what connecting raises into ServerRefused."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise ServerRefused("certificate", BAD_CERTIFICATE) from error
    except (smtplib.SMTPException, OSError) as error:
        answer = getattr(error, "smtp_code", None), getattr(error, "smtp_error", b"")
        code = failure_of(error) if answer[0] is None else code_of(answer[0], _bytes(answer[1]))
        raise ServerRefused(code) from error


def _name_sender(connection: smtplib.SMTP, sender: str) -> smtplib.SMTP:
    code, answer = connection.mail(sender)
    if code != 250:
        raise ServerRefused(code_of(code, answer))
    return connection


def _hand_over(
    connection: smtplib.SMTP, sender: str, recipient: str, content: bytes
) -> RecipientRefused | RecipientDeferred | None:
    """Hand a mail over. Returns why the server did not take it; the connection can then be used again.

    Raises ServerRefused, and RecipientDeferred when the connection broke.
    """
    about_address = False
    try:
        code, answer = connection.rcpt(recipient)
        if code in (250, 251):
            code, answer = _send_content(connection, content)
            if code == 250:
                return None
        elif _is_about_us(connection, sender, code, answer):
            raise ServerRefused(code_of(code, answer), tried=True)
        else:
            about_address = _is_about_address(connection, sender, code_of(code, answer))
        connection.rset()
    except BROKEN as error:
        raise RecipientDeferred(failure_of(error)) from error
    if 500 <= code < 600:
        return RecipientRefused(code_of(code, answer), about_address=about_address)
    return RecipientDeferred(code_of(code, answer))


def _send_content(connection: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    try:
        return connection.data(content)
    except smtplib.SMTPDataError as error:
        return error.smtp_code, _bytes(error.smtp_error)


def _is_about_us(connection: smtplib.SMTP, sender: str, code: int, answer: bytes) -> bool:
    """Whether the server would refuse every recipient. Many servers say only here what they think of our sender.

    A refusal by policy (5.7) may mean either, so the server is then asked for our own address too.
    """
    if code == 421 or code in SIGN_IN_CODES:
        return True
    refusal = code_of(code, answer)
    return refusal.partition(" ")[2].startswith("5.7.") and _refuses_sender_too(connection, sender, refusal)


def _is_about_address(connection: smtplib.SMTP, sender: str, refusal: str) -> bool:
    """Whether the server takes no mail to this address from anybody.

    A code without an enhanced one may mean a policy too, so the server is then asked for our own address.
    """
    if not is_about_address(refusal):
        return False
    return " " in refusal or not _refuses_sender_too(connection, sender, refusal)


def _refuses_sender_too(connection: smtplib.SMTP, sender: str, refusal: str) -> bool:
    connection.rset()
    return connection.mail(sender)[0] != 250 or code_of(*connection.rcpt(sender)) == refusal


def _bytes(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode("ascii", "replace")
