"""The order that a check builds bid by bid gives the ranks that sorting gives."""

import random

import pytest

from cashticket.auction import rules
from cashticket.auction.values import AMOUNT_MAX, RankedBid
from cashticket.work.check import ranking as module
from cashticket.work.check.ranking import Ranking, key_of


@pytest.mark.parametrize("block_max", [1, 2, 3, 4])
def test_ranks_are_those_of_the_sorted_order_after_every_bid(block_max: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BLOCK_MAX", block_max)
    dice = random.Random(block_max)
    ranking, standing = Ranking(), dict[int, RankedBid]()
    for sequence in range(1, 120):
        person, amount = dice.randint(1, 40), dice.randint(0, 30)
        if own := standing.get(person):
            before = rules.rank(rules.order(standing.values()), person)
            assert ranking.remove(key_of(own.amount, own.sequence, person)) == before
        standing[person] = RankedBid(person, amount, sequence)
        key = key_of(amount, sequence, person)
        order = rules.order(standing.values())
        assert ranking.add(key) == ranking.rank(key) == rules.rank(order, person)
        assert list(ranking) == order and len(ranking) == len(order)
        assert [ranking.at(rank) for rank in range(1, len(order) + 2)] == [*order, None]


def test_the_highest_amounts_sequences_and_ids_keep_their_values() -> None:
    ranking, person = Ranking(), 2**39
    ranking.add(key_of(AMOUNT_MAX, 4_194_303, person))
    ranking.add(key_of(0, 1, 1))
    assert list(ranking) == [RankedBid(person, AMOUNT_MAX, 4_194_303), RankedBid(1, 0, 1)]
