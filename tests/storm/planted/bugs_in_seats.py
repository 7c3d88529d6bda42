"""Planted bugs in settlement, prices, moves of awards, and the line."""

from tests.storm.planted.bugs import Edit, PlantedBug, without_key

SETTLE = "cashticket/settlement/settle.py"
LINE = "cashticket/settlement/line.py"
HANDOVER = "cashticket/settlement/handover.py"
AWARDS = "cashticket/settlement/awards.py"
EARLIER = 'getattr({}, "reason", None) == "earlier_auction"'
RANKED = "if auction.ranked_at is not None or (auction.state is State.VOIDED) is not voided:"
LOOK = "answer = _look(auction_id, final_sequence) or find_difference(auction_id, engine_order)"
RANKING = "cashticket/settlement/ranking.py"
WAITING = "cashticket/models/waiting.py"
RULES = "cashticket/auction/settlement_rules.py"

ONE_HOLDER_A_SEAT = 'sa.UniqueConstraint("seat_id", "live", name=op.f("uq_awards_seat_id_live")),'
ONE_SEAT_A_PERSON = (
    'sa.UniqueConstraint("concert_id", "person_id", "live", name=op.f("uq_awards_concert_id_person_id_live")),'
)
ONE_AWARD_A_PERSON = 'sa.UniqueConstraint("auction_id", "person_id", name=op.f("uq_awards_auction_id_person_id")),'
PASSED_OVER = "return dict.fromkeys(barred, ACCOUNT) | dict.fromkeys(holders, HOLDS_TICKET)"
HAD_NONE = "~exists().where(mine, Award.auction_id == FinalRank.auction_id),"
HOLDS_NONE = "~exists().where(mine, *same_concert, Award.live == 1),"
FREE = ".having(func.count(Award.live) == 0)"


def _one(name: str, breaks: str, invariant: str, path: str, old: str, new: str) -> PlantedBug:
    return PlantedBug(name, breaks, invariant, (Edit(path, old, new),))


SEATS = (
    PlantedBug(
        name="settles_unready",
        breaks="settles although bids are missing in the ledger",
        invariant="I9",
        edits=(
            Edit(SETTLE, LOOK, LOOK.replace(" or find_difference(auction_id, engine_order)", "")),
            Edit(SETTLE, "if answer is not None:", f"if {EARLIER.format('answer')}:"),
            Edit(SETTLE, "if problem is not None:", f"if {EARLIER.format('problem')}:"),
        ),
    ),
    PlantedBug(
        name="settles_again",
        breaks="settling again gives the seats away again, and no key stops it",
        invariant="I7",
        edits=(
            Edit(SETTLE, "if auction.state is State.SETTLED:", "if auction.state is State.SCHEDULED:"),
            Edit(SETTLE, "return claimed.rowcount == 1  # type: ignore[attr-defined,no-any-return]", "return True"),
            Edit(SETTLE, "if auction is not None and auction.state is State.SETTLED:", "if auction is None:"),
            Edit(RANKING, RANKED, RANKED.replace("auction.ranked_at is not None or ", "")),
            *without_key(ONE_HOLDER_A_SEAT, ONE_AWARD_A_PERSON),
        ),
    ),
    _one(
        "worst_wins",
        "the seats go to the last of the order",
        "I9",
        RULES,
        "return eligible[:seats]",
        "return eligible[-seats:]",
    ),
    _one(
        "highest_uniform_price",
        "under uniform pricing everybody pays the highest bid",
        "I9",
        RULES,
        "return min(awarded) if len(awarded) >= seats else minimum",
        "return max(awarded) if len(awarded) >= seats else minimum",
    ),
    _one(
        "uniform_price_of_the_few",
        "with unsold seats the uniform price is not the minimum",
        "I9",
        RULES,
        "return min(awarded) if len(awarded) >= seats else minimum",
        "return min(awarded, default=minimum)",
    ),
    _one(
        "blocked_winner",
        "a blocked account wins",
        "I9",
        LINE,
        PASSED_OVER,
        "return dict.fromkeys(holders, HOLDS_TICKET)",
    ),
    PlantedBug(
        name="second_ticket_by_winning",
        breaks="who has a seat wins another for the same concert, and no key stops it",
        invariant="I8",
        edits=(
            Edit(LINE, PASSED_OVER, "return dict.fromkeys(barred, ACCOUNT)"),
            *without_key(ONE_SEAT_A_PERSON),
        ),
    ),
    PlantedBug(
        name="second_ticket_by_hand_over",
        breaks="who has a seat is offered another one, and no key stops it",
        invariant="I8",
        edits=(
            Edit(WAITING, HOLDS_NONE, ""),
            *without_key(ONE_SEAT_A_PERSON),
        ),
    ),
    _one(
        "skips_the_best",
        "a freed seat is offered to the second in the line",
        "I10",
        HANDOVER,
        "waiting = line.next_in_line(session, auction.id, len(free))",
        "waiting = line.next_in_line(session, auction.id, len(free) + 1)[1:]",
    ),
    PlantedBug(
        name="offers_twice",
        breaks="one freed seat is offered to two people, and no key stops it",
        invariant="I11",
        edits=(
            Edit(
                HANDOVER,
                FREE,
                FREE.replace("func.count(Award.live)", "func.sum(Award.state == 'bought')"),
            ),
            *without_key(ONE_HOLDER_A_SEAT),
        ),
    ),
    PlantedBug(
        name="offers_to_who_left",
        breaks="who gave a seat back is offered one again, and no key stops it",
        invariant="I8",
        edits=(
            Edit(WAITING, HAD_NONE, ""),
            *without_key(ONE_AWARD_A_PERSON),
        ),
    ),
    _one(
        "forgets_the_freed_seat",
        "a declined, cancelled or revoked seat is not offered on",
        "I10",
        HANDOVER,
        "offers = offer_free_seats(session, award.auction, concert, now)",
        "offers: list[Award] = []",
    ),
    _one(
        "anybody_may_move",
        "an award can be bought by anybody",
        "I15",
        AWARDS,
        "mine = (Award.id == award_id, Award.person_id == person_id)",
        "mine = (Award.id == award_id,)",
    ),
    _one(
        "story_left_out",
        "a move is not told in the story of the seats",
        "I11",
        "cashticket/settlement/issuing.py",
        "append_events(session, auction_id, [(award.id, new) for award in group], now)",
        "list(group)",
    ),
    _one(
        "price_of_the_seat",
        "who takes a seat over pays more than the own bid",
        "I10",
        RULES,
        "return uniform if pricing is Pricing.UNIFORM and not handed_over else amount",
        "return uniform if pricing is Pricing.UNIFORM and not handed_over else amount + handed_over",
    ),
)
