"""Mails as text and HTML, and the transport that MAIL_URL names.

`smtp://user:password@host:port` (TLS by STARTTLS), `smtps://…` (TLS from the start), `console:` (standard error),
`file:DIRECTORY` (one .eml file for each message, for development and tests). Mail goes unencrypted only to a server
without a password that is on this machine or has `?starttls=optional` in its address.
Addresses and subjects come from people, so those with a line break are refused.
"""

import sys
from collections.abc import Mapping
from email import policy as policies
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.utils import formatdate, parseaddr
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote

from cashticket.logs.failures import failure_text
from cashticket.notify.mail_page import page_of
from cashticket.notify.message_files import write_message
from cashticket.notify.refusals import ServerRefused
from cashticket.notify.smtp import SmtpTransport
from cashticket.notify.smtp_connection import HINT, server_of
from cashticket.notify.texts import Letter


class _AddressOfPage(UnstructuredHeader, BaseHeader):
    """A header that stays on one line: cut or encoded, as long ones are, the address would lead nowhere."""

    def fold(self, *, policy: policies.Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


HEADERS = HeaderRegistry()
HEADERS.map_to_type("list-unsubscribe", _AddressOfPage)
POLICY = policies.SMTP.clone(header_factory=HEADERS)


_ABOUT_PARTS = ("Content-Type", "Content-Transfer-Encoding", "MIME-Version")


class Transport(Protocol):
    """Sends mails one after the other, over one connection where there is one."""

    def send(self, message: EmailMessage) -> None:
        """Send one mail. Raises ServerRefused, RecipientRefused and RecipientDeferred."""

    def close(self) -> None:
        """End the connection. Never fails."""


def compose(letter: Letter, sender: str, message_id: str, business: Mapping[str, str] | None = None) -> EmailMessage:
    """A mail from `sender` ("Name <address>"): a text part, and an HTML part with the same facts if the letter has
    parts. `message_id` is the same whenever the same mail is sent again. `business`: facts about whoever runs the site.

    One that its reader may turn off names the address that does (RFC 2369), and that sending to it is enough (RFC
    8058), so that mail programs can offer it. Raises ValueError for an address or subject with a line break.
    """
    if any(character in letter.to + letter.subject for character in "\r\n\0"):
        raise ValueError("a mail address or subject must be a single line")
    name, address = parseaddr(sender)
    message = EmailMessage(policy=POLICY)
    message["From"] = Address(name, addr_spec=address)
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = formatdate()
    message["Message-ID"] = f"<{message_id}@{address.rpartition('@')[2]}>"
    # Neither robots nor absence notes shall answer: nobody reads what comes back.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.body)
    if letter.parts:
        message.add_alternative(page_of(letter, business or {}), subtype="html")
    return message


def transport(mail_url: str) -> Transport:
    """The transport of a MAIL_URL. Raises ValueError for a malformed one, with the end of a sentence that begins with
    MAIL_URL and quotes nothing of it."""
    scheme, _, rest = mail_url.partition(":")
    if scheme == "console":
        return _Console()
    if scheme == "file" and rest:
        return _Folder(Path(unquote(rest.removeprefix("//"))))
    if scheme in ("smtp", "smtps"):
        return SmtpTransport(server_of(mail_url))
    raise ValueError(f"names no kind of mail that there is; {HINT}")


class _Console:
    def send(self, message: EmailMessage) -> None:
        """Print the headers and the text part."""
        text = message.get_body(("plain",))
        headers = "".join(f"{name}: {value}\n" for name, value in message.items() if name not in _ABOUT_PARTS)
        sys.stderr.write(f"{headers}\n{text.get_content() if text else ''}\n")
        sys.stderr.flush()

    def close(self) -> None:
        """Nothing is open."""


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        """Write the mail as one file."""
        try:
            write_message(self._folder, "eml", message.as_bytes())
        except OSError as error:
            raise ServerRefused(f"mail folder: {failure_text(error)}") from error

    def close(self) -> None:
        """Nothing is open."""
