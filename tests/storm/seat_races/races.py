"""The races: each stages a concert, lets calls start together and says which way it ended.

Alice, bob, carol and so on bid 190,000 won, 180,000 won and so on; the first of them win the seats.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from cashticket.models import Concert
from cashticket.settlement import awards, line_pauses, voiding
from cashticket.settlement.awards import NotAllowed
from cashticket.settlement.handover import offer_freed
from cashticket.settlement.leaving import leave
from cashticket.settlement.revoking import NotRevocable, Revoked, revoke
from cashticket.settlement.settle import Settled
from tests.staging.rows import DAY, END, HOUR
from tests.staging.settlement import add_ended_auction, award_of, awards_of, holders, settled
from tests.storm.seat_races.judging import violations

WHY = "looked into"
TRIES = 1_000


@dataclass
class Round:
    """One round: a concert of its own, the same people in each. `together` runs calls at once."""

    people: list[int]
    together: Callable[..., list[Any]]
    concert: Concert

    @property
    def bids(self) -> list[tuple[int, int]]:
        return [(person, 190_000 - 10_000 * place) for place, person in enumerate(self.people)]

    def ended(self, seats: int) -> int:
        """An auction of which every bid is recorded."""
        return add_ended_auction(self.bids, concert=self.concert, seats=seats)

    def sold(self, seats: int, *, bought: bool = True) -> int:
        """An auction that is settled, its seats bought by those who won them, or only offered."""
        auction = self.ended(seats)
        settled(auction, self.bids)
        for person in self.people[: seats if bought else 0]:
            awards.buy(award_of(auction, person).id, person, END + HOUR)
        return auction

    def award(self, auction: int, place: int = 0) -> tuple[int, int]:
        """Award and person of who won this place, as decisions take them."""
        return award_of(auction, self.people[place]).id, self.people[place]

    def check(self, now: datetime) -> None:
        """Fail if anything is wrong with the seats at `now`."""
        assert violations(self.concert.id, now) == []


Race = Callable[[Round], str]


def settle_from_eight_places(this: Round) -> str:
    auction = this.ended(3)
    answers = this.together(*[partial(settled, auction, this.bids)] * 8)
    assert all(isinstance(answer, Settled) for answer in answers)
    assert [answer.repeated for answer in answers].count(False) == 1
    assert holders(auction) == dict(enumerate(this.people[:3], 1))
    return "settled once"


def buy_against_lapse(this: Round) -> str:
    auction = this.sold(1, bought=False)
    lapse = [partial(awards.lapse_all_expired, END + DAY), partial(offer_freed, auction, END + DAY)]
    bought, *_ = this.together(partial(awards.buy, *this.award(auction), END + 23 * HOUR), *lapse)
    if isinstance(bought, NotAllowed):
        assert bought.reason == "lapsed" and holders(auction) == {1: this.people[1]}
        return "lapsed first"
    assert holders(auction) == {1: this.people[0]} and len(awards_of(auction)) == 1
    return "bought first"


def cancel_from_eight_places(this: Round) -> str:
    auction = this.sold(1)
    answers = this.together(*[partial(awards.cancel, *this.award(auction), END + DAY)] * 8)
    assert {answer.award.state for answer in answers} == {"cancelled"}
    assert [answer.has_mail for answer in answers].count(True) == 1
    assert holders(auction) == {1: this.people[1]} and len(awards_of(auction)) == 2
    return "cancelled once"


def cancel_against_void(this: Round) -> str:
    auction = this.sold(1)
    cancel = partial(awards.cancel, *this.award(auction), END + DAY)
    cancelled, *voided = this.together(cancel, *[partial(voiding.void, auction, WHY, "olga", END + DAY)] * 2)
    assert sorted(answer.repeated for answer in voided) == [False, True] and holders(auction) == {}
    assert voided[0].refunds == voided[1].refunds
    refunds, states = [each.price for each in voided[0].refunds], [each.state for each in awards_of(auction)]
    if isinstance(cancelled, NotAllowed):
        assert (cancelled.reason, states, refunds) == ("voided", ["voided"], [190_000])
        return "voided first"
    assert (states, refunds) == (["cancelled", "voided"], [])
    return "cancelled first"


def two_cancels_of_one_line(this: Round) -> str:
    auction = this.sold(2)
    this.together(*[partial(awards.cancel, *this.award(auction, place), END + DAY) for place in (0, 1)])
    seats = holders(auction)
    assert set(seats.values()) == set(this.people[2:4]) and len(awards_of(auction)) == 4
    return "the better seat first" if seats[1] == this.people[2] else "the other seat first"


def two_auctions_of_a_concert(this: Round) -> str:
    """The second is tried again until the first is settled, as the watch does."""
    first, second = this.ended(2), this.ended(2)

    def settle_second() -> int:
        return next(tries for tries in range(TRIES) if isinstance(settled(second, this.bids), Settled))

    _, put_off, _ = this.together(partial(settled, first, this.bids), settle_second, settle_second)
    assert holders(first) == dict(enumerate(this.people[:2], 1))
    assert holders(second) == dict(enumerate(this.people[2:4], 1))
    return "the second was put off" if put_off else "the second waited"


def leave_against_offer(this: Round) -> str:
    auction = this.sold(1)
    cancel = partial(awards.cancel, *this.award(auction), END + DAY)
    _, left, again = this.together(cancel, *[partial(leave, auction, this.people[1], END + DAY)] * 2)
    assert left == again and left.refused in ("", "offered")
    assert holders(auction) == {1: this.people[1 if left.refused else 2]}
    return "offered first" if left.refused else "left first"


def pause_against_cancel(this: Round) -> str:
    """The seat is offered before the pause or after it; one that is freed later waits."""
    auction = this.sold(2)
    cancel = partial(awards.cancel, *this.award(auction), END + DAY)
    _, *paused = this.together(cancel, *[partial(line_pauses.pause, auction, WHY, "olga", END + DAY)] * 2)
    assert sorted(answer.repeated for answer in paused) == [False, True]
    is_offered = 1 in holders(auction)
    awards.cancel(*this.award(auction, 1), END + DAY)
    assert holders(auction) == ({1: this.people[2]} if is_offered else {})
    this.check(END + DAY)
    going_on = [partial(line_pauses.resume, auction, WHY, "olga", END + DAY)] * 2
    resumed = this.together(*going_on, partial(offer_freed, auction, END + DAY))[:2]
    assert sorted(answer.repeated for answer in resumed) == [False, True]
    assert holders(auction) == {1: this.people[2], 2: this.people[3]}
    return "cancelled first" if is_offered else "paused first"


def revoke_against_buy(this: Round) -> str:
    auction = this.sold(1, bought=False)
    alice, now = this.award(auction), END + 23 * HOUR
    taking = partial(_revoked, alice[0], now)
    bought, *taken = this.together(partial(awards.buy, *alice, now), taking, taking)
    is_sold = not isinstance(bought, NotAllowed)
    assert is_sold or bought.reason == "revoked"
    assert sorted(answer.repeated for answer in taken) == [False, True]
    assert {answer.refund for answer in taken} == {190_000 if is_sold else 0}
    assert holders(auction) == {1: this.people[1]} and len(awards_of(auction)) == 2
    return "bought first" if is_sold else "revoked first"


RACES: tuple[Race, ...] = (
    settle_from_eight_places,
    buy_against_lapse,
    cancel_from_eight_places,
    cancel_against_void,
    two_cancels_of_one_line,
    two_auctions_of_a_concert,
    leave_against_offer,
    pause_against_cancel,
    revoke_against_buy,
)


def _revoked(award_id: int, now: datetime) -> Revoked:
    try:
        return revoke(award_id, "a stolen card", "olga", now)
    except NotRevocable as refusal:
        raise AssertionError(f"a live award cannot be revoked: {refusal}") from refusal
