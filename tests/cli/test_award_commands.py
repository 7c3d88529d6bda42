"""`flask award list|show|revoke`: who holds and held which seat, and one seat taken back for a reason."""

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from cashticket.extensions import db
from cashticket.ledger import award_queries
from cashticket.models import Award
from cashticket.models.columns import utcnow
from cashticket.settlement import awards, leaving
from cashticket.wiring import queue
from cashticket.work.closing import close_and_settle
from tests.cli.test_concert_commands import assert_one_line, data
from tests.cli.test_operator_commands import acts, bids_on, run
from tests.staging.auctions import Stage

WHY = ("--why", "a stolen card", "--operator", "olga")


@pytest.fixture
def settled(app: Flask) -> Stage:
    """Two seats: alice bought VIP-1, bob may buy VIP-2, carol waits."""
    stage = bids_on(Stage(app, ends_in_ms=-1_000))
    close_and_settle(stage.engine, stage.id)
    awards.buy(award(stage, "alice"), stage.people["alice"], utcnow())
    return stage


def award(stage: Stage, name: str) -> int:
    db.session.rollback()
    return db.session.scalars(select(Award.id).where(Award.person_id == stage.people[name])).one()


def revoke(app: Flask, award_id: int, *more: str) -> Result:
    return run(app, "award", "revoke", str(award_id), *WHY, *more)


def test_awards_are_listed_by_seat_with_the_holders_of_each_in_order(app: Flask, settled: Stage) -> None:
    revoke(app, award(settled, "alice"))
    rows = data(run(app, "award", "list", str(settled.id), "--json"))
    alice, bob, carol = (award(settled, name) for name in ("alice", "bob", "carol"))
    assert [(row["seat"], row["id"], row["previous"], row["state"]) for row in rows] == [
        ("VIP-1", alice, None, "revoked"),
        ("VIP-1", carol, alice, "offered"),
        ("VIP-2", bob, None, "offered"),
    ]
    assert [(row["person"], row["rank"], row["price"]) for row in rows] == [
        (settled.people["alice"], 1, 110_000),
        (settled.people["carol"], 3, 100_000),
        (settled.people["bob"], 2, 105_000),
    ]
    assert rows[0]["decided_at"].endswith("Z") and rows[1]["decided_at"] is None
    lines = run(app, "award", "list", str(settled.id)).stdout.splitlines()
    assert lines[0].split()[:3] == ["seat", "id", "state"] and len(lines) == 4


