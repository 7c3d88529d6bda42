"""What the plan of the seats costs and weighs: it grows with the rows of a block, never with its bidders."""

import gzip

import pytest

from cashticket.auction.seat_plan import read_rows
from cashticket.catalogue.plan_art import DARK, LIGHT, PlanWords, draw_plan
from tests.staging.sizes import Sites, page

PLAIN_MAX, PACKED_MAX = 32_768, 2_560


def test_the_plan_costs_one_statement_at_every_size(sites: Sites) -> None:
    drawn = sites.cost_of(page("/auctions/{running}/plan.svg?lang=ko"))
    drawn.stays(answer_bytes=20).never_exceeds(statements=1, round_trips=0, answer_bytes=PLAIN_MAX)


@pytest.mark.parametrize("rows", ["2x10", "20x10", "50x40", "100x20", "100x100", "200x1", "10x200", "200x50"])
def test_the_plan_of_a_block_weighs_little(rows: str) -> None:
    words = PlanWords("좌석 배치도", "1위부터 40위까지 1열, 41위부터 80위까지 2열.", "무대 쪽", "{number}열")
    for colours in (LIGHT, DARK):
        svg = draw_plan(read_rows(rows), words, colours).encode()
        assert (len(svg) <= PLAIN_MAX, len(gzip.compress(svg, 1)) <= PACKED_MAX) == (True, True), rows


def test_two_thousand_seats_are_a_few_kilobytes() -> None:
    svg = draw_plan(read_rows("50x40"), PlanWords("t", "d", "f", "{number}"), LIGHT).encode()
    assert len(svg) <= 4_096 and len(gzip.compress(svg, 1)) <= 1_024
