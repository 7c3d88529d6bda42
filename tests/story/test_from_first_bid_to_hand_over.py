"""One auction of two seats from its opening by command to the last award, with nobody but the processes at work."""

from datetime import UTC, datetime
from typing import Any

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.staging.installation import acted_before_its_end, add_user, open_auction, operate_json, shown
from tests.story.visitor import JSON, Visitor
from tests.story.watching import Watch, watching

SETTLEMENT_SECONDS = 60.0
# With the rest of an auction's time on a machine that is busy.
SETTLED_SECONDS = 400.0


def test_the_best_two_win_and_a_cancelled_seat_goes_to_the_next_in_line(
    installation: Installation, alice: Visitor, bob: Visitor, mallory: Visitor
) -> None:
    first, second = installation.webs
    carol = Visitor("carol")

    def everybody_bids(auction: int) -> None:
        double = _second_account(installation, f"mallory.again.{auction}").sign_in(first)
        with watching(Visitor("a stranger"), second, auction) as board:
            assert alice.bid(first, auction, 150_000).json["rank"] == 1
            assert bob.bid(second, auction, 160_000).json["rank"] == 1
            board.until_cutoff(150_000)
            outside = carol.sign_in(first).bid(second, auction, 120_000).json
            assert (outside["rank"], outside["winning"], outside["cutoff"]) == (3, False, 150_000)
            assert board.alerts() == []
            assert double.bid(first, auction, 170_000).json["rank"] == 1
            _assert_a_block_ends_bidding(installation, auction, double)

    auction = acted_before_its_end(installation, everybody_bids, seconds=12, seats=2, soft_close=2, cap=10)
    with watching(Visitor("a stranger"), second, auction) as board:
        wait_until(lambda: _says_settled(board), "the settled board", SETTLED_SECONDS)

    facts = shown(installation, auction)
    concert = facts["concert_id"]
    assert facts["state"] == "settled"
    assert {name: facts[name] for name in ("seats", "cutoff", "best", "bidders", "accepted", "recorded")} == {
        "seats": 2,
        "cutoff": 160_000,
        "best": 170_000,
        "bidders": 4,
        "accepted": 4,
        "recorded": 4,
    }
    assert datetime.fromisoformat(facts["ends_at"]) <= datetime.now(UTC)
    _assert_sound(installation, auction)
    _assert_the_results_name_nobody(installation, auction, carol)
    _assert_the_end_is_final(installation, auction, alice)
    _assert_awards_are_private(installation, concert, bob, mallory)
    _buy_cancel_and_hand_over(installation, auction, concert, alice, bob, carol)


def _says_settled(board: Watch) -> bool:
    """Whether the auction is settled, by the frames that have come to somebody who is told of nothing else."""
    assert board.alerts() == []
    return any('data-state="settled"' in frame for frame in board.frames)


def _second_account(installation: Installation, name: str) -> Visitor:
    add_user(installation, name, called="Mallory")
    return Visitor(name)


def _assert_a_block_ends_bidding(installation: Installation, auction: int, double: Visitor) -> None:
    """The page that was open before still has its form; after signing in again there is a sentence instead."""
    first, second = installation.webs
    token = double.open_auction(first, auction)
    _block(installation, double)
    for web in (first, second):
        refused = double.bid(web, auction, 180_000, token=token)
        assert (refused.status, refused.json["reason"]) == (422, "blocked")
    part = double.sign_in(second).page(first, f"/auctions/{auction}/standing?with=account")
    assert 'id="barred"' in part
    refused = double.bid(first, auction, 180_000)
    assert (refused.status, refused.json["reason"]) == (422, "blocked")


def _block(installation: Installation, visitor: Visitor) -> None:
    address = f"{visitor.name}@example.com"
    blocked = operate_json(installation, "user", "block", address, "--why", "a second account")
    assert blocked["blocked"] is True


def _assert_the_results_name_nobody(installation: Installation, auction: int, carol: Visitor) -> None:
    public = Visitor("a stranger").page(installation.webs[0], f"/auctions/{auction}/results")
    amounts = ("170,000원", "160,000원", "150,000원", "120,000원")
    ranks = public.partition("<table")[2]
    assert sorted(amounts, key=ranks.index) == list(amounts)
    assert "VIP-1" in public and "VIP-2" in public
    for name in ("alice", "bob", "carol"):
        assert name not in public.lower()
    own = carol.page(installation.webs[1], f"/auctions/{auction}/outcome")
    assert "대기 1번" in own, "carol is first in line"


def _assert_the_end_is_final(installation: Installation, auction: int, alice: Visitor) -> None:
    late = alice.bid(installation.webs[0], auction, 500_000)
    assert (late.status, late.json["reason"]) == (422, "closed")
    assert shown(installation, auction)["accepted"] == 4


def _assert_awards_are_private(installation: Installation, concert: int, bob: Visitor, mallory: Visitor) -> None:
    web = installation.webs[1]
    (award,) = bob.buyable(web, concert)
    token = mallory.token(web)
    for verb in ("buy", "decline", "cancel"):
        assert mallory.post(web, f"/awards/{award}/{verb}", {"csrf_token": token}, JSON).status == 404
    assert bob.buyable(web, concert) == [award]


def _buy_cancel_and_hand_over(
    installation: Installation, auction: int, concert: int, alice: Visitor, bob: Visitor, carol: Visitor
) -> None:
    first, second = installation.webs
    (alices,), (bobs,) = alice.buyable(first, concert), bob.buyable(second, concert)
    assert carol.buyable(first, concert) == []
    assert bob.decide(first, bobs, "buy").status == 303
    assert alice.decide(second, alices, "buy").status == 303
    assert alice.buyable(first, concert) == []
    assert alice.decide(first, alices, "cancel").status == 303

    (offered,) = wait_until(lambda: carol.buyable(second, concert), "the offer of the freed seat")
    assert offered not in (alices, bobs)
    page = carol.page(first, "/me/tickets")
    assert "VIP-2" in page and "120,000원" in page, "the freed seat, at carol's own bid"
    assert carol.decide(second, offered, "buy").status == 303
    _assert_sound(installation, auction)
    wait_until(lambda: _mail_to(installation, "carol@example.com"), "a mail to the next in line")


def _assert_sound(installation: Installation, auction: int) -> None:
    check = installation.run("auction", "check", str(auction))
    assert check.returncode == 0, check.stdout + check.stderr


def _mail_to(installation: Installation, address: str) -> list[Any]:
    folder = installation.folder / "mail"
    return [mail for mail in folder.glob("*.eml") if f"To: {address}" in mail.read_text(errors="replace")]


def test_an_auction_nobody_bid_in_settles_with_all_seats_unsold(installation: Installation, concert: int) -> None:
    auction = open_auction(installation, concert, seats=2, closes="+1s")
    wait_until(lambda: shown(installation, auction)["state"] == "settled", "the settlement", SETTLEMENT_SECONDS)
    facts = shown(installation, auction)
    assert (facts["bidders"], facts["best"], facts["cutoff"]) == (0, None, 100_000)
    assert Visitor("carol").get(installation.webs[0], f"/auctions/{auction}/results").status == 200
    _assert_sound(installation, auction)
