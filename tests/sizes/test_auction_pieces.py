"""What the pieces of a running auction cost at any size."""

from tests.staging.sizes import Sites, page


def test_the_board_costs_the_same_at_every_size(sites: Sites) -> None:
    board = sites.cost_of(page("/auctions/{running}/board?lang=ko"))
    board.stays().never_exceeds(statements=0, round_trips=1, answer_bytes=8_192)


def test_the_standing_of_a_bidder_costs_the_same_at_every_size(sites: Sites) -> None:
    standing = sites.cost_of(page("/auctions/{running}/standing", lambda site: site.bidders[7]))
    standing.stays().never_exceeds(statements=2, round_trips=4)


def test_the_standing_of_somebody_without_a_bid_costs_the_same_at_every_size(sites: Sites) -> None:
    sites.cost_of(page("/auctions/{running}/standing", lambda site: site.strangers[0])).stays()
