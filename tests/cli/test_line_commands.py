"""`flask auction pause-line|resume-line`: no freed seat is offered for a while, and who waits reads so."""

import pytest
from flask import Flask

from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.wiring import queue
from tests.cli.test_concert_commands import assert_one_line, data
from tests.cli.test_operator_commands import acts, run
from tests.fixtures.people import Browser
from tests.staging.auctions import Stage
from tests.staging.settlement import award_of, holders
from tests.web.my_page import words_of

WHY = ("--why", "a ring is looked into", "--operator", "olga", "--json")
PAUSED = "The waitlist is paused for now"


def test_a_paused_line_offers_nothing_and_says_so_and_goes_on_with_a_mail(
    app: Flask, settled_auction: int, people: dict[str, Person], carol: Browser
) -> None:
    alice, bob, me = (people[name].id for name in ("alice", "bob", "carol"))
    done = data(run(app, "auction", "pause-line", str(settled_auction), *WHY))
    assert (done["id"], done["repeated"], done["offered"]) == (settled_auction, False, [])
    assert data(run(app, "auction", "show", str(settled_auction), "--json"))["line_paused_at"] == done["line_paused_at"]
    awards.decline(award_of(settled_auction, alice).id, alice, utcnow())
    assert holders(settled_auction) == {2: bob}
    for page in (
        "/me/tickets",
        "/me/bids",
        f"/auctions/{settled_auction}/outcome",
        f"/auctions/{settled_auction}/leave",
    ):
        assert words_of(carol, page).count(PAUSED) == 1, page
    queue("mail").empty()
    done = data(run(app, "auction", "resume-line", str(settled_auction), *WHY))
    offer = award_of(settled_auction, me)
    assert (done["line_paused_at"], done["offered"], offer.state) == (None, [offer.id], "offered")
    assert holders(settled_auction) == {1: me, 2: bob}
    assert [job.func_name for job in queue("mail").jobs] == ["cashticket.jobs.deliver_due"]
    assert PAUSED not in words_of(carol, "/me/bids")
    assert "line_paused_at" not in data(run(app, "auction", "show", str(settled_auction), "--json"))
    assert [(act["act"], act["operator"], act["why"]) for act in acts(app)] == [
        ("auction resume-line", "olga", "a ring is looked into"),
        ("auction pause-line", "olga", "a ring is looked into"),
    ]


def test_a_repeat_says_so_and_keeps_the_first_moment(app: Flask, settled_auction: int) -> None:
    first, again = (data(run(app, "auction", "pause-line", str(settled_auction), *WHY)) for _ in range(2))
    assert again == {**first, "repeated": True} and len(acts(app)) == 1


@pytest.mark.parametrize("act", ["pause-line", "resume-line"])
def test_an_auction_without_a_line_is_refused_in_one_line(app: Flask, act: str) -> None:
    stage = Stage(app)
    assert_one_line(run(app, "auction", act, str(stage.id), *WHY), f"Auction {stage.id} is open")
    assert_one_line(run(app, "auction", act, "4711", *WHY), "There is no auction 4711")
    assert run(app, "auction", act, str(stage.id)).exit_code != 0 and acts(app) == []
