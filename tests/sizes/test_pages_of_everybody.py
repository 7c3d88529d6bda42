"""What pages that anybody may read cost at any size."""

import pytest

from tests.staging.sizes import Sites, page

PAGES = (
    "/",
    "/concerts/",
    "/concerts/?q=여름",
    "/concerts/{running.concert_id}",
    "/concerts/{settled.concert_id}",
    "/concerts/{running.concert_id}/poster.svg",
    "/login",
    "/signup",
    "/reset",
    "/robots.txt",
    "/favicon.ico",
    "/.well-known/security.txt",
)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_for_everybody_costs_the_same_at_every_size(sites: Sites, path: str) -> None:
    sites.cost_of(page(path)).stays()
