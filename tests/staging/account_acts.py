"""What people do to their accounts, through the doors: ask for links, follow them, change, recover, block and close.

Every act says what must be true before it, and asserts that it was done.
"""

from werkzeug.test import TestResponse

from cashticket.accounts import blocking
from cashticket.accounts.people import find_by_email
from cashticket.extensions import db
from cashticket.models import Person
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce_again
from tests.fixtures.people import Browser
from tests.staging.mails import LINK, Mailbox, text_of
from tests.staging.rows import PASSWORD

PAGE = "/me/profile"
NEW_PASSWORD = "another fine phrase"


def post(client: Browser, path: str, **fields: str) -> TestResponse:
    """Send a form of the profile page."""
    return client.post(PAGE + path, data=fields | {"csrf_token": client.token(PAGE)})


def open_link(client: Browser, link: str, **fields: str) -> TestResponse:
    """Send the form behind a link; a token of the sign-in form where the link shows no form any more."""
    page = client.get(link)
    token = client.token(link) if page.status_code == 200 and "csrf_token" in page.text else client.token("/reset")
    return client.post(link, data=fields | {"csrf_token": token})


def ask_reset(client: Browser, mailbox: Mailbox, email: str) -> str:
    """Ask for a reset; returns the path of its link."""
    assert client.post("/reset", data={"email": email, "csrf_token": client.token("/reset")}).status_code == 303
    return mailbox.link(email)


def ask_change(client: Browser, mailbox: Mailbox, new: str, password: str = PASSWORD) -> str:
    """Ask for a change of address to `new`; returns the path of the link in its mailbox."""
    assert post(client, "/email", email=new, current_password=password).status_code == 303
    return mailbox.link(new)


def change_address(client: Browser, mailbox: Mailbox, old: str, new: str, password: str = PASSWORD) -> str:
    """Change the address; returns the path of the link that undoes it, from the mailbox of `old`."""
    answer = open_link(client, ask_change(client, mailbox, new, password))
    assert (answer.status_code, answer.location) == (303, "/confirm/done?of=change")
    return mailbox.link(old)


def reset(client: Browser, mailbox: Mailbox, email: str, password: str = NEW_PASSWORD) -> None:
    """Reset the password by mail."""
    answer = open_link(client, ask_reset(client, mailbox, email), password=password)
    assert (answer.status_code, answer.location) == (303, "/reset/done")


def change_password(client: Browser, password: str = NEW_PASSWORD, old: str = PASSWORD) -> None:
    """Change the password on the profile page."""
    assert post(client, "/password", password=password, current_password=old).status_code == 303


def undo(client: Browser, link: str, password: str = NEW_PASSWORD) -> None:
    """Take the old address back, and choose a new password where that leads."""
    answer = open_link(client, link)
    assert answer.status_code == 303 and answer.location.startswith("/reset/"), answer.status_code
    assert open_link(client, answer.location, password=password).location == "/reset/done"


def close(client: Browser, password: str = PASSWORD) -> None:
    """Close the account on the profile page."""
    assert post(client, "/close", sure="yes", current_password=password).location == "/"


def block(person_id: int) -> None:
    """Block an account as the command does."""
    assert introduce_again(current_engine(), blocking.block(person_id))


def is_in(client: Browser) -> bool:
    """Whether this browser is signed in, by what a page says."""
    return client.get(PAGE).status_code == 200


def may_sign_in(client: Browser, email: str, password: str) -> bool:
    """Whether address and password start a session."""
    form = {"email": email, "password": password, "csrf_token": client.token("/reset")}
    return client.post("/login", data=form).status_code == 303


def account(email: str) -> Person | None:
    """The account of an address as it is stored now."""
    db.session.rollback()
    db.session.expire_all()
    return find_by_email(email)


def links_in(mailbox: Mailbox, to: str) -> list[str]:
    """The paths of the links in all mails to an address, oldest first."""
    found = (LINK.search(text_of(letter)) for letter in mailbox.letters(to))
    return [match.group(1) for match in found if match]
