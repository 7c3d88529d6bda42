"""What follows an auction, for everybody in it: seats that are bought, cancelled, run out, and go down the line until
nobody is left; a line that is left, paused and goes on; a seat that is revoked, and an auction that is voided.

Alice and carol read Korean, bob and mallory English. Watch and workers do what nobody does by hand."""

from collections.abc import Iterator

import pytest

from lab.servers.installation import Installation
from lab.waiting import wait_until
from tests.staging.installation import acted_before_its_end, add_concert, open_auction, operate, operate_json, shown
from tests.story.after_the_end import Ended, Post, end_right, let_speak, text_of
from tests.story.visitor import JSON, Visitor

pytestmark = pytest.mark.sweep

NAMES = ("alice", "bob", "carol", "mallory")
LANGUAGES = {"bob": "en", "mallory": "en"}
SETTLED_SECONDS = 400.0
WHY = "a stolen card"
VOIDED = ("이 경매의 입찰은 모두 무효예요", "All bids in this auction are void")


@pytest.fixture(scope="module")
def people(installation: Installation) -> Iterator[list[Visitor]]:
    """Alice, bob, carol and mallory, two on each web process."""
    let_speak(installation, LANGUAGES)
    yield [Visitor(name).sign_in(installation.webs[number % 2]) for number, name in enumerate(NAMES)]
    let_speak(installation, dict.fromkeys(LANGUAGES, "ko"))


@pytest.fixture(scope="module")
def post(installation: Installation, people: list[Visitor]) -> Post:
    return Post(installation)


@pytest.fixture(scope="module")
def ended(installation: Installation, people: list[Visitor], post: Post) -> list[Ended]:
    """Two auctions that ended together, of two seats and of one; alice bid most in both, then bob, carol, mallory."""
    both: list[int] = []

    def everybody_bids(first: int) -> None:
        closes = shown(installation, first)["closes_at"]
        both[:] = [first, open_auction(installation, add_concert(installation), seats=1, closes=closes)]
        for auction in both:
            for visitor, amount in zip(people, (150_000, 140_000, 130_000, 120_000), strict=True):
                answer = visitor.bid(installation.webs[0], auction, amount)
                assert answer.status == 201, answer.text

    acted_before_its_end(installation, everybody_bids, seconds=10, seats=2)
    stranger, web = Visitor("a stranger"), installation.webs[1]
    for auction in both:
        path = f"/auctions/{auction}/results"
        wait_until(lambda path=path: stranger.get(web, path).status == 200, "the results", SETTLED_SECONDS)  # type: ignore[misc]
    return [Ended(installation, auction, shown(installation, auction)["concert_id"], people) for auction in both]


def assert_seen(of: Ended, *said: str) -> None:
    """Each person, in order, reads these words of their own result beside the results, and among their bids."""
    for visitor, words in zip(of.people, said, strict=True):
        for place, shows in (("result", of.outcome(visitor)), ("bids", of.bids(visitor))):
            # A void result has a sentence for each place.
            assert words in shows or (words in VOIDED and place == "bids"), f"{visitor.name}, {place}: {shows}"


def assert_sound(of: Ended, *awards: str) -> None:
    """The awards of the auction are in these states, in the order of issue for each seat, and everything fits."""
    rows = operate_json(of.installation, "award", "list", str(of.id))
    assert [f"{row['seat']} {row['state']}" for row in rows] == list(awards)
    operate(of.installation, "auction", "check", str(of.id))


def only_buyable(of: Ended, visitor: Visitor) -> int:
    """The one award of this auction that somebody may buy."""
    [award] = wait_until(lambda: visitor.buyable(of.second, of.concert), f"a seat for {visitor.name}")
    return award


def test_a_seat_goes_down_the_line_until_somebody_keeps_it_or_nobody_is_left(ended: list[Ended], post: Post) -> None:
    of = ended[0]
    _everybody_reads_how_it_ended(of, post)
    _a_cancelled_seat_is_offered_to_the_next(of, post)
    _an_offer_that_runs_out_goes_to_the_one_after(of, post)
    _a_seat_that_nobody_waits_for_stays_unsold(of)


def _everybody_reads_how_it_ended(of: Ended, post: Post) -> None:
    for winner, subject in ((of.alice, "[낙찰] VIP-1"), (of.bob, "[Won] VIP-2")):
        page = post.follow(winner.name, subject, of.first)
        for verb in ("buy", "decline"):
            assert f'action="/awards/{only_buyable(of, winner)}/{verb}"' in page
    for visitor, subject in ((of.carol, "[대기 1번]"), (of.mallory, "[Waitlist no. 2]")):
        assert 'id="outcome"' in post.follow(visitor.name, subject, of.second)
    assert_seen(of, "VIP-1 좌석이 낙찰됐어요", "You won seat VIP-2", "대기 1번", "Waitlist no. 2.")
    assert "대기 1번" in of.tickets(of.carol) and "Waitlist no. 2." in of.tickets(of.mallory)
    assert of.lineage() == ["VIP-1 낙찰 1위 → 구매 전*", "VIP-2 낙찰 2위 → 구매 전*"]
    assert of.seats() == ["VIP-1 구매 전", "VIP-2 구매 전", "–", "–"]


