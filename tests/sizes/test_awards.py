"""What decisions about a seat cost at any size of the auction: confirm, buy, decline, cancel, revoke."""

from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import select
from werkzeug.test import TestResponse

from cashticket.auction.values import AwardState
from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Award
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.work.closing import close_and_settle
from tests.sizes.test_commands import WHY, command
from tests.staging.costs import Cost, Growth
from tests.staging.sizes import FilledSite, Sites, Size

# Sites of their own: decisions leave much behind. First the bidders grow, then the seats.
SIZES = (Size(110, 20), Size(5_000, 20), Size(5_000, 1_000))


@pytest.fixture(scope="module")
def auctions() -> dict[int, int]:
    """The settled auction of each site, made once: each test takes the award of another holder."""
    return {}


class Holders:
    """Gives out holders of offered seats, each with the award, from the best rank on."""

    def __init__(self, auctions: dict[int, int]) -> None:
        self._auctions = auctions

    def next(self, site: FilledSite) -> tuple[int, int]:
        """A person who may buy and has not been given out before, and the award."""
        if id(site) not in self._auctions:
            auction = site.fill(ends_in_ms=-1_000)
            while record_waiting(site.app.extensions["engine"], auction.id):
                pass
            close_and_settle(site.app.extensions["engine"], auction.id)
            # The filling analyzed tables that had no award yet.
            site.analyze()
            self._auctions[id(site)] = auction.id
        offered = (Award.auction_id == self._auctions[id(site)], Award.state == AwardState.OFFERED)
        # Those to whom a seat was handed over come last.
        first = select(Award.person_id, Award.id).where(*offered).order_by(Award.id).limit(1)
        person, award = db.session.execute(first).one()
        db.session.rollback()
        return person, award


@pytest.fixture
def holders(auctions: dict[int, int]) -> Holders:
    return Holders(auctions)


def decision(holders: Holders, move: str) -> Callable[[FilledSite], Callable[[], TestResponse]]:
    """Sending a decision and reading the answer, the piece of the award. What is cancelled was bought before."""

    def prepare(site: FilledSite) -> Callable[[], TestResponse]:
        person, award = holders.next(site)
        browser = site.browser(person)
        form = {"csrf_token": site.token(person)}
        # A job that waits already is not queued again.
        site.counters.queue.flushall()
        if move == "cancel":
            awards.buy(award, person, utcnow())

        def send() -> TestResponse:
            answer = browser.post(f"/awards/{award}/{move}", data=form, headers={"HX-Request": "true"})
            assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
            return answer

        return send

    return prepare


def test_buying_costs_the_same_at_every_size(sites: Sites, holders: Holders) -> None:
    sites.cost_of(decision(holders, "buy"), warm=False, sizes=SIZES).stays()


@pytest.mark.parametrize("move", ["decline", "cancel"])
def test_giving_a_seat_up_costs_the_same_for_any_number_of_bidders(sites: Sites, holders: Holders, move: str) -> None:
    sites.cost_of(decision(holders, move), warm=False, sizes=SIZES[:2]).stays()


@pytest.mark.parametrize("move", ["decline", "cancel"])
def test_giving_a_seat_up_looks_at_each_seat_in_one_statement(sites: Sites, holders: Holders, move: str) -> None:
    """The hand-over looks for every free seat of the auction: each seat is a few rows, looked at and not fetched."""
    few, many = SIZES[1:]
    cost = sites.cost_of(decision(holders, move), warm=False, sizes=(few, many))
    cost.stays(rows_read=many.seats).never_exceeds(rows_read=100 + 3 * many.seats)


def test_giving_a_seat_up_looks_at_no_award_of_another_auction(sites: Sites) -> None:
    """With few auctions MariaDB would rather read all awards than use the index of the auction."""
    site = sites.make(Size(120, 100))
    costs: list[Cost] = []
    with site.inside():
        # Each has an auction of its own.
        for holders in (Holders({}), Holders({}), Holders({})):
            decline = decision(holders, "decline")(site)
            with site.counters.counted() as cost:
                decline()
            costs.append(cost)
    Growth(["one auction", "two auctions", "three auctions"], costs).stays(rows_read=1, rows_fetched=1)


def test_showing_an_award_costs_the_same_at_every_size(sites: Sites, holders: Holders) -> None:
    def prepare(site: FilledSite) -> Callable[[], Result]:
        return command("award show", str(holders.next(site)[1]))(site)

    # The people directly before the holder are looked at, twenty at most.
    sites.cost_of(prepare, sizes=SIZES).stays(rows_fetched=6)


def test_revoking_an_award_costs_the_same_for_any_number_of_bidders(sites: Sites, holders: Holders) -> None:
    def prepare(site: FilledSite) -> Callable[[], Result]:
        act = command("award revoke", str(holders.next(site)[1]), *WHY)(site)
        # A job that waits already is not queued again.
        site.counters.queue.flushall()
        return act

    sites.cost_of(prepare, warm=False, sizes=SIZES[:2]).stays()


def test_the_page_that_asks_for_a_proof_costs_the_same_at_every_size(sites: Sites, holders: Holders) -> None:
    def prepare(site: FilledSite) -> Callable[[], TestResponse]:
        person, award = holders.next(site)
        browser = site.browser(person)

        def read() -> TestResponse:
            answer = browser.get(f"/awards/{award}/confirm")
            assert answer.status_code == 200, answer.status
            return answer

        return read

    sites.cost_of(prepare, sizes=SIZES).stays()
