"""Connections to a mail server: over TLS unless the server is on this machine, or the setting says otherwise."""

import ipaddress
import smtplib
import ssl
from urllib.parse import SplitResult, unquote, urlsplit

from cashticket.notify.refusals import ServerRefused

TIMEOUT_SECONDS = 10.0
"""Limit for connecting, and for each answer of the server."""

UNENCRYPTED = "starttls=optional"
NO_ENCRYPTION = (
    "the server offers no encryption (STARTTLS), so nothing was sent to it: write smtps:// in MAIL_URL if it has TLS "
    "from the start"
)
BAD_CERTIFICATE = (
    "the certificate of the mail server is not valid for that name, or nobody trusted has signed it, so nothing was "
    "sent to it: name the host in MAIL_URL as the certificate does"
)
HINT = "write smtp://USER:PASSWORD@HOST:587, smtps://USER:PASSWORD@HOST:465, console: or file:DIRECTORY"


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
    if not unquote(f"{server.username or ''}{server.password or ''}").isascii():
        raise ValueError("has a user or password with other letters than those of ASCII, which cannot be sent")
    if server.query not in ("", UNENCRYPTED):
        raise ValueError(f"has an option that does not exist; the only one is ?{UNENCRYPTED}")
    if server.query and server.username:
        raise ValueError(f"has a password, which is never sent unencrypted; leave out ?{UNENCRYPTED}")
    return server


def connect(server: SplitResult, timeout_seconds: float = TIMEOUT_SECONDS) -> smtplib.SMTP:
    """A connection that is encrypted and signed in. Raises ServerRefused, smtplib.SMTPException and OSError."""
    host = server.hostname or "localhost"
    if server.scheme == "smtps":
        port = server.port or smtplib.SMTP_SSL_PORT
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=timeout_seconds, context=_verifying())
    else:
        connection = smtplib.SMTP(host, server.port or smtplib.SMTP_PORT, timeout=timeout_seconds)
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
