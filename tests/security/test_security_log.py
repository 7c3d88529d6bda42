"""Every door with an event writes exactly its line of the security log, and no line of any kind names anybody."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from cashticket import config, create_app
from cashticket.accounts.security_log import WARNINGS, SecurityEvent, account_hash
from cashticket.extensions import db
from cashticket.models import Person, SignIn
from cashticket.models.operator_acts import Act, record_act
from cashticket.models.units import in_one_unit
from tests.fixtures.logs import LogLines
from tests.fixtures.people import Browser
from tests.security.identity_events import IDENTITY_ACTS
from tests.security.phone_events import PHONE_ACTS
from tests.security.second_factor_events import FACTOR_ACTS, FACTOR_EXTRA
from tests.security.security_events import ACTS, EXTRA, Stage
from tests.staging.mails import Mailbox
from tests.staging.rows import PASSWORD

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

IN_A_REQUEST = {"request_id", "client", "endpoint"}
BY_COMMAND = frozenset({SecurityEvent.ACCOUNT_BLOCKED, SecurityEvent.ACCOUNT_UNBLOCKED, SecurityEvent.OPERATOR_ACT})
PERSONAL = ("@", "alice", "김", "\\uae40", "bob", "1999-02", "5678", "$argon2", PASSWORD, "a new fine phrase")


@pytest.fixture
def app(settings: config.Settings) -> Iterator[Flask]:
    """The application with its limits on."""
    application = create_app(replace(settings, rate_limits=True))
    application.test_client_class = Browser
    with application.app_context():
        yield application
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def stage(app: Flask, browser: Callable[[], Browser], people: dict[str, Person], log_lines: LogLines) -> Stage:
    return Stage(app, browser, Mailbox(app), people, log_lines)


@pytest.mark.parametrize("door", ACTS | FACTOR_ACTS | PHONE_ACTS | IDENTITY_ACTS)
def test_a_door_writes_exactly_its_line_and_names_nobody(stage: Stage, door: str) -> None:
    event, act = (ACTS | FACTOR_ACTS | PHONE_ACTS | IDENTITY_ACTS)[door]
    act(stage)
    lines = stage.log_lines.security()
    assert [line["event"] for line in lines] == [
        event.value,
        *(each.value for each in (EXTRA | FACTOR_EXTRA).get(door, ())),
    ]
    assert lines[0]["level"] == ("warning" if event in WARNINGS else "info")
    if event not in BY_COMMAND and "command" not in door:
        assert all(set(line) >= IN_A_REQUEST for line in lines)
        assert lines[0]["client"] == "127.0.0.0/24"
    assert_nobody_named(stage)


def assert_nobody_named(stage: Stage) -> None:
    text = stage.log_lines.text
    assert [secret for secret in [*handles(), *stage.tokens] if secret in text] == []
    assert [each for each in PERSONAL if each in stage.log_lines.text_without_codes] == []
    assert not re.search(r"\[(address|token|hash|phone|query)\]", text), "the last guard had to mask something"


def handles() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(db.select(SignIn.handle)))


def test_a_typed_address_is_the_same_hash_in_every_spelling(stage: Stage) -> None:
    for typed in ("alice@example.com", " Alice@Example.COM "):
        stage.fail_sign_in(typed)
    lines = stage.log_lines.security()
    assert {line["account"] for line in lines} == {account_hash("alice@example.com")}
    assert re.fullmatch(r"[0-9a-f]{32}", lines[0]["account"])


def test_the_command_prints_what_stands_for_a_person(stage: Stage) -> None:
    stage.fail_sign_in("alice@example.com")
    [line] = stage.log_lines.security()
    printed = stage.command("user", "marks", "alice@example.com", "--json")
    assert printed == {"person_id": stage.people["alice"].id, "account": line["account"]}
    assert stage.command("user", "marks", str(stage.people["alice"].id), "--json") == printed
    assert stage.command("user", "marks", "nobody@example.com", "--json")["person_id"] is None


def test_a_browser_is_its_family_alone(stage: Stage) -> None:
    client = stage.browser()
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux) Gecko/20100101 Firefox/131.0 <alice@example.com>"
    stage.fail_sign_in("bob@example.com", client)
    [line] = stage.log_lines.security()
    assert line["browser"] == "Firefox"


def test_an_act_that_is_undone_leaves_no_line(app: Flask, log_lines: LogLines) -> None:
    def work(session: Session) -> None:
        record_act(session, "carol", Act.AUCTION_VOID, "auction 1", "fraud by alice@example.com")
        session.flush()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        in_one_unit(work)
    assert log_lines.security() == []
