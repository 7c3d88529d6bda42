"""What health checks and figures cost at any size of the auctions."""

from collections.abc import Callable
from typing import Any

from cashticket.auction.values import Accepted
from cashticket.blueprints.operator.store_figures import HEADS_READ_MAX
from cashticket.extensions import db
from cashticket.models.outbox import Priority
from cashticket.notify.outbox_figures import COUNT_MAX
from tests.staging.auctions import open_auction
from tests.staging.rows import add_concert
from tests.staging.sizes import FilledSite, Prepare, Sites, page

STATEMENTS, ROUND_TRIPS = 7, 14
"""Of a scrape, while no bid waits to be recorded. One statement asks for running auctions of a store that has no
address any more."""


def beside_an_auction(path: str) -> Prepare:
    """Reading a door while the running auction of the site is there, whether or not another test made it."""

    def prepare(site: FilledSite) -> Callable[[], Any]:
        assert site.running
        return page(path)(site)

    return prepare


def test_the_health_check_asks_nobody(sites: Sites) -> None:
    sites.cost_of(page("/healthz")).stays().never_exceeds(statements=0, round_trips=0)


def test_readiness_costs_the_same_at_every_size(sites: Sites) -> None:
    readiness = sites.cost_of(beside_an_auction("/readyz"))
    readiness.stays(rows_read=1_000).never_exceeds(rows_read=2 * COUNT_MAX * len(Priority) + 100)


def test_metrics_cost_the_same_at_every_size(sites: Sites) -> None:
    """Mail that waits is counted up to a bound for each priority."""
    metrics = sites.cost_of(beside_an_auction("/metrics"))
    metrics.stays(rows_read=1_000).never_exceeds(
        statements=STATEMENTS, round_trips=ROUND_TRIPS, rows_read=2 * COUNT_MAX * len(Priority)
    )


def test_the_doctor_costs_the_same_at_every_size(sites: Sites) -> None:
    """Mail that waits is counted up to a bound for each priority."""

    def prepare(site: FilledSite) -> Callable[[], Any]:
        assert site.running
        return lambda: site.app.test_cli_runner().invoke(args=["ops", "doctor", "--json"])

    diagnoses = sites.cost_of(prepare)
    diagnoses.stays(rows_read=1_000).never_exceeds(statements=40, rows_read=2 * COUNT_MAX * len(Priority) + 200)


def test_a_scrape_looks_at_the_oldest_bid_of_twenty_auctions_at_most(sites: Sites) -> None:
    site = next(iter(sites))
    with site.inside():
        read = page("/metrics")(site)
        engine, concert, person = site.app.extensions["engine"], add_concert(), site.strangers[0]
        for _ in range(HEADS_READ_MAX + 5):
            auction_id = open_auction(concert=concert, people=[person])
            assert isinstance(engine.place_bid(auction_id, person, 1, 100_000, "r1"), Accepted)
        read()
        db.session.remove()
        with site.counters.counted() as cost:
            read()
    assert cost.statements <= STATEMENTS and cost.round_trips <= ROUND_TRIPS + HEADS_READ_MAX, cost
