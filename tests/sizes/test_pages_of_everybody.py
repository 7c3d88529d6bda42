"""What pages that anybody may read cost at any size."""

from collections.abc import Callable
from typing import Any

import pytest

from cashticket.catalogue.poster_previews import name_of
from cashticket.wiring import page_cache
from cashticket.work.closing import close_and_settle
from tests.staging.sizes import FilledSite, Sites, page

PAGES = (
    "/",
    "/concerts/",
    "/concerts/?q=여름",
    "/concerts/{running.concert_id}",
    "/concerts/{settled.concert_id}",
    "/on-now?lang=ko",
    "/concerts/listing?lang=ko",
    "/concerts/listing?lang=ko&q=여름",
    "/concerts/{running.concert_id}/auctions?lang=ko",
    "/concerts/{running.concert_id}/poster.svg",
    "/login",
    "/signup",
    "/reset",
    "/help",
    "/terms",
    "/privacy",
    "/refunds",
    "/robots.txt",
    "/favicon.ico",
    "/.well-known/security.txt",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_for_everybody_costs_the_same_at_every_size(sites: Sites, path: str) -> None:
    sites.cost_of(page(path)).stays()


def test_the_picture_of_a_shared_link_costs_the_same_at_every_size(sites: Sites) -> None:
    def picture(site: FilledSite) -> Callable[[], Any]:
        concert, browser = site.running.concert_id, site.browser()
        return lambda: browser.get(f"/concerts/{concert}/preview-{name_of(concert, None)}.png", buffered=True)

    # Other concerts have other shapes, so their files differ.
    sites.cost_of(picture).stays(answer_bytes=10).never_exceeds(statements=1)


def test_past_results_cost_the_same_at_every_size(sites: Sites) -> None:
    """A concert's page of which nothing is kept, while three auctions of its artist are settled."""

    def renewed(site: FilledSite) -> Callable[[], Any]:
        for _ in range(2):
            close_and_settle(site.app.extensions["engine"], site.fill(ends_in_ms=-1_000).id)
        assert site.settled
        site.analyze()
        read = page("/concerts/{running.concert_id}")(site)

        def read_anew() -> Any:
            page_cache().drop()
            answer = read()
            assert "past-title" in answer.text
            return answer

        return read_anew

    sites.cost_of(renewed).stays().never_exceeds(statements=5, rows_read=400)
