"""What health checks and figures cost at any size of the auctions."""

from cashticket.models.outbox import Priority
from cashticket.notify.outbox_figures import COUNT_MAX
from tests.staging.sizes import Sites, page


def test_the_health_check_asks_nobody(sites: Sites) -> None:
    sites.cost_of(page("/healthz")).stays().never_exceeds(statements=0, round_trips=0)


def test_readiness_costs_the_same_at_every_size(sites: Sites) -> None:
    readiness = sites.cost_of(page("/readyz"))
    readiness.stays(rows_read=1_000).never_exceeds(rows_read=2 * COUNT_MAX * len(Priority) + 100)


def test_metrics_cost_the_same_at_every_size(sites: Sites) -> None:
    """Mail that waits is counted up to a bound for each priority."""
    metrics = sites.cost_of(page("/metrics"))
    metrics.stays(rows_read=1_000).never_exceeds(rows_read=2 * COUNT_MAX * len(Priority))
