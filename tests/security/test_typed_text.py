"""Text that people type stays text: it is decoded once, and no interpreter behind the pages takes it for its own."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask

from cashticket.accounts.people import change
from cashticket.extensions import db
from cashticket.models import Concert, Person
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.notify.mail import compose
from cashticket.notify.texts import Letter, fill
from tests.fixtures.people import Browser, sign_in
from tests.staging.rows import PASSWORD, add_concert

MARKUP = "<img src=x onerror=alert(1)>\"'&{{7*7}}{0}%s${x}"
SQL = "x' OR '1'='1'; DROP TABLE people; --"


def shown(client: Browser, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def test_a_search_is_decoded_once(client: Browser) -> None:
    page = shown(client, "/concerts/?q=%253Cb%253E")
    assert 'value="%3Cb%3E"' in page
    assert "<b>" not in page


@pytest.mark.parametrize("term", [SQL, "%", "_", "\\", "'", '"', "%_\\", "100%"])
def test_a_search_is_a_value_and_no_pattern(client: Browser, term: str) -> None:
    add_concert(title="Spring Night")
    answer = client.get("/concerts/", query_string={"q": term})
    assert answer.status_code == 200
    assert "Spring Night" not in answer.get_data(as_text=True)
    assert db.session.query(Person).count() == 0


@pytest.mark.parametrize("field", ["email", "password"])
def test_sql_in_a_sign_in_opens_nothing(client: Browser, people: dict[str, Person], field: str) -> None:
    form = {"email": "alice@example.com", "password": PASSWORD} | {field: SQL}
    answer = client.post("/login", data=form | {"csrf_token": client.token()})
    assert answer.status_code == 422
    assert db.session.query(Person).count() == len(people)


def test_a_name_is_shown_as_it_was_typed_and_runs_nowhere(client: Browser, people: dict[str, Person]) -> None:
    change(people["carol"].id, lambda person: setattr(person, "name", MARKUP))
    sign_in(client, "carol")
    for path in ("/me", "/me/profile", "/me/bids", "/me/tickets", "/me/notifications"):
        page = shown(client, path)
        assert "<img src=x" not in page, path
        assert "49" not in page.partition("onerror")[2][:40], "a template ran the name"


def test_titles_from_a_file_are_shown_and_run_nowhere(client: Browser) -> None:
    concert = add_concert(title=MARKUP, artist=MARKUP, venue=MARKUP)
    for path in ("/", "/concerts/", f"/concerts/{concert.id}", f"/concerts/{concert.id}/poster.svg"):
        assert "<img src=x" not in shown(client, path), path


def test_a_typed_address_of_a_page_leads_to_no_other_protocol(client: Browser, people: dict[str, Person]) -> None:
    for target in (
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "https:evil.example",
        "/\\evil.example",
    ):
        form = {"email": "alice@example.com", "password": PASSWORD, "next": target, "csrf_token": client.token()}
        assert client.post("/login", data=form).location == "/", target
        client.post("/logout", data={"csrf_token": client.token("/me/profile")})


def test_values_in_scripts_stay_values(client: Browser, auction: int) -> None:
    concert = db.session.query(Concert).one()

    def rename(session: object) -> None:
        session.get(Concert, concert.id).title = "</script><script>alert(1)</script>"  # type: ignore[attr-defined]

    in_one_unit(rename)
    assert "<script>alert" not in shown(client, f"/auctions/{auction}")
    answer = client.get(f"/auctions/{auction}/history")
    assert answer.content_type == "application/json"
    assert all(isinstance(figure, int) for point in json.loads(answer.data)["points"] for figure in point)


@pytest.mark.parametrize("name", ["{0}", "{name.__class__}", "%s%n", "{link}"])
def test_a_name_is_no_format_of_a_mail(name: str) -> None:
    values = {"name": name, "link": "LINK", "site": "https://tickets.example"}
    for language in ("ko", "en"):
        _, body = fill(language, "account/password_changed", values)
        assert name in body


@pytest.mark.parametrize("address", ["a@example.com\r\nBcc: b@example.com", "a@example.com\nX: y", "a@example.com\0"])
def test_no_address_adds_a_line_to_a_mail(address: str) -> None:
    with pytest.raises(ValueError, match="single line"):
        compose(Letter(address, "Subject", "Body"), "CashTicket <no-reply@tickets.example>", "id")


@pytest.mark.parametrize("subject", ["Spring\r\nBcc: b@example.com", "Spring\nX: y", "Spring\0"])
def test_no_subject_adds_a_line_to_a_mail(subject: str) -> None:
    with pytest.raises(ValueError, match="single line"):
        compose(Letter("a@example.com", subject, "Body"), "CashTicket <no-reply@tickets.example>", "id")


@pytest.mark.parametrize("number", ["9" * 30, "-1", "2147483648", "9223372036854775808", "1e9", "0x10", "١٢٣"])
def test_numbers_beyond_their_range_are_refused_and_not_turned_over(
    browser: Callable[[], Browser], people: dict[str, Person], auction: int, number: str
) -> None:
    alice = sign_in(browser(), "alice")
    form = {"amount": number, "request_id": "r1", "csrf_token": alice.token("/me/header")}
    answer = alice.post(f"/auctions/{auction}/bids", data=form, headers={"Accept": "application/json"})
    assert answer.status_code in (400, 422)
    assert alice.get(f"/auctions/{number}").status_code == 404


def test_a_concert_cannot_end_before_it_begins(app: Flask) -> None:
    starts = (utcnow() + timedelta(days=9)).isoformat()
    words = ["concert", "add", "--title", "T", "--artist", "A", "--venue", "V", "--starts", starts]
    later = (utcnow() + timedelta(days=10)).isoformat()
    result = app.test_cli_runner().invoke(args=[*words, "--cancel-until", later])
    assert result.exit_code != 0
    assert db.session.query(Concert).count() == 0
