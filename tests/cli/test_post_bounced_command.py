"""`flask post bounced`: an operator says that mails to an address come back, and takes it back."""

import pytest
from click.testing import Result
from flask import Flask

from cashticket.extensions import db
from cashticket.models import OperatorAct
from cashticket.models.units import in_one_unit
from cashticket.notify import refused_addresses
from tests.cli.test_concert_commands import assert_one_line, data
from tests.cli.test_operator_commands import acts, run
from tests.staging.rows import add_person

WHY = ("--why", "came back: mailbox closed", "--operator", "olga")
ALICE = "alice@example.org"


@pytest.fixture
def alice(app: Flask) -> int:
    return add_person("alice", email=ALICE).id


def bounced(app: Flask, *arguments: str) -> Result:
    return run(app, "post", "bounced", *arguments, *WHY)


def is_marked(address: str = ALICE) -> bool:
    db.session.rollback()
    return refused_addresses.find(address) is not None


def test_an_address_is_marked_for_a_reason_that_is_kept_without_it(app: Flask, alice: int) -> None:
    shown = data(bounced(app, "Alice@Example.org", "--json"))
    assert shown["since"].endswith("Z") and is_marked()
    del shown["since"]
    marked = {"to": "a***@example.org", "person": alice, "bounced": True, "repeated": False}
    assert shown == marked | {"code": None, "by_operator": True}
    [act] = acts(app)
    assert (act["operator"], act["act"], act["subject"]) == ("olga", "post bounced", f"person {alice}")
    assert (act["why"], act["facts"]) == ("came back: mailbox closed", {"lifted": False})


def test_it_is_taken_back(app: Flask, alice: int) -> None:
    bounced(app, ALICE)
    shown = data(bounced(app, ALICE, "--lift", "--json"))
    assert (shown["bounced"], shown["repeated"], shown["since"]) == (False, False, None) and not is_marked()
    assert [act["facts"] for act in acts(app)] == [{"lifted": True}, {"lifted": False}]
    assert run(app, "operator", "acts").stdout.count("post bounced --lift") == 1


def test_an_address_without_an_account_is_marked_with_a_word_about_its_spelling(app: Flask, alice: int) -> None:
    result = bounced(app, "alcie@example.org", "--json")
    assert data(result)["person"] is None and "No account has this address" in result.stderr
    assert "No account" not in bounced(app, ALICE).stderr


def test_what_the_mail_server_said_is_taken_back_too_and_stays_as_it_was_until_then(app: Flask, alice: int) -> None:
    in_one_unit(lambda session: refused_addresses.mark(session, ALICE, "550 5.1.1"))
    shown = data(bounced(app, ALICE, "--json"))
    assert (shown["repeated"], shown["code"], shown["by_operator"]) == (True, "550 5.1.1", False)
    assert data(bounced(app, ALICE, "--lift", "--json"))["bounced"] is False and not is_marked()


@pytest.mark.parametrize("option", [(), ("--lift",)])
def test_a_repeat_changes_nothing_and_says_so(app: Flask, alice: int, option: tuple[str, ...]) -> None:
    bounced(app, ALICE)
    bounced(app, ALICE, *option)
    before = acts(app)
    assert data(bounced(app, ALICE, *option, "--json"))["repeated"] is True and acts(app) == before
    lines = [line.split() for line in bounced(app, ALICE, *option).stdout.splitlines()]
    assert ["repeated", "yes"] in lines and ["to", "a***@example.org"] in lines


def test_an_address_without_an_account_may_be_marked_and_is_in_no_act(app: Flask, alice: int) -> None:
    shown = data(bounced(app, "dana@example.org", "--json"))
    assert (shown["person"], shown["repeated"]) == (None, False) and is_marked("dana@example.org")
    db.session.rollback()
    [act] = db.session.query(OperatorAct).all()
    assert act.subject == "address" and "dana" not in f"{act.why}{act.facts}"


def test_bad_input_ends_in_one_line_and_changes_nothing(app: Flask, alice: int) -> None:
    for bad in ("alice", "", "7", "alice@"):
        assert_one_line(bounced(app, bad), "is no e-mail address")
    assert_one_line(run(app, "post", "bounced", ALICE, "--why", " "), "--why")
    assert run(app, "post", "bounced", ALICE).exit_code != 0
    assert acts(app) == [] and not is_marked()
