"""`flask post list|show|resend`: what became of mails and pushes, and what failed leaves again."""

from collections.abc import Iterator

import pytest
from click.testing import Result
from flask import Flask

from cashticket.accounts import mail_links
from cashticket.accounts.mail_links import Purpose
from cashticket.auction.values import NoticeKind
from cashticket.cli import post
from cashticket.models.outbox import MessageState
from cashticket.models.units import in_one_unit
from cashticket.wiring import queue
from cashticket.work.message_kinds import KINDS
from tests.cli.test_concert_commands import assert_one_line, data
from tests.cli.test_operator_commands import acts, run
from tests.staging.failed_mails import NOBODY, fail_all, message, tell
from tests.staging.mail_server import MailServer, running_mail_server
from tests.staging.outbox import add_rows, deliver, messages, store_mail, use_server
from tests.staging.rows import add_auction, add_person

WHY = ("--why", "a typo in MAIL_FROM", "--operator", "olga")


@pytest.fixture
def server(app: Flask) -> Iterator[MailServer]:
    """The mail server of the application."""
    with running_mail_server() as server:
        use_server(app, server)
        yield server


class Failed:
    """Three mails that failed: alice won in one auction, bob did not, and a reset of alice. One to carol was sent."""

    def __init__(self, server: MailServer) -> None:
        names = ("alice", "bob", "carol")
        self.alice, self.bob, self.carol = (add_person(name, email=f"{name}@example.org").id for name in names)
        self.auction, self.other = add_auction().id, add_auction().id
        self.won = tell(self.alice, NoticeKind.WON, self.auction)
        self.not_won = tell(self.bob, NoticeKind.NOT_WON, self.other)
        store_mail(self.alice, Purpose.RESET, "alice@example.org")
        self.reset = messages()[-1].id
        fail_all(server)
        self.sent = tell(self.carol, NoticeKind.WON, self.auction)
        deliver()


@pytest.fixture
def failed(server: MailServer) -> Failed:
    return Failed(server)


def listed(app: Flask, *arguments: str) -> list[int]:
    return [row["id"] for row in data(run(app, "post", "list", "--json", *arguments))]


def resend(app: Flask, *arguments: str) -> Result:
    return run(app, "post", "resend", *arguments, *WHY)


def test_what_failed_is_listed_newest_first_with_masked_addresses(app: Flask, failed: Failed) -> None:
    rows = data(run(app, "post", "list", "--json"))
    assert [row["id"] for row in rows] == [failed.reset, failed.not_won, failed.won]
    reset, _, won = rows
    assert (won["kind"], won["channel"], won["state"], won["auction"]) == ("won", "mail", "failed", failed.auction)
    assert (won["person"], won["to"], won["tries"]) == (failed.alice, "a***@example.org", 1)
    assert won["last_error"] == "550 5.1.1" and won["ended_at"].endswith("Z")
    assert (reset["kind"], reset["auction"], reset["person"]) == ("reset", None, failed.alice)
    lines = run(app, "post", "list").stdout.splitlines()
    assert lines[0].split()[:3] == ["id", "created_at", "kind"] and len(lines) == 4


def test_a_list_is_narrowed_by_everything_that_is_known_of_a_message(app: Flask, failed: Failed) -> None:
    auction = str(failed.auction)
    assert listed(app, "--auction", auction) == [failed.won]
    assert listed(app, "--state", "sent") == listed(app, "--state", "sent", "--auction", auction) == [failed.sent]
    assert listed(app, "--kind", "not_won") == [failed.not_won]
    for who in (str(failed.alice), "Alice@Example.org"):
        assert listed(app, "--person", who) == [failed.reset, failed.won]
        assert listed(app, "--person", who, "--kind", "won", "--auction", auction) == [failed.won]
    assert listed(app, "--person", str(failed.carol)) == listed(app, "--state", "held") == []
    assert "No dropped messages; --state shows others." in run(app, "post", "list", "--state", "dropped").stdout


def test_a_list_goes_on_after_the_last_message_of_a_page(app: Flask, failed: Failed) -> None:
    first = run(app, "post", "list", "--limit", "2")
    assert f"--after {failed.not_won}" in first.stderr and len(first.stdout.splitlines()) == 3
    assert listed(app, "--limit", "2") == [failed.reset, failed.not_won]
    assert listed(app, "--limit", "2", "--after", str(failed.not_won)) == [failed.won]
    assert run(app, "post", "list", "--limit", "3").stderr == ""
    for who in ((), ("--person", str(failed.alice))):
        assert listed(app, "--after", str(failed.reset), "--limit", "1", *who)[-1] in (failed.not_won, failed.won)


