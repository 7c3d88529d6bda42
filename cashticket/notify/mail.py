"""Sends plain text mail by the transport that MAIL_URL names.

`smtp://user:password@host:port` (STARTTLS whenever the server offers it), `smtps://…` (TLS from the start),
`console:` (standard error), `file:DIRECTORY` (one .eml file for each message, for development and tests).
Addresses and subjects come from people, so those with a line break are refused.
"""

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
    """The function that sends by a MAIL_URL. Raises ValueError naming the supported kinds for any other."""
    scheme, _, rest = mail_url.partition(":")
    if scheme == "console":
        return _to_console
    if scheme == "file" and rest:
        folder = Path(unquote(rest.removeprefix("//")))
        return lambda message: _to_file(folder, message)
    if scheme in ("smtp", "smtps") and (server := urlsplit(mail_url)).hostname:
        return lambda message: _to_server(server, message)
    raise ValueError("MAIL_URL must be smtp://user:password@host:port, smtps://…, console: or file:DIRECTORY")


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
    secure = ssl.create_default_context()
    try:
        with _connect(server, secure) as connection:
            try:
                _talk(connection, server, secure, message)
            except BaseException:
                # Without QUIT, which would wait once more for a server that may not answer.
                connection.close()
                raise
    except (smtplib.SMTPException, OSError) as error:
        # The server's own words name the recipient.
        raise MailRefused(f"the mail server {server.hostname} refused: {failure_text(error)}") from error


def _talk(connection: smtplib.SMTP, server: SplitResult, secure: ssl.SSLContext, message: EmailMessage) -> None:
    if server.scheme == "smtp" and connection.has_extn("starttls"):
        connection.starttls(context=secure)
        connection.ehlo()
    if server.username:
        connection.login(unquote(server.username), unquote(server.password or ""))
    connection.send_message(message)


def _connect(server: SplitResult, secure: ssl.SSLContext) -> smtplib.SMTP:
    host = server.hostname or "localhost"
    if server.scheme == "smtps":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, server.port or 465, timeout=TIMEOUT_SECONDS, context=secure)
    else:
        connection = smtplib.SMTP(host, server.port or 25, timeout=TIMEOUT_SECONDS)
    connection.ehlo_or_helo_if_needed()
    return connection