def test_a_list_is_the_same_however_small_its_windows(
    app: Flask, settled: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = data(run(app, "award", "list", str(settled.id), "--json"))
    monkeypatch.setattr(award_queries, "SEATS_A_WINDOW", 1)
    assert data(run(app, "award", "list", str(settled.id), "--json")) == whole and len(whole) == 2


def test_an_auction_without_awards_and_one_that_is_not_there(app: Flask, settled: Stage) -> None:
    running = settled.open_auction()
    assert data(run(app, "award", "list", str(running), "--json")) == []
    assert "No awards" in run(app, "award", "list", str(running)).stdout
    assert_one_line(run(app, "award", "list", "4711"), "no auction 4711")


def test_one_award_is_shown_with_the_history_of_its_seat(app: Flask, settled: Stage) -> None:
    alice = award(settled, "alice")
    revoke(app, alice)
    shown = data(run(app, "award", "show", str(alice), "--json"))
    carol = award(settled, "carol")
    assert (shown["id"], shown["state"], shown["why"]) == (alice, "revoked", "a stolen card")
    assert [(step["award"], step["rank"], step["state"]) for step in shown["lineage"]] == [
        (alice, 1, "offered"),
        (alice, 1, "bought"),
        (alice, 1, "revoked"),
        (carol, 3, "offered"),
    ]
    assert shown["passed_over"] == []
    assert "why" not in data(run(app, "award", "show", str(carol), "--json"))
    assert "History of VIP-1" in run(app, "award", "show", str(carol)).stdout
    assert_one_line(run(app, "award", "show", "4711"), "no award 4711")


def test_one_award_is_shown_with_whom_it_passed_over_and_why(app: Flask) -> None:
    stage = bids_on(Stage(app, ends_in_ms=-1_000))
    stage.bid("mallory", 100_000)
    close_and_settle(stage.engine, stage.id)
    leaving.leave(stage.id, stage.people["carol"], utcnow())
    revoke(app, award(stage, "alice"))
    shown = data(run(app, "award", "show", str(award(stage, "mallory")), "--json"))
    assert shown["passed_over"] == [{"person": stage.people["carol"], "rank": 3, "why": "left"}]
    assert "Passed over:" in run(app, "award", "show", str(award(stage, "mallory"))).stdout


def test_nobody_is_named(app: Flask, settled: Stage) -> None:
    for arguments in (("list", str(settled.id)), ("show", str(award(settled, "alice")))):
        for form in ((), ("--json",)):
            text = run(app, "award", *arguments, *form).stdout
            assert "alice" not in text and "@" not in text


def test_revoke_says_what_it_did_keeps_the_act_and_queues_the_mails(app: Flask, settled: Stage) -> None:
    alice = award(settled, "alice")
    done = data(revoke(app, alice, "--json"))
    assert done == {
        "id": alice,
        "state": "revoked",
        "repeated": False,
        "seat": "VIP-1",
        "person": settled.people["alice"],
        "refund": 110_000,
        "offered": [award(settled, "carol")],
        "line_paused": False,
    }
    assert queue("mail").count == 1
    [act] = acts(app, "--subject", f"award {alice}")
    assert (act["operator"], act["act"], act["why"]) == ("olga", "award revoke", "a stolen card")
    again = data(revoke(app, alice, "--json"))
    assert again["repeated"] is True and again["offered"] == [] and len(acts(app)) == 1


def test_a_dry_run_says_whom_it_would_touch_and_changes_nothing(app: Flask, settled: Stage) -> None:
    alice = award(settled, "alice")
    assert data(revoke(app, alice, "--dry-run", "--json")) == {
        "id": alice,
        "person": settled.people["alice"],
        "state": "bought",
        "seat": "VIP-1",
        "refund": 110_000,
        "next_rank": 3,
        "line_paused": False,
    }
    assert acts(app) == [] and data(run(app, "award", "show", str(alice), "--json"))["state"] == "bought"


def test_while_the_line_is_paused_dry_run_and_revoking_say_that_nobody_is_offered_the_seat(
    app: Flask, settled: Stage
) -> None:
    alice = award(settled, "alice")
    run(app, "auction", "pause-line", str(settled.id), "--why", "a ring", "--operator", "olga")
    foreseen = data(revoke(app, alice, "--dry-run", "--json"))
    assert (foreseen["next_rank"], foreseen["line_paused"]) == (None, True)
    done = data(revoke(app, alice, "--json"))
    assert (done["offered"], done["line_paused"]) == ([], True)
    resumed = run(app, "auction", "resume-line", str(settled.id), "--why", "none", "--operator", "olga")
    assert f"award {award(settled, 'carol')}" in resumed.stdout


def test_what_cannot_be_revoked_is_said_in_one_line(app: Flask, settled: Stage) -> None:
    awards.decline(award(settled, "bob"), settled.people["bob"], utcnow())
    for dry in ((), ("--dry-run",)):
        assert_one_line(revoke(app, award(settled, "bob"), *dry), "is declined")
        assert_one_line(revoke(app, 4711, *dry), "no award 4711")
    assert_one_line(run(app, "award", "revoke", str(award(settled, "alice")), "--why", " "), "--why")
    assert run(app, "award", "revoke", str(award(settled, "alice"))).exit_code != 0
    assert acts(app) == []
