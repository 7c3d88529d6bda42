"""Bids through one web process, seen on the other: what an accepted bid answers, and who hears of it."""

from datetime import datetime, timedelta

import pytest

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.staging.installation import is_recorded, open_auction, shown
from tests.story.visitor import HTMX, JSON, Visitor
from tests.story.watching import elements, watching

pytestmark = pytest.mark.sweep


def test_whoever_is_outbid_elsewhere_hears_of_it_exactly_once(
    installation: Installation, auction: int, alice: Visitor, bob: Visitor
) -> None:
    first, second = installation.webs
    with (
        watching(alice, first, auction) as at_home,
        watching(alice, second, auction) as at_work,
        watching(bob, second, auction) as bobs,
        watching(Visitor("carol"), first, auction) as carols,
    ):
        assert alice.bid(first, auction, 100_000).status == 201
        at_home.until_position("winning")
        answer = bob.bid(second, auction, 110_000)
        assert answer.json["sequence"] == 2
        for watch in (at_home, at_work):
            watch.until_position("out")
            assert watch.alerts() == [2]
        carols.until_cutoff(110_000)
        assert (bobs.alerts(), carols.alerts()) == ([], [])


def test_raising_the_own_winning_bid_alerts_nobody(
    installation: Installation, auction: int, alice: Visitor, bob: Visitor
) -> None:
    first, second = installation.webs
    bob.bid(second, auction, 100_000)
    alice.bid(first, auction, 110_000)
    with watching(alice, first, auction) as alices, watching(bob, second, auction) as bobs:
        assert alice.bid(second, auction, 120_000).json["rank"] == 1
        alices.until_cutoff(120_000)
        bobs.until_cutoff(120_000)
        # Bob is told on coming back of the bid that pushed him out before, and of nothing else.
        assert (alices.alerts(), bobs.alerts()) == ([], [2])


