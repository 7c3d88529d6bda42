"""The shipped costs, and the errors on the page about scaling, come out of the published measurements."""

import json

from cashticket.capacity.costs import shipped
from lab.load import held_out
from lab.load.unit_costs import SHIPPED, figures, slope


def test_every_shipped_cost_comes_out_of_the_published_files() -> None:
    assert json.loads(SHIPPED.read_text(encoding="utf-8"))["figures"] == figures()


def test_every_cost_names_where_it_comes_from() -> None:
    for name, source in shipped().sources.items():
        assert source.file and source.commit and source.machine and source.how, name
        assert held_out.SLOW_DISK not in source.file and held_out.SERVERS not in source.file, name


def test_the_errors_on_the_page_are_those_of_the_runs_that_were_left_out() -> None:
    page = held_out.PAGE.read_text(encoding="utf-8")
    assert page.partition(held_out.BEGINS)[2].partition(held_out.ENDS)[0].strip() == held_out.table()


def test_two_costs_are_found_in_points_that_have_them() -> None:
    one, two = slope([(1, 10, 2 + 50), (2, 30, 4 + 150), (5, 20, 10 + 100)])
    assert abs(one - 2) < 1e-9 and abs(two - 5) < 1e-9
