"""The plan of the seats behind nginx: drawn once for everybody, and kept for good under the address that pages name."""

import re
from collections.abc import Callable

import pytest
from flask import Flask

from lab.signed_in import sign_in
from lab.waiting import wait_until
from tests.nginx.front import Front
from tests.staging.final_ranks import add_results, person_of


@pytest.fixture
def results(product: Flask) -> str:
    """The path of the results of an auction of two seats, one behind the other."""
    return f"/auctions/{add_results(3, rows='2x1')}/results"


@pytest.fixture
def plan(front: Front, results: str) -> str:
    """The address of the plan for light screens, as the page has it."""
    found = re.search(r'src="(/auctions/\d+/plan\.svg[^"]+)"', front.ask(results)[1].decode())
    assert found
    return found[1].replace("&amp;", "&")


@pytest.fixture
def cookie(product: Flask, results: str) -> str:
    """The cookie of somebody who bid in the auction and is signed in."""
    return sign_in(product, [person_of(int(results.split("/")[2]), 2)])[0].cookie


def test_a_plan_is_asked_for_once_whoever_looks_at_it(
    front: Front, plan: str, cookie: str, kept: Callable[..., str]
) -> None:
    drawn = front.ask(plan)
    wait_until(lambda: kept(plan) == "HIT", "a plan that is kept")
    assert kept(plan, {"Cookie": cookie}) == kept(plan, {"Accept": "application/json"}) == "HIT"
    for headers in ({}, {"Cookie": cookie}):
        answer, body = front.ask(plan, headers)
        assert (answer.status, body) == (200, drawn[1]) and body.startswith(b"<svg ")
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.headers["Set-Cookie"] is None and "Cookie" not in (answer.headers["Vary"] or "")
        again, nothing = front.ask(plan, headers | {"If-None-Match": answer.headers["ETag"]})
        assert (again.status, nothing) == (304, b"")


def test_light_dark_and_each_language_are_kept_apart(front: Front, plan: str) -> None:
    versions: dict[str, bytes] = {}
    for language in ("ko", "en"):
        for ground in ("light", "dark"):
            wanted = f"{plan.partition('?')[0]}?lang={language}&ground={ground}"
            version = front.ask(wanted)[0].headers["ETag"].strip('W/"')
            versions[f"{wanted}&v={version}"] = front.ask(f"{wanted}&v={version}")[1]
    assert len(versions) == len(set(versions.values())) == 4
    assert all(front.ask(address)[1] == drawn for address, drawn in versions.items())


@pytest.mark.parametrize("spelling", ["", "?lang=ko", "{}&x=1", "{}0", "?lang=ko&ground=light&v=000000000000"])
def test_an_address_that_pages_do_not_name_takes_no_place_in_the_cache(
    plan: str, kept: Callable[..., str], spelling: str
) -> None:
    path, _, query = plan.partition("?")
    asked = path + spelling.format(f"?{query}")
    assert {kept(asked) for _ in range(3)} <= {"BYPASS", "MISS"}


def test_there_is_no_plan_of_seats_without_rows(front: Front, product: Flask) -> None:
    path = f"/auctions/{add_results(3)}/plan.svg"
    assert front.ask(path)[0].status == 404
