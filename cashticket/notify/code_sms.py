"""The SMS with a code: `templates/<language>/sms/phone_code.txt`. Its last line names the site and the code in the form
by which phones put a code into the page of that site and of no other."""

from urllib.parse import urlsplit

from cashticket.locale import language_or_default
from cashticket.notify.texts import template


def text_of(locale: str | None, code: str, base_url: str) -> str:
    """The text of the SMS that carries `code`, in the language of its reader."""
    text = template(language_or_default(locale or ""), "sms/phone_code").strip()
    return text.format_map({"code": code, "host": urlsplit(base_url).hostname or ""})
