"""The HTML part of every mail, from one template (`templates/mail.html`): all that people typed is escaped there.

It asks for nothing from elsewhere: no pictures, no scripts, no fonts.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template

from cashticket.notify.texts import SETTINGS_WORDS, UNSUBSCRIBE_WORDS, Letter

LABELS = {
    "ko": {
        "name": "상호",
        "representative": "대표자",
        "registration_number": "사업자등록번호",
        "mail_order_number": "통신판매업 신고번호",
        "address": "주소",
        "email": "이메일",
        "phone": "전화",
        "hours": "상담 시간",
    },
    "en": {
        "name": "Business name",
        "representative": "Representative",
        "registration_number": "Business registration number",
        "mail_order_number": "Mail-order sales report number",
        "address": "Address",
        "email": "E-mail",
        "phone": "Phone",
        "hours": "Opening hours",
    },
}
"""What the facts about the business are called that runs the site, in their order."""


def page_of(letter: Letter, business: Mapping[str, str]) -> str:
    """The HTML part of a mail. `business` has the facts about whoever runs the site by the names in LABELS; those that
    are empty or missing are left out."""
    facts = [(label, business[name]) for name, label in LABELS[letter.language].items() if business.get(name)]
    choices = [
        (UNSUBSCRIBE_WORDS[letter.language], letter.unsubscribe_url),
        (SETTINGS_WORDS[letter.language], letter.settings_url),
    ]
    return _template().render(letter=letter, facts=facts, choices=[each for each in choices if each[1]])


@cache
def _template() -> Template:
    folder = Path(__file__).parent / "templates"
    environment = Environment(loader=FileSystemLoader(folder), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return environment.get_template("mail.html")
