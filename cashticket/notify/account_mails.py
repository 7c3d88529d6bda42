"""Mails about accounts, in their reader's language. The texts are `templates/<language>/account/<purpose>.txt`."""

from collections.abc import Callable

from cashticket.extensions import db
from cashticket.locale import language_or_default
from cashticket.models import AccountMail, OutboxMessage, Person
from cashticket.notify.mail_parts import parts_of
from cashticket.notify.texts import Letter, fill, moment

UNKNOWN_BROWSER = {"ko": "알 수 없는 기기", "en": "unknown device"}


def letter_of(message: OutboxMessage, link_of: Callable[[AccountMail], str | None], base_url: str) -> Letter | None:
    """The mail of a message, None when nobody needs it any more.

    `link_of` makes the secret part of its link: "" for a mail without a link, None for a link that works no more.
    """
    mail = db.session.get(AccountMail, message.reference)
    link = link_of(mail) if mail else None
    if mail is None or link is None or message.address is None:
        return None
    person = db.session.get(Person, mail.person_id) if mail.person_id else None
    letter = write(mail, person.name if person else "", link, base_url)
    return letter._replace(to=message.address)


def write(mail: AccountMail, name: str, token: str, base_url: str) -> Letter:
    """The mail as it is sent; `name` is the account's owner."""
    language = language_or_default(mail.locale)
    facts = mail.facts or {}
    values = {"name": name, "link": token, "site": base_url, "at": moment(mail.created_at, language), **facts}
    if not facts.get("browser"):
        values["browser"] = UNKNOWN_BROWSER[language]
    text = f"account/{mail.purpose}"
    subject, body = fill(language, text, values)
    return Letter(mail.email, subject, body, parts=parts_of(language, text, values), language=language)
