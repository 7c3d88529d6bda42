"""Passwords that attackers try first are refused, each with a sentence that says why."""

from datetime import date
from importlib.resources import files

import pytest

from cashticket.accounts import fields, guessable
from cashticket.accounts.fields import FieldProblem
from tests.fixtures.people import Browser
from tests.house.source import ROOT
from tests.web.sign_ups import ALICE, sign_up

ALICES = {
    **ALICE,
    "email": "alice.kim@example.com",
    "name": "김 앨리스",
    "birth_date": "1999-02-03",
    "phone": "010-8765-4321",
}


def code(password: str, **changes: str) -> str | None:
    """What is wrong with a password of alice."""
    _, wrong = fields.check({**ALICES, "password": password, **changes}, date(2026, 11, 1), ("password",))
    return wrong.get("password")


@pytest.mark.parametrize(
    "password",
    ["babygirl", "butterfly", "samsung123", "hello123", "Password1", "password1!", "trustno1!!", "1q2w3e4r",
     "qwertyuiop", "abcdefgh", "11111111", "SUNSHINE", "iloveyou2", "football1"],
)  # fmt: skip
def test_a_leaked_password_is_refused_however_it_is_written(password: str) -> None:
    assert code(password) == "too_common"


@pytest.mark.parametrize(
    "password",
    ["cashticket", "CashTicket1", "CashTicket2026!", "cash-ticket-2026", "vipvipvip", "VIP concert 1", "concert2026",
     "auction!!", "vipauction99", "콘서트콘서트콘서트", "캐시티켓2026!", "경매 콘서트 2026",
     "Zhstjxm2026", "zhstjxmvip",
     "ticketseoul!"],
)  # fmt: skip
def test_words_of_this_site_are_refused(password: str) -> None:
    assert code(password) == "of_this_site"


@pytest.mark.parametrize(
    "password",
    ["alice.kim1", "AliceKim1999", "alicekim!!", "01087654321", "010-8765-4321", "87654321!", "19990203", "1999-02-03!",
     "990203alicekim", "alice.kim@example.com1", "김앨리스1999", "김 앨리스 0203!", "rladoffltm99"],
)  # fmt: skip
def test_ones_own_facts_are_refused(password: str) -> None:
    assert code(password) == "about_you"


def test_the_address_itself_has_a_sentence_of_its_own() -> None:
    assert code("Alice.Kim@example.com") == "like_email"


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "여덟글자이상이에요", "x7!kQ2mz", "concert hall by the river", "alice walks her dog",
     "viper garden 1999", "봄밤에 콘서트를 보았다", "2e9f77ab01", "19990203 lantern", "ticket7blue"],
)  # fmt: skip
def test_a_sentence_or_a_random_password_is_taken(password: str) -> None:
    assert code(password) is None


def test_short_facts_forbid_nothing() -> None:
    assert code("x7!kQ2mz", email="x@example.com", name="이") is None
    with pytest.raises(FieldProblem, match="too_short"):
        fields.password("x7!kQ2m")


def test_the_list_is_long_and_says_where_it_comes_from() -> None:
    text = (files("cashticket.accounts") / "common_passwords.txt").read_text(encoding="utf-8")
    assert "sha256" in text.partition("\n\n")[0] and "MIT" in text[:400]
    assert "MIT License" in (ROOT / "cashticket" / "accounts" / "common_passwords.LICENSE").read_text()
    leaked = guessable._leaked()
    assert len(leaked) >= 3000 and all(len(each) >= 8 for each in leaked)
    assert not [each for each in leaked if each != each.lower()]


@pytest.mark.parametrize(
    ("password", "words"),
    [("babygirl", "너무 흔한"), ("CashTicket2026", "이 사이트와 관련된"), ("김앨리스1999", "이름, 이메일")],
)
def test_the_form_says_kindly_why(client: Browser, password: str, words: str) -> None:
    answer = sign_up(client, password=password, name="김앨리스")
    assert answer.status_code == 422 and words in answer.get_data(as_text=True)


def test_a_change_of_password_knows_whose_it_is(alice: Browser) -> None:
    from tests.staging.rows import PASSWORD

    form = {"password": "alice2026!", "current_password": PASSWORD, "csrf_token": alice.token("/me/profile")}
    answer = alice.post("/me/profile/password", data=form)
    assert answer.status_code == 422
