"""`flask ops capacity`: servers for a crowd, as text and as JSON."""

import json

import pytest
from click.testing import Result
from flask import Flask


def run(app: Flask, *more: str) -> Result:
    words = ["--fans", "100000", "--auctions", "2", "--seats", "200", *more]
    return app.test_cli_runner().invoke(args=["ops", "capacity", *words])


def test_json_has_tiers_ceilings_settings_bounds_and_sources(app: Flask) -> None:
    plan = json.loads(run(app, "--json").stdout)
    names = {each["name"] for each in plan["tiers"]}
    assert names == {"nginx", "web", "live", "live store", "queue store", "workers", "database"}
    assert plan["first_full"]["tier"] in names and plan["first_single_full"]["tier"] == "live store"
    assert plan["auction_bids_a_second_most"] > 0 and plan["settings"] and plan["bounds"]
    assert all({"file", "commit", "machine"} <= source.keys() for source in plan["sources"].values())


def test_an_option_changes_what_it_names(app: Flask) -> None:
    usual = json.loads(run(app, "--json").stdout)["peaks"]
    other = json.loads(run(app, "--json", "--sign-ins", "600", "--watching", "10").stdout)["peaks"]
    assert (usual["sockets"], other["sockets"], other["sign_ins"]) == (60_000, 10_000, 10)


@pytest.mark.parametrize("words", [("--fans", "0"), ("--bids-each", "4"), ("--limit", "nan"), ("--watching", "x")])
def test_bad_input_ends_with_one_clear_line(app: Flask, words: tuple[str, str]) -> None:
    result = run(app, *words)
    assert result.exit_code != 0 and result.stdout == ""
    assert words[0] in result.stderr.splitlines()[-1]
