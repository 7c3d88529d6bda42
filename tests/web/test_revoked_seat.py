"""A seat that was revoked: its holder reads so and why, everybody sees that it moved, and nobody else learns why."""

from collections.abc import Callable

import pytest

from cashticket.models import Person
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.settlement.revoking import revoke
from tests.fixtures.people import Browser, sign_in
from tests.staging.settlement import award_of
from tests.web.bidding import PIECE
from tests.web.my_page import forms, text_of, words_of

WHY = "a <b>stolen</b> card"


@pytest.fixture
def alices_award(settled_auction: int, people: dict[str, Person]) -> int:
    """Alice bought her seat, and it was revoked."""
    award = award_of(settled_auction, people["alice"].id).id
    awards.buy(award, people["alice"].id, utcnow())
    revoke(award, WHY, "olga", utcnow())
    return award


def test_its_holder_reads_so_and_why(client: Browser, alices_award: int, settled_auction: int) -> None:
    alice = sign_in(client, "alice")
    assert "VIP-1" in (tickets := words_of(alice, "/me/tickets")) and "Seat revoked" in tickets
    assert not forms(text_of(alice, "/me/tickets"))
    notices = text_of(alice, "/me/notifications")
    assert "Your seat was revoked" in notices and "a &lt;b&gt;stolen&lt;/b&gt; card" in notices
    assert "₩150,000 you paid is refunded in full" in notices
    assert "It was revoked afterwards" in notices and "Deadline to buy" not in notices
    assert "좌석이 회수됐어요" in alice.get("/me/notifications?lang=ko").get_data(as_text=True)
    outcome = alice.get(f"/auctions/{settled_auction}/outcome?lang=en", headers=PIECE).get_data(as_text=True)
    assert "This seat was revoked, so it is no longer yours." in outcome
    assert "STATUS:CANCELLED" in alice.get(f"/awards/{alices_award}/calendar.ics").get_data(as_text=True)


def test_its_holder_can_do_nothing_with_it(client: Browser, alices_award: int) -> None:
    alice = sign_in(client, "alice")
    token = {"csrf_token": alice.token("/me/notifications")}
    for move in ("buy", "decline", "cancel"):
        answer = alice.post(f"/awards/{alices_award}/{move}", data=token, headers={"Accept": "application/json"})
        assert (answer.status_code, answer.json["reason"]) == (409, "revoked")


def test_everybody_sees_that_the_seat_moved_and_nobody_why(
    browser: Callable[[], Browser], alices_award: int, settled_auction: int
) -> None:
    results = text_of(browser(), f"/auctions/{settled_auction}/results")
    assert "<s>VIP-1</s>" in results and "revoked" in results and "stolen" not in results
    carol = sign_in(browser(), "carol")
    tickets = words_of(carol, "/me/tickets")
    assert "VIP-1" in tickets and "Revoked from no. 1" in tickets and "stolen" not in tickets
