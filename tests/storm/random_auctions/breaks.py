"""Mistakes in the product, each put in by replacing a function of it: random auctions must find every one."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import and_, or_, select, true

from cashticket.auction import settlement_rules
from cashticket.auction.values import AwardState, Pricing
from cashticket.ledger import order
from cashticket.models import Award, FinalRank, Person, RecordedBid, waiting
from cashticket.settlement import awards, handover, line, line_pauses, readiness, settle, voiding

NEVER = 2**62
Break = Callable[[pytest.MonkeyPatch], None]


def later_of_equal_bids_first(patch: pytest.MonkeyPatch) -> None:
    right = order.order_of_ledger
    other = (RecordedBid.amount.desc(), RecordedBid.sequence.desc())
    patch.setattr(order, "order_of_ledger", lambda auction_id: right(auction_id).order_by(None).order_by(*other))


def uniform_price_of_the_passed_over(patch: pytest.MonkeyPatch) -> None:
    """Whoever is passed over counts among the best N whose lowest bid is the price."""
    right = settle._new_awards

    def wrong(session: Any, auction: Any, *others: Any) -> list[Award]:
        last = (FinalRank.auction_id == auction.id, FinalRank.rank == auction.seats)
        price = session.scalar(select(FinalRank.amount).where(*last)) or auction.minimum
        won = right(session, auction, *others)
        for award in won if auction.pricing is Pricing.UNIFORM else ():
            award.price = price
        return won

    patch.setattr(settle, "_new_awards", wrong)


def uniform_price_of_the_few(patch: pytest.MonkeyPatch) -> None:
    """With seats unsold the uniform price is the lowest bid."""
    patch.setattr(settlement_rules, "uniform_price", lambda awarded, _seats, minimum: min(awarded, default=minimum))


def passed_over_lose_their_rank(patch: pytest.MonkeyPatch) -> None:
    right = settle._new_awards

    def wrong(*given: Any) -> list[Award]:
        won = right(*given)
        for rank, award in enumerate(won, 1):
            award.rank = rank
        return won

    patch.setattr(settle, "_new_awards", wrong)


def wins_a_second_seat_for_the_concert(patch: pytest.MonkeyPatch) -> None:
    right = line._passed_over
    patch.setattr(line, "_passed_over", lambda session, _concert, people: right(session, 0, people))


def is_offered_a_second_seat_for_the_concert(patch: pytest.MonkeyPatch) -> None:
    mine = (Award.person_id == FinalRank.person_id, Award.auction_id == FinalRank.auction_id)
    _wait_for(patch, ~select(Award.id).where(*mine).exists(), _open_account())


def is_offered_a_seat_after_leaving_the_line(patch: pytest.MonkeyPatch) -> None:
    live = (Award.person_id == FinalRank.person_id, Award.live == 1)
    _wait_for(patch, ~select(Award.id).where(*live).exists(), _open_account())


def whoever_left_is_offered_a_seat(patch: pytest.MonkeyPatch) -> None:
    right = waiting.is_waiting
    patch.setattr(waiting, "is_waiting", lambda: or_(right(), FinalRank.left_at.is_not(None)))


def block_bars_for_ever(patch: pytest.MonkeyPatch) -> None:
    right = waiting.is_waiting
    patch.setattr(waiting, "is_waiting", lambda: and_(FinalRank.waiting == true(), right()))


def offers_past_the_deadline(patch: pytest.MonkeyPatch) -> None:
    right = settlement_rules.window_end
    patch.setattr(
        settlement_rules, "window_end", lambda now, window, _end, midnight: right(now, window, NEVER, midnight)
    )


def offers_when_no_time_is_left(patch: pytest.MonkeyPatch) -> None:
    right = settlement_rules.window_end

    def wrong(now: int, window: int, deadline: int, midnight: int) -> int:
        return min(right(now, window, NEVER, midnight) or NEVER, deadline)

    patch.setattr(settlement_rules, "window_end", wrong)


def rights_end_at_night(patch: pytest.MonkeyPatch) -> None:
    def wrong(now: int, window: int, deadline: int, midnight: int) -> int | None:
        end = settlement_rules.after_quiet_hours(now, midnight) + window
        return None if now >= deadline else min(end, deadline)

    patch.setattr(settlement_rules, "window_end", wrong)


def rights_begin_at_night(patch: pytest.MonkeyPatch) -> None:
    def wrong(now: int, window: int, deadline: int, midnight: int) -> int | None:
        end = settlement_rules.after_quiet_hours(now + window, midnight)
        return None if now >= deadline else min(end, deadline)

    patch.setattr(settlement_rules, "window_end", wrong)


def last_moment_still_counts(patch: pytest.MonkeyPatch) -> None:
    def expired(now: Any) -> tuple[Any, ...]:
        return (Award.state == AwardState.OFFERED, Award.expires_at < now)

    for module in (handover, awards):
        patch.setattr(module, "expired", expired)


def worst_free_seat_first(patch: pytest.MonkeyPatch) -> None:
    right = handover._free_seats
    patch.setattr(handover, "_free_seats", lambda *given: list(reversed(right(*given))))


def offers_one_seat_at_a_time(patch: pytest.MonkeyPatch) -> None:
    right = handover._free_seats
    patch.setattr(handover, "_free_seats", lambda *given: right(*given)[:1])


def settles_before_it_lapses(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(settle, "lapse_expired", lambda *_given: None)


def settles_in_any_order(patch: pytest.MonkeyPatch) -> None:
    right = readiness._state_problem

    def wrong(*given: Any) -> Any:
        problem = right(*given)
        return None if problem and problem.reason == "earlier_auction" else problem

    patch.setattr(readiness, "_state_problem", wrong)


def sells_to_the_blocked(patch: pytest.MonkeyPatch) -> None:
    _never_refuse(patch, "blocked")


def cancels_after_the_deadline(patch: pytest.MonkeyPatch) -> None:
    _never_refuse(patch, "too_late")


def voided_tickets_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(voiding, "LIVE_AWARD_STATES", (AwardState.OFFERED,))


def offers_while_the_line_is_paused(patch: pytest.MonkeyPatch) -> None:
    right = handover.offer_free_seats

    def wrong(session: Any, auction: Any, *others: Any) -> list[Award]:
        return right(session, _NeverPaused(auction), *others)

    for module in (handover, line_pauses):
        patch.setattr(module, "offer_free_seats", wrong)


def keeps_free_seats_when_the_line_goes_on(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(line_pauses, "offer_free_seats", lambda *_given: [])


def pauses_before_it_lapses(patch: pytest.MonkeyPatch) -> None:
    """A seat whose time ran out before the pause waits as well."""
    patch.setattr(line_pauses, "lapse_expired", lambda *_given: handover.HandOver([], []))


BREAKS: tuple[Break, ...] = (
    later_of_equal_bids_first,
    uniform_price_of_the_passed_over,
    uniform_price_of_the_few,
    passed_over_lose_their_rank,
    wins_a_second_seat_for_the_concert,
    is_offered_a_second_seat_for_the_concert,
    is_offered_a_seat_after_leaving_the_line,
    whoever_left_is_offered_a_seat,
    block_bars_for_ever,
    offers_past_the_deadline,
    offers_when_no_time_is_left,
    rights_end_at_night,
    rights_begin_at_night,
    last_moment_still_counts,
    worst_free_seat_first,
    offers_one_seat_at_a_time,
    settles_before_it_lapses,
    settles_in_any_order,
    sells_to_the_blocked,
    cancels_after_the_deadline,
    voided_tickets_stay,
    offers_while_the_line_is_paused,
    keeps_free_seats_when_the_line_goes_on,
    pauses_before_it_lapses,
)


class _NeverPaused:
    """An auction whose line seems to go on."""

    line_paused_at = None

    def __init__(self, auction: Any) -> None:
        self._auction = auction

    def __getattr__(self, name: str) -> Any:
        return getattr(self._auction, name)


def _wait_for(patch: pytest.MonkeyPatch, *conditions: Any) -> None:
    in_line = (FinalRank.line_place.is_not(None), FinalRank.left_at.is_(None))
    patch.setattr(waiting, "is_waiting", lambda: and_(*in_line, *conditions))


def _open_account() -> Any:
    mine = (Person.id == FinalRank.person_id, Person.blocked_at.is_(None), Person.closed_at.is_(None))
    return select(Person.id).where(*mine).exists()


def _never_refuse(patch: pytest.MonkeyPatch, reason: str) -> None:
    right = awards._refusal

    def wrong(*given: Any) -> str | None:
        refusal = right(*given)
        return None if refusal == reason else refusal

    patch.setattr(awards, "_refusal", wrong)
