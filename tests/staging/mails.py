"""Reads what the house wrote to people: delivers waiting mails as the mail worker would, and looks into .eml files."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Flask

from cashticket import jobs
from cashticket.extensions import db

LINK = re.compile(r"https?://[^/\s]+(/(?:confirm|reset)/\S+)")


def text_of(mail: EmailMessage) -> str:
    """The text part of a mail as it left."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    """The HTML part of a mail as it left."""
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


class Mailbox:
    """Everything delivered so far by the application of a test."""

    def __init__(self, app: Flask) -> None:
        self._folder = Path(app.extensions["settings"].mail_url.removeprefix("file:"))

    def letters(self, to: str = "") -> list[EmailMessage]:
        """All mails to an address (or to all), oldest first."""
        db.session.rollback()
        jobs.deliver_due()
        files = sorted(self._folder.glob("*.eml"))
        found = [message_from_bytes(path.read_bytes(), EmailMessage, policy=policy.default) for path in files]
        return [letter for letter in found if not to or letter["To"] == to]

    def newest(self, to: str) -> EmailMessage:
        return self.letters(to)[-1]

    def link(self, to: str) -> str:
        """The path of the link in the newest mail to an address."""
        found = LINK.search(text_of(self.newest(to)))
        assert found, "the mail has no link"
        return found.group(1)
