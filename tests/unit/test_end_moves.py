"""How far each bid moved the end: what late bids did, and what an operator or an outage did meanwhile."""

from cashticket.auction.end_moves import Cause, EndMove, EndWalk, Shift

SOFT_CLOSE_MS = 120
END_MS = 1_000


def walk(*shifts: Shift, soft_close_ms: int = SOFT_CLOSE_MS) -> EndWalk:
    return EndWalk(END_MS, shifts, soft_close_ms)


def test_a_late_bid_moved_the_end_by_the_difference() -> None:
    bids = walk()
    assert bids.moved_by(1, 500, 1_000) == 0
    assert bids.moved_by(2, 950, 1_070) == 70
    assert bids.moved_by(3, 960, 1_080) == 10
    assert bids.moved_by(4, 970, 1_080) == 0


def test_what_an_operator_moved_before_a_bid_is_not_the_bids_doing() -> None:
    bids = walk(Shift(Cause.OPERATOR, 700, 700, END_MS, 1_500, after=1))
    assert bids.moved_by(1, 900, 1_020) == 20
    assert bids.moved_by(2, 950, 1_500) == 0
    assert bids.moved_by(3, 1_450, 1_570) == 70


def test_an_outage_comes_before_the_bids_after_its_end() -> None:
    bids = walk(Shift(Cause.OUTAGE, 800, 990, END_MS, 1_190))
    assert bids.moved_by(1, 700, 1_000) == 0
    assert bids.moved_by(2, 1_100, 1_220) == 30


def test_a_bid_never_moved_the_end_further_than_the_soft_close() -> None:
    """The bid that did is not in the record; this one only came after it."""
    assert walk().moved_by(7, 900, 1_100) == 0


def test_without_a_soft_close_no_bid_moved_the_end() -> None:
    assert walk(soft_close_ms=0).moved_by(1, 999, 1_000) == 0


def test_a_move_says_how_far_it_went() -> None:
    assert EndMove(Cause.OPERATOR, 5, 5, 1_000, 1_000).moved_ms == 0
    assert EndMove(Cause.LATE_BIDS, 5, 9, 1_000, 1_070, first=2, last=3).moved_ms == 70
