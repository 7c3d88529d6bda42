"""From measured costs to servers: loads, servers, the tier that is full first, and the ceiling of one auction."""

from dataclasses import replace

import pytest

from cashticket.capacity.advice import THEN, bounds, settings_for
from cashticket.capacity.costs import Costs, shipped
from cashticket.capacity.crowd import Crowd, peaks_of
from cashticket.capacity.plan import SINGLE, Plan, Server, highest_that_holds, plan_for
from cashticket.capacity.tiers import loads

CROWD = Crowd(fans=100_000, auctions=1, seats=200, sign_ins=5_000)


def plan_of(**changes: float) -> Plan:
    return plan_for(replace(CROWD, **changes), Server(), shipped())  # type: ignore[arg-type]


def test_peaks_are_what_the_assumptions_say() -> None:
    peaks = peaks_of(CROWD)
    assert (peaks.bids, peaks.sockets, peaks.pages, peaks.outcomes) == (300.0, 60_000.0, 1_000.0, 500.0)
    assert peaks.sign_ins == pytest.approx(5_000 / 60)
    assert peaks_of(replace(CROWD, auctions=10)).auction_bids == 30.0


def test_between_two_measured_rates_a_tier_takes_what_lies_between() -> None:
    costs = Costs({}, {"web": ((100.0, 1.0), (200.0, 0.5))}, {})
    assert [costs.bid_cores("web", rate) for rate in (0, 50, 150, 400)] == [0, 0.5, 0.75, 1.0]
    assert [costs.most_bid_cores("web", rate) for rate in (50, 150, 200, 400, 800)] == [0.5, 1.0, 1.0, 1.0, 2.0]


def test_twice_the_sign_ins_take_twice_the_cores_of_web_before_the_opening() -> None:
    one, two = (loads(replace(CROWD, sign_ins=each), shipped(), 0.7)["web"][0] for each in (5_000, 10_000))
    assert two.cores == pytest.approx(2 * one.cores) and one.moment == "opening"


def test_no_tier_is_used_above_the_limit_where_servers_help() -> None:
    for fans in (1, 10_000, 100_000, 500_000, 5_000_000):
        plan = plan_for(CROWD.of(fans), Server(), shipped())
        assert all(each.used <= 0.7 + 1e-9 for each in plan.tiers), fans


def test_one_server_holds_exactly_as_many_fans_as_it_says() -> None:
    for tier in plan_of().tiers:
        for fans, servers in ((tier.one_server_fans, 1), (tier.one_server_fans + 1, 2)):
            again = plan_for(CROWD.of(fans), Server(), shipped())
            assert next(each.servers for each in again.tiers if each.name == tier.name) == servers, tier.name


def test_the_live_store_is_too_much_for_one_core_and_no_server_helps() -> None:
    plan = plan_for(CROWD.of(500_000), Server(), shipped())
    assert plan.first_single.name == "live store"
    assert [each.name for each in plan.tiers if not each.fits] == ["live store"]
    assert plan.auction_bids_most < plan.peaks.auction_bids


def test_more_live_processes_lower_the_ceiling_of_an_auction() -> None:
    few, many = (plan_of(fans=fans).auction_bids_most for fans in (1_000, 2_000_000))
    assert many < few


def test_a_larger_auction_sends_longer_boards() -> None:
    small, large = (next(t for t in plan_of(seats=seats).tiers if t.name == "live") for seats in (20, 21))
    assert large.network_mbit > 1.5 * small.network_mbit


def test_nobody_who_bids_or_watches_needs_one_server_of_each() -> None:
    plan = plan_of(bidding=0.0, watching=0.0, sign_ins=0.0)
    assert {each.servers for each in plan.tiers} == {1}


def test_what_is_beyond_the_measurements_is_said() -> None:
    small, large = (bounds(plan_of(fans=fans, sign_ins=fans / 1000), shipped()) for fans in (1_000, 1_000_000))
    assert sum("of this plan are extrapolated" in line for line in large) == 3
    assert not any("of this plan are extrapolated" in line for line in small)


def test_every_tier_has_advice_and_the_database_enough_connections() -> None:
    plan = plan_of(fans=500_000)
    assert {each.name for each in plan.tiers} == set(THEN) and set(SINGLE) <= set(THEN)
    connections = next(each for each in settings_for(plan, 8) if each.name == "max_connections")
    assert int(connections.value) >= 20 * (plan.web_processes + plan.live_processes)


def test_the_highest_number_that_holds_is_found() -> None:
    assert [highest_that_holds(lambda n, top=top: n <= top, 100) for top in (0, 1, 57, 100, 200)] == [
        0,
        1,
        57,
        100,
        100,
    ]