def _a_cancelled_seat_is_offered_to_the_next(of: Ended, post: Post) -> None:
    won = only_buyable(of, of.alice)
    assert of.alice.decide(of.second, won, "buy").status == 303
    assert_seen(of, "VIP-1 좌석을 150,000원에 구매했어요", "You won seat VIP-2", "대기 1번", "Waitlist no. 2.")
    assert of.alice.decide(of.first, won, "cancel").status == 303

    offered = only_buyable(of, of.carol)
    assert f'action="/awards/{offered}/buy"' in post.follow("carol", "[구매 기회] VIP-1", of.second)
    went = "구매를 취소해 다음 대기자에게 좌석이 넘어갔어요"
    assert_seen(of, went, "You won seat VIP-2", "내 입찰가 130,000원에 구매", "Waitlist no. 1.")
    assert "취소 완료" in of.tickets(of.alice) and "Waitlist no. 1." in of.tickets(of.mallory)
    assert "VIP-1" in of.tickets(of.carol) and "130,000원" in of.tickets(of.carol)
    assert of.notice(of.carol, "좌석 구매 기회가 왔어요")
    assert of.lineage("en")[:2] == ["VIP-1 won no. 1 → cancelled", "VIP-1 offered no. 3 → not bought yet*"]
    for other in (of.mallory, of.alice):
        taken = other.post(of.first, f"/awards/{offered}/buy", {"csrf_token": other.token(of.first)}, JSON)
        assert taken.status == 404, "an offer is its person's alone"
    assert_sound(of, "VIP-1 cancelled", "VIP-1 offered", "VIP-2 offered")


def _an_offer_that_runs_out_goes_to_the_one_after(of: Ended, post: Post) -> None:
    lapsed = only_buyable(of, of.carol)
    token = of.carol.token(of.first)
    end_right(of.installation, lapsed)
    offered = only_buyable(of, of.mallory)
    assert f'action="/awards/{offered}/buy"' in post.follow("mallory", "[Seat offered] VIP-1", of.first)
    assert "구매 기한 만료" in post.follow("carol", "[구매 기한 만료] VIP-1", of.second)
    late = of.carol.post(of.first, f"/awards/{lapsed}/buy", {"csrf_token": token}, JSON)
    assert (late.status, late.json["reason"]) == (409, "lapsed")
    assert of.notice(of.carol, "구매 기한이 지났어요")
    assert of.mallory.decide(of.second, offered, "buy").status == 303
    ran_out = "구매 기한이 지나 다음 대기자에게 좌석이 넘어갔어요"
    assert_seen(of, "넘어갔어요", "You won seat VIP-2", ran_out, "You bought seat VIP-1 for ₩120,000")
    assert_sound(of, "VIP-1 cancelled", "VIP-1 lapsed", "VIP-1 bought", "VIP-2 offered")


def _a_seat_that_nobody_waits_for_stays_unsold(of: Ended) -> None:
    assert of.bob.decide(of.first, only_buyable(of, of.bob), "decline").status == 303
    assert_seen(of, "넘어갔어요", "it stayed unsold", "넘어갔어요", "You bought seat VIP-1 for ₩120,000")
    assert not any(visitor.buyable(of.second, of.concert) for visitor in of.people)
    assert "You declined" in of.tickets(of.bob) and "Bought" in of.tickets(of.mallory)
    assert of.lineage("en") == [
        "VIP-1 won no. 1 → cancelled",
        "VIP-1 offered no. 3 → time ran out",
        "VIP-1 offered no. 4 → bought*",
        "VIP-2 won no. 2 → declined",
        "VIP-2 – → unsold nobody was left on the waitlist",
    ]
    assert of.lineage()[-1] == "VIP-2 – → 미판매 남은 대기자가 없었어요"
    assert of.seats() == ["VIP-1 취소", "VIP-2 구매 포기", "VIP-1 기한 만료", "VIP-1 구매 완료"]
    assert_sound(of, "VIP-1 cancelled", "VIP-1 lapsed", "VIP-1 bought", "VIP-2 declined")


