"""Sends plain text mail by the transport that MAIL_URL names.

`smtp://user:password@host:port` (TLS by STARTTLS), `smtps://…` (TLS from the start), `console:` (standard error),
`file:DIRECTORY` (one .eml file for each message, for development and tests). Mail goes unencrypted only to a server
without a password that is on this machine or has `?starttls=optional` in its address.
Addresses and subjects come from people, so those with a line break are refused.
"""

import ipaddress
import os
import secrets
import smtplib
import ssl
import sys
import time
from collections.abc import Callable
from email import policy
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from cashticket.logs.failures import failure_text

TIMEOUT_SECONDS = 10.0
"""Limit for connecting, and for each answer of the server."""

HINT = "write smtp://USER:PASSWORD@HOST:587, smtps://USER:PASSWORD@HOST:465, console: or file:DIRECTORY"
UNENCRYPTED = "starttls=optional"


class MailRefused(Exception):
    """The mail was not sent; the message says why. It may be tried again later."""

    message_is_safe = True


def compose(to: str, subject: str, body: str, base_url: str) -> EmailMessage:
    """A plain text mail from the site at `base_url`. Raises ValueError for an address or subject with a line break."""
    host = urlsplit(base_url).hostname or "localhost"
    if any(character in to + subject for character in "\r\n\0"):
        raise ValueError("a mail address or subject must be a single line")
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = f"CashTicket <no-reply@{host}>"
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = formatdate()
    message["Message-ID"] = make_msgid(domain=host)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(body)
    return message


def send(mail_url: str, message: EmailMessage) -> None:
    """Send one mail. Raises MailRefused, and ValueError for a MAIL_URL that is not supported."""
    transport(mail_url)(message)


def transport(mail_url: str) -> Callable[[EmailMessage], None]:
    """The function that sends by a MAIL_URL. Raises ValueError for a malformed one, with the end of a sentence that
    begins with MAIL_URL and quotes nothing of it."""
    scheme, _, rest = mail_url.partition(":")
    if scheme == "console":
        return _to_console
    if scheme == "file" and rest:
        folder = Path(unquote(rest.removeprefix("//")))
        return lambda message: _to_file(folder, message)
    if scheme in ("smtp", "smtps"):
        server = _server(mail_url)
        return lambda message: _to_server(server, message)
    raise ValueError(f"names no kind of mail that there is; {HINT}")


def _server(mail_url: str) -> SplitResult:
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


def _to_console(message: EmailMessage) -> None:
    sys.stderr.write(f"{message.as_string(policy=policy.default)}\n")
    sys.stderr.flush()


def _to_file(folder: Path, message: EmailMessage) -> None:
    """Write the mail as one file. Readers of *.eml never see half of it, and the names sort by time."""
    name = f"{time.time_ns()}-{secrets.token_hex(4)}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}.draft"
        draft.write_bytes(message.as_bytes())
        os.replace(draft, folder / f"{name}.eml")  # noqa: PTH105 - atomic, and replaces an existing file
    except OSError as error:
        raise MailRefused(f"the mail folder {folder} takes no message: {failure_text(error)}") from error


def _to_server(server: SplitResult, message: EmailMessage) -> None:
    try:
        with _connect(server) as connection:
            try:
                _talk(connection, server, message)
            except BaseException:
                # Without QUIT, which would wait once more for a server that may not answer.
                connection.close()
                raise
    except ssl.SSLCertVerificationError as error:
        raise MailRefused(
            f"the certificate of the mail server {server.hostname} is not valid for that name, or nobody trusted has "
            "signed it, so nothing was sent to it: name the host in MAIL_URL as the certificate does"
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        # The server's own words name the recipient.
        raise MailRefused(f"the mail server {server.hostname} refused: {failure_text(error)}") from error


def _talk(connection: smtplib.SMTP, server: SplitResult, message: EmailMessage) -> None:
    if server.scheme == "smtp":
        _encrypt(connection, server)
    if server.username:
        connection.login(unquote(server.username), unquote(server.password or ""))
    connection.send_message(message)


def _encrypt(connection: smtplib.SMTP, server: SplitResult) -> None:
    """Turn on TLS before anything is sent. Raises MailRefused if the server has none and needs it."""
    on_this_machine = _is_loopback(server.hostname or "") and not server.username
    if connection.has_extn("starttls") and not on_this_machine:
        connection.starttls(context=_verifying())
        connection.ehlo()
    elif not on_this_machine and server.query != UNENCRYPTED:
        way = "" if server.username else f", or add ?{UNENCRYPTED} if everybody on the way may read the mails"
        raise MailRefused(
            f"the mail server {server.hostname} offers no encryption (STARTTLS), so nothing was sent to it: write "
            f"smtps:// in MAIL_URL if it has TLS from the start{way}"
        )


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


def _connect(server: SplitResult) -> smtplib.SMTP:
    host = server.hostname or "localhost"
    if server.scheme == "smtps":
        port = server.port or smtplib.SMTP_SSL_PORT
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=_verifying())
    else:
        connection = smtplib.SMTP(host, server.port or smtplib.SMTP_PORT, timeout=TIMEOUT_SECONDS)
    connection.ehlo_or_helo_if_needed()
    return connection
