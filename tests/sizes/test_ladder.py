"""What a page of the ladder costs at any size."""

from tests.staging.sizes import Sites, page


def test_a_page_of_the_ladder_costs_the_same_at_every_size(sites: Sites) -> None:
    ladder = sites.cost_of(page("/auctions/{running}/ladder?lang=ko"))
    # Fifty rows where twenty seats have twenty.
    ladder.stays(live_bytes=2, answer_bytes=2).never_exceeds(round_trips=2, answer_bytes=12_800)