def test_a_line_is_left_and_paused_and_goes_on_until_the_auction_is_voided(ended: list[Ended], post: Post) -> None:
    of = ended[1]
    assert of.alice.decide(of.first, only_buyable(of, of.alice), "buy").status == 303
    _bob_leaves_and_everybody_behind_moves_up(of, post)
    _a_seat_revoked_while_the_line_is_paused_is_kept_for_it(of, post)
    _the_line_goes_on(of, post)
    _the_auction_is_voided(of, post)


def _bob_leaves_and_everybody_behind_moves_up(of: Ended, post: Post) -> None:
    assert 'id="outcome"' in post.follow("bob", "[Waitlist no. 1]", of.first)
    path = f"/auctions/{of.id}/leave"
    assert f'href="{path}"' in of.bob.page(of.first, f"/auctions/{of.id}/outcome")
    fields = {"csrf_token": of.bob.token(of.first, path)}
    assert of.bob.post(of.first, path, fields, JSON).json["auction_id"] == of.id
    bought, left = "VIP-1 좌석을 150,000원에 구매했어요", "You left the waitlist on"
    assert_seen(of, bought, left, "대기 1번", "Waitlist no. 2.")
    assert of.tickets(of.bob) == "" and f'action="{path}"' not in of.bob.page(of.second, path)
    refused = of.alice.post(of.second, path, {"csrf_token": of.alice.token(of.second)}, JSON)
    assert (refused.status, refused.json["reason"]) == (409, "bought")


def _a_seat_revoked_while_the_line_is_paused_is_kept_for_it(of: Ended, post: Post) -> None:
    [award] = operate_json(of.installation, "award", "list", str(of.id))
    operate_json(of.installation, "auction", "pause-line", str(of.id), "--why", WHY, "--operator", "olga")
    act = ("award", "revoke", str(award["id"]), "--why", WHY, "--operator", "olga")
    revoked = operate_json(of.installation, *act)
    assert (revoked["refund"], revoked["offered"]) == (150_000, [])
    assert WHY in text_of(post.mail("alice", "[좌석 회수 · 환불] VIP-1"))
    assert WHY in of.notice(of.alice, "좌석이 회수됐어요") and "좌석 회수" in of.tickets(of.alice)
    paused = ("대기 1번이에요. 지금은 좌석 제안이 잠시 멈췄어요", "Waitlist no. 2. The waitlist is paused for now.")
    assert_seen(of, "더 이상 내 좌석이 아니에요", "You left the waitlist on", *paused)
    for visitor, words in zip((of.carol, of.mallory), paused, strict=True):
        assert words in of.tickets(visitor) and WHY not in of.tickets(visitor)
    assert of.lineage() == ["VIP-1 낙찰 1위 → 회수", "VIP-1 – → 보유자 없음 아무에게도 제안되지 않음"]
    assert_sound(of, "VIP-1 revoked")


def _the_line_goes_on(of: Ended, post: Post) -> None:
    act = ("auction", "resume-line", str(of.id), "--why", "it was none", "--operator", "olga")
    [offered] = operate_json(of.installation, *act)["offered"]
    assert f'action="/awards/{offered}/buy"' in post.follow("carol", "[구매 기회] VIP-1", of.first)
    assert of.carol.decide(of.second, offered, "buy").status == 303
    gone = ("더 이상 내 좌석이 아니에요", "You left the waitlist on")
    assert_seen(of, *gone, "VIP-1 좌석을 130,000원에 구매했어요", "Waitlist no. 1.")
    assert "paused" not in of.outcome(of.mallory)
    assert of.lineage("en") == ["VIP-1 won no. 1 → revoked", "VIP-1 offered no. 3 passed over: … → bought*"]
    assert_sound(of, "VIP-1 revoked", "VIP-1 bought")


def _the_auction_is_voided(of: Ended, post: Post) -> None:
    act = ("auction", "void", str(of.id), "--why", "the hall burned down", "--operator", "olga")
    voided = operate_json(of.installation, *act)
    assert [(refund["seat"], refund["price"]) for refund in voided["refunds"]] == [("VIP-1", 130_000)]
    assert "경매 무효" in post.follow("carol", "[경매 무효 · 환불] VIP-1", of.first)
    for name, subject in (("alice", "[경매 무효]"), ("bob", "[Auction void]"), ("mallory", "[Auction void]")):
        assert "the hall burned down" in text_of(post.mail(name, subject))
    assert_seen(of, "더 이상 내 좌석이 아니에요", VOIDED[1], VOIDED[0], VOIDED[1])
    assert of.tickets(of.mallory) == "" and "경매 무효" in of.tickets(of.carol)
    assert of.lineage() == ["VIP-1 낙찰 1위 → 회수", "VIP-1 대기자에게 제안 3위 제외: … → 무효"]
    assert_sound(of, "VIP-1 revoked", "VIP-1 voided")
