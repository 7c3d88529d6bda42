"""What a bid costs at any size: no SQL and one round trip, for somebody whom the auction knows."""

from collections.abc import Callable
from itertools import count
from math import log2

from werkzeug.test import TestResponse

from lab.filling.auctions import MINIMUM, STEP
from tests.staging.sizes import FilledSite, Sites

_requests = count(1)


def first_bids_of_a_stranger(site: FilledSite) -> Callable[[], TestResponse]:
    """Each call bids 5,000 won more than the last. The auction was opened in this browser before."""
    person = site.strangers[2]
    browser = site.browser(person)
    address = f"/auctions/{site.running.id}"
    assert browser.get(address).status_code == 200
    amounts = count(MINIMUM, STEP)

    def bid() -> TestResponse:
        form = {"amount": str(next(amounts)), "request_id": f"size-{next(_requests)}", "csrf_token": site.token(person)}
        answer = browser.post(f"{address}/bids", data=form, headers={"Accept": "application/json"})
        assert answer.status_code == 201, answer.get_data(as_text=True)
        return answer

    return bid


def test_a_bid_costs_no_sql_and_one_round_trip_at_every_size(sites: Sites) -> None:
    bid = sites.cost_of(first_bids_of_a_stranger)
    bid.grows_by_at_most(log2(100)).never_exceeds(statements=0, round_trips=1, queue_commands=0)
