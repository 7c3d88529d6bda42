"""Whoever does not get our mails reads so on the profile and among the settings, with what to do about it."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from cashticket.models import Person
from cashticket.models.units import in_one_unit
from cashticket.notify import refused_addresses
from tests.fixtures.people import Browser

# The rows are tested on both databases elsewhere.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGES = ("/me/profile", "/me/notifications/settings")
WARNING = 'id="mails-come-back"'


@pytest.fixture
def refused(people: dict[str, Person]) -> Callable[..., None]:
    """Marks the address of a person."""

    def mark(name: str, *, by_operator: bool = False) -> None:
        address = people[name].email
        in_one_unit(lambda session: refused_addresses.mark(session, address, "550 5.1.1", by_operator=by_operator))

    return mark


def text(browser: Browser, page: str, language: str = "ko") -> str:
    answer = browser.get(f"{page}?lang={language}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("page", PAGES)
def test_nobody_is_warned_without_a_reason(alice: Browser, refused: Callable[..., None], page: str) -> None:
    refused("bob")
    assert WARNING not in text(alice, page)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("language", "words", "by_operator", "by_server"),
    [
        ("ko", "alice@example.com 주소로 보낸 메일이 되돌아오고 있어요", "고객센터에 알려 주세요", "모든 메일을 다시"),
        ("en", "Mail to alice@example.com is being returned", "let customer service know", "all mails again"),
    ],
)
def test_whoever_does_not_get_mails_is_told_what_to_do(
    alice: Browser,
    refused: Callable[..., None],
    page: str,
    language: str,
    words: str,
    by_operator: str,
    by_server: str,
) -> None:
    refused("alice")
    shown = text(alice, page, language)
    assert shown.count(WARNING) == 1 and words in shown and by_server in shown and by_operator not in shown
    assert 'href="/me/profile#email-title"' in shown and "5.1.1" not in shown
    in_one_unit(lambda session: refused_addresses.lift(session, "alice@example.com"))
    refused("alice", by_operator=True)
    shown = text(alice, page, language)
    assert words in shown and by_operator in shown and by_server not in shown


@pytest.mark.parametrize("page", PAGES)
def test_a_new_address_ends_the_warning(
    alice: Browser, people: dict[str, Person], refused: Callable[..., None], page: str
) -> None:
    refused("alice")
    in_one_unit(
        lambda session: session.execute(
            update(Person).where(Person.id == people["alice"].id).values(email="alice@elsewhere.example")
        )
    )
    shown = text(alice, page)
    assert WARNING not in shown and "elsewhere.example" in text(alice, PAGES[0])


def test_it_is_still_said_when_a_form_has_to_be_corrected(alice: Browser, refused: Callable[..., None]) -> None:
    refused("alice")
    token = alice.token("/me/profile")
    form = {"email": "nonsense", "current_password": "x", "csrf_token": token}
    answer = alice.post("/me/profile/email", data=form)
    assert answer.status_code == 422 and WARNING in answer.get_data(as_text=True)