def test_with_the_third_chance_used_up_the_page_changes_without_an_alert(
    installation: Installation, auction: int, alice: Visitor, bob: Visitor
) -> None:
    first, second = installation.webs
    with watching(alice, second, auction) as alices:
        for sequence, amount in enumerate(range(100_000, 160_000, 10_000), 1):
            bidder, web = (alice, first) if sequence % 2 else (bob, second)
            answer = bidder.bid(web, auction, amount).json
            assert (answer["sequence"], answer["chances_left"]) == (sequence, 2 - (sequence - 1) // 2)
        alices.until_cutoff(150_000)
        alices.until(
            lambda frame: 'data-position="out"' in frame and frame.count("pip-spent") == 3,
            "a standing that is out with every chance spent",
        )
        # A second look at the auction, a moment later, would also bring an alert that came late.
        assert shown(installation, auction)["accepted"] == 6
        assert alices.alerts() == [2, 4]
    refused = alice.bid(first, auction, 200_000)
    assert (refused.status, refused.json["reason"], refused.json["chances_left"]) == (422, "no_chances_left", 0)
    assert shown(installation, auction)["accepted"] == 6


def test_an_accepted_bid_answers_the_contract_and_a_replay_the_same(
    installation: Installation, auction: int, alice: Visitor
) -> None:
    first, second = installation.webs
    answer = alice.bid(first, auction, "1,250,000", "one-request")
    facts = shown(installation, auction)
    assert answer.status == 201
    assert answer.json == {
        "outcome": "accepted",
        "sequence": 1,
        "amount": 1_250_000,
        "rank": 1,
        "winning": True,
        "chances_left": 2,
        "cutoff": 1_250_000,
        "ends_at": facts["ends_at"],
        "replayed": False,
    }
    for web in (first, second):
        again = alice.bid(web, auction, 1_250_000, "one-request")
        assert (again.status, again.json) == (200, answer.json | {"replayed": True})
    other = alice.bid(second, auction, 1_260_000, "one-request")
    assert (other.status, other.json["reason"]) == (422, "request_reused")
    assert shown(installation, auction)["accepted"] == 1


def test_refused_bids_cost_no_chance_and_say_what_would_be_accepted(
    installation: Installation, auction: int, alice: Visitor
) -> None:
    web = installation.webs[0]
    for amount, reason in ((90_000, "below_minimum"), (105_000, "not_a_step"), (2**31, "too_high")):
        refused = alice.bid(web, auction, amount)
        assert (refused.status, refused.json["outcome"], refused.json["reason"]) == (422, "refused", reason)
        assert refused.json["chances_left"] == 3
    assert "100,000원" in alice.bid(web, auction, 90_000).json["message"]
    assert alice.bid(web, auction, 120_000).json["chances_left"] == 2
    lower = alice.bid(web, auction, 110_000)
    assert (lower.json["reason"], lower.json["chances_left"]) == ("not_above_own", 2)
    facts = shown(installation, auction)
    assert (facts["accepted"], facts["bidders"], facts["cutoff"], facts["best"]) == (1, 1, 120_000, 120_000)


def test_malformed_bids_are_400_and_change_nothing(installation: Installation, auction: int, alice: Visitor) -> None:
    web = installation.webs[1]
    for amount in ("", "-100000", "100000.5", "1e6", "１００００００", "١٠٠٠٠٠", "100 000", "1" * 41):
        answer = alice.bid(web, auction, amount)
        assert (answer.status, answer.headers.get_content_type()) == (400, "application/problem+json"), amount
    assert alice.bid(web, auction, 100_000, "no spaces please").status == 400
    assert shown(installation, auction)["accepted"] == 0


def test_the_reviewed_form_of_a_browser_without_scripts_bids_once(
    installation: Installation, auction: int, alice: Visitor
) -> None:
    first, second = installation.webs
    fields = alice.review(first, auction, 130_000)
    for web in (first, second):
        answer = alice.post(web, f"/auctions/{auction}/bids", fields)
        assert (answer.status, answer.headers["Location"]) == (303, "/me/bids")
    page = alice.page(second, f"/auctions/{auction}/standing")
    assert any(each.get("data-position") == "winning" for each in elements(page))
    assert shown(installation, auction)["accepted"] == 1


def test_htmx_gets_the_standing_piece_also_when_the_bid_is_refused(
    installation: Installation, auction: int, bob: Visitor
) -> None:
    web = installation.webs[1]
    headers = HTMX | {"X-CSRFToken": bob.token(web)}
    path = f"/auctions/{auction}/bids"
    accepted = bob.post(web, path, {"amount": 100_000, "request_id": "piece-1"}, headers)
    refused = bob.post(web, path, {"amount": 100_000, "request_id": "piece-2"}, headers)
    assert (accepted.status, refused.status) == (201, 422)
    for answer in (accepted, refused):
        assert elements(answer.text)[0]["id"] == "standing"
        assert not [each for each in elements(answer.text) if "data-alert" in each]


def test_a_bid_is_accepted_first_and_recorded_a_moment_later(
    installation: Installation, auction: int, alice: Visitor
) -> None:
    web = installation.webs[0]
    with watching(alice, web, auction) as alices:
        alice.bid(web, auction, 100_000)
        alices.until(lambda frame: "mark-recorded" in frame, "the mark of the ledger")
    assert shown(installation, auction)["recorded"] == 1
    check = installation.run("auction", "check", str(auction))
    assert check.returncode == 0, check.stdout + check.stderr


def test_a_late_newcomer_moves_the_end_up_to_the_cap_and_a_raise_does_not(
    installation: Installation, concert: int, alice: Visitor
) -> None:
    auction = open_auction(installation, concert, seats=2, closes="+1h", soft_close=7_200, cap=60)
    announced = datetime.fromisoformat(shown(installation, auction)["closes_at"])
    with watching(Visitor("carol"), installation.webs[1], auction) as carols:
        moved = alice.bid(installation.webs[0], auction, 100_000).json["ends_at"]
        assert datetime.fromisoformat(moved) == announced + timedelta(seconds=60)
        stamp = str(int(datetime.fromisoformat(moved).timestamp() * 1000))
        carols.until(lambda frame: f'data-ends-at-ms="{stamp}"' in frame, "the moved end")
    assert alice.bid(installation.webs[1], auction, 110_000).json["ends_at"] == moved
    facts = shown(installation, auction)
    assert (facts["ends_at"], datetime.fromisoformat(facts["closes_at"])) == (moved, announced)


def test_an_auction_that_does_not_exist_is_404_everywhere(
    installation: Installation, alice: Visitor, auction: int
) -> None:
    web = installation.webs[0]
    headers = JSON | {"X-CSRFToken": alice.token(web)}
    for path in ("/auctions/999999", "/auctions/999999/board", "/auctions/999999/standing", "/auctions/999999/results"):
        assert alice.get(web, path).status == 404, path
    answer = alice.post(web, "/auctions/999999/bids", {"amount": 100_000, "request_id": "nowhere"}, headers)
    assert answer.status == 404
    assert wait_until(lambda: is_recorded(installation, auction), "an idle ledger")
