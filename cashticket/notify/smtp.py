"""Sends mails by SMTP, all of a batch over one connection.

A refusal is told apart by whose fault it is: the server's (connecting, signing in, our sender's address), or that of
one mail (its recipient, its content).
"""

import ipaddress
import smtplib
import ssl
from contextlib import suppress
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from urllib.parse import SplitResult, unquote, urlsplit

from cashticket.notify.refusals import RecipientDeferred, RecipientRefused, ServerRefused, code_of, failure_of

TIMEOUT_SECONDS = 10.0
"""Limit for connecting, and for each answer of the server."""

SIGN_IN_CODES = (530, 534, 535, 538)
"""Signing in is missing or failed, at whatever command the server says so."""

UNENCRYPTED = "starttls=optional"
NO_ENCRYPTION = (
    "the server offers no encryption (STARTTLS), so nothing was sent to it: write smtps:// in MAIL_URL if it has TLS from "
    "the start"
)
BAD_CERTIFICATE = (
    "the certificate of the mail server is not valid for that name, or nobody trusted has signed it, so nothing was sent "
    "to it: name the host in MAIL_URL as the certificate does"
)
HINT = "write smtp://USER:PASSWORD@HOST:587, smtps://USER:PASSWORD@HOST:465, console: or file:DIRECTORY"
BROKEN = (smtplib.SMTPServerDisconnected, OSError)
# Base64 or quoted-printable where needed, so that no server has to know 8-bit mail.
WIRE = policy.SMTP.clone(cte_type="7bit")


def server_of(mail_url: str) -> SplitResult:
    """The server of an `smtp://` or `smtps://` URL. Raises ValueError with the end of a sentence that begins with
    MAIL_URL and quotes nothing of it."""
    try:
        server = urlsplit(mail_url)
        usable = bool(server.hostname) and server.port != 0
    except ValueError:
        usable = False
    if not usable or server.fragment or server.path not in ("", "/"):
        raise ValueError(f"is no address of a mail server; {HINT}, with %23 and %2F for # and / in the password")
    if server.query not in ("", UNENCRYPTED):
        raise ValueError(f"has an option that does not exist; the only one is ?{UNENCRYPTED}")
    if server.query and server.username:
        raise ValueError(f"has a password, which is never sent unencrypted; leave out ?{UNENCRYPTED}")
    return server


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
        try:
            if self._connection is not None:
                try:
                    return _name_sender(self._connection, sender)
                except (*BROKEN, ServerRefused):
                    # Servers end a connection after so many mails, or so much time.
                    self._drop()
            self._connection = _connect(self._server)
            return _name_sender(self._connection, sender)
        except ssl.SSLCertVerificationError as error:
            raise ServerRefused("certificate", BAD_CERTIFICATE) from error
        except (smtplib.SMTPException, OSError) as error:
            answer = getattr(error, "smtp_code", None), getattr(error, "smtp_error", b"")
            code = failure_of(error) if answer[0] is None else code_of(answer[0], _bytes(answer[1]))
            raise ServerRefused(code) from error

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connect(server: SplitResult) -> smtplib.SMTP:
    host = server.hostname or "localhost"
    if server.scheme == "smtps":
        port = server.port or smtplib.SMTP_SSL_PORT
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=_verifying())
    else:
        connection = smtplib.SMTP(host, server.port or smtplib.SMTP_PORT, timeout=TIMEOUT_SECONDS)
    try:
        connection.ehlo_or_helo_if_needed()
        if server.scheme == "smtp":
            _encrypt(connection, server)
        if server.username:
            connection.login(unquote(server.username), unquote(server.password or ""))
    except BaseException:
        connection.close()
        raise
    return connection


def _encrypt(connection: smtplib.SMTP, server: SplitResult) -> None:
    """Turn on TLS before anything is sent. Raises ServerRefused if the server has none and needs it."""
    on_this_machine = _is_loopback(server.hostname or "") and not server.username
    if connection.has_extn("starttls") and not on_this_machine:
        connection.starttls(context=_verifying())
        connection.ehlo()
    elif not on_this_machine and server.query != UNENCRYPTED:
        way = "" if server.username else f", or add ?{UNENCRYPTED} if everybody on the way may read the mails"
        raise ServerRefused("no encryption", f"{NO_ENCRYPTION}{way}")


def _verifying() -> ssl.SSLContext:
    """TLS 1.2 or newer; the certificate must be valid and name the host."""
    secure = ssl.create_default_context()
    secure.minimum_version = ssl.TLSVersion.TLSv1_2
    return secure


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


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
    try:
        code, answer = connection.rcpt(recipient)
        if code in (250, 251):
            code, answer = _send_content(connection, content)
            if code == 250:
                return None
        elif _is_about_us(connection, sender, code, answer):
            raise ServerRefused(code_of(code, answer), tried=True)
        connection.rset()
    except BROKEN as error:
        raise RecipientDeferred(failure_of(error)) from error
    kind = RecipientRefused if 500 <= code < 600 else RecipientDeferred
    return kind(code_of(code, answer))


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
    if not refusal.partition(" ")[2].startswith("5.7."):
        return False
    connection.rset()
    return connection.mail(sender)[0] != 250 or code_of(*connection.rcpt(sender)) == refusal


def _bytes(answer: bytes | str) -> bytes:
    return answer if isinstance(answer, bytes) else answer.encode("ascii", "replace")
