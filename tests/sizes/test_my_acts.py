"""What a person's own acts cost at any size of the auctions that they bid in."""

from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from cashticket.work.changing_people import Bound, close_account
from tests.staging.sizes import FilledSite, Sites


def act(
    path: str, person: Callable[[FilledSite], int], status: int, **fields: str
) -> Callable[[FilledSite], Callable[[], TestResponse]]:
    """Sending a form of one's own; its values may hold `{running}`. The answer must have this status."""

    def prepare(site: FilledSite) -> Callable[[], TestResponse]:
        who = person(site)
        browser = site.browser(who)
        form = {name: site.address(value) for name, value in fields.items()} | {"csrf_token": site.token(who)}

        def send() -> TestResponse:
            answer = browser.post(path, data=form)
            assert answer.status_code == status, answer.get_data(as_text=True)[:500]
            return answer

        return send

    return prepare


def bidder(site: FilledSite) -> int:
    return site.bidders[11]


def test_marking_notices_as_read_costs_the_same_at_every_size(sites: Sites) -> None:
    sites.cost_of(act("/me/notifications", bidder, 303, through="9007199254740991")).stays()


def test_closing_an_alert_costs_the_same_at_every_size(sites: Sites) -> None:
    sites.cost_of(act("/me/notifications/rank-outs", bidder, 200, auction="{running}", sequence="1")).stays()


def test_an_account_whose_bid_stands_is_not_closed_at_the_same_cost_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], None]:
        person = bidder(site)
        site.browser(person)
        assert site.running

        def close() -> None:
            with pytest.raises(Bound):
                close_account(site.app.extensions["engine"], person, f"bench-{person}")

        return close

    sites.cost_of(prepare).stays()
