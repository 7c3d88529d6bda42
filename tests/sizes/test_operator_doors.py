"""What health checks and figures cost at any size of the auctions."""

from tests.staging.sizes import Sites, page


def test_the_health_check_asks_nobody(sites: Sites) -> None:
    sites.cost_of(page("/healthz")).stays().never_exceeds(statements=0, round_trips=0)