def test_a_sign_up_without_an_account_is_looked_for_by_its_address(app: Flask, server: MailServer) -> None:
    add_rows(1, kind="confirm", state=MessageState.FAILED)
    in_one_unit(lambda session: mail_links.store_mail(session, Purpose.CONFIRM, "dana@example.org", "ko"))
    assert listed(app, "--person", "dana@example.org") == []
    [row] = data(run(app, "post", "list", "--person", "DANA@example.org", "--state", "waiting", "--json"))
    assert (row["person"], row["to"]) == (None, "d***@example.org")


def test_a_message_that_is_just_being_sent_counts_as_waiting(app: Flask) -> None:
    add_rows(1, state=MessageState.LEASED)
    assert [row["state"] for row in data(run(app, "post", "list", "--state", "waiting", "--json"))] == ["leased"]


def test_every_kind_and_every_state_can_be_listed(app: Flask) -> None:
    for kind in KINDS:
        add_rows(1, kind=kind)
    assert len(listed(app, "--state", "waiting")) == len(KINDS)
    assert {state for states in post.STATES.values() for state in states} == set(MessageState)


def test_one_message_is_shown_without_its_links(app: Flask, failed: Failed) -> None:
    shown = data(run(app, "post", "show", str(failed.reset), "--json"))
    assert (shown["id"], shown["state"], shown["tries"], shown["device"]) == (failed.reset, "failed", 1, None)
    assert shown["cause"].startswith("account_mail ") and shown["last_error"] in NOBODY
    assert all(shown[name].endswith("Z") for name in ("created_at", "due_at", "expires_at", "ended_at"))
    text = run(app, "post", "show", str(failed.reset)).stdout
    assert "a***@example.org" in text and "alice" not in text and "http" not in text and "reset/" not in text
    assert_one_line(run(app, "post", "show", "4711"), "no message 4711", "post list")


def test_one_message_leaves_again_and_the_act_is_kept(app: Flask, server: MailServer, failed: Failed) -> None:
    dry = data(resend(app, str(failed.won), "--dry-run", "--json"))
    assert dry == {"resent": 1, "left": {}, "dry_run": True} and acts(app) == []
    assert data(resend(app, str(failed.won), "--json")) == {**dry, "dry_run": False}
    assert queue("mail").count == 1
    [act] = acts(app)
    assert (act["operator"], act["act"], act["subject"]) == ("olga", "post resend", f"message {failed.won}")
    deliver()
    assert [letter["To"] for letter in server.letters()] == ["carol@example.org", "alice@example.org"]
    assert_one_line(resend(app, str(failed.won)), "was sent", "nothing is sent twice")


def test_everything_that_failed_leaves_again_with_progress(app: Flask, server: MailServer, failed: Failed) -> None:
    dry = data(resend(app, "--failed", "--auction", str(failed.auction), "--dry-run", "--json"))
    assert dry == {"resent": 1, "left": {}, "dry_run": True} and message(failed.won).state is MessageState.FAILED
    done = resend(app, "--failed", "--json")
    assert data(done) == {"resent": 3, "left": {}, "dry_run": False}
    assert "3 of 3 failed messages looked at" in done.stderr
    assert [(act["subject"], act["facts"]) for act in acts(app)] == [("failed messages", {"failed": 3})]
    assert data(resend(app, "--failed", "--json"))["resent"] == 0 and len(acts(app)) == 1
    deliver()
    assert len(server.letters()) == 4


def test_what_nobody_needs_any_more_is_counted_with_the_reason(app: Flask, server: MailServer, failed: Failed) -> None:
    run(app, "user", "sign-out", str(failed.alice), "--why", "stolen phone")
    assert data(resend(app, "--failed", "--dry-run", "--json"))["left"] == {"over": 1}
    assert "1 over" in resend(app, "--failed").stdout
    assert_one_line(resend(app, str(failed.reset)), "is not sent again", "link works no more")


def test_bad_input_ends_in_one_line_and_changes_nothing(app: Flask, failed: Failed) -> None:
    assert_one_line(run(app, "post", "list", "--kind", "letters"), "no kind 'letters'", "won")
    assert_one_line(run(app, "post", "list", "--auction", "4711"), "no auction 4711")
    assert_one_line(run(app, "post", "list", "--person", "nobody"), "no account nobody")
    for bad in (("--state", "lost"), ("--limit", "0"), ("--limit", "1001"), ("--after", "x")):
        assert_one_line(run(app, "post", "list", *bad), bad[0])
    for chosen in ((), (str(failed.won), "--failed"), (str(failed.won), "--auction", str(failed.auction))):
        assert_one_line(resend(app, *chosen), "Name one message, or say --failed")
    assert_one_line(resend(app, "--failed", "--auction", "4711"), "no auction 4711")
    assert_one_line(resend(app, "4711"), "no message 4711")
    assert_one_line(run(app, "post", "resend", "--failed", "--why", " "), "--why")
    assert run(app, "post", "resend", "--failed").exit_code != 0
    assert acts(app) == [] and len(messages(state=MessageState.FAILED)) == 3
