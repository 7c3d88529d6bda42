"""`flask ops capacity`: servers for a crowd, as text and as JSON."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from cashticket import config, create_app
from lab.load import held_out, scaling_page


@pytest.fixture(scope="module")
def unconnected(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application with no database and no store: this command asks neither."""
    instance: Path = tmp_path_factory.mktemp("unconnected")
    environ = {
        "APP_ENV": "testing",
        "SECRET_KEY": "read-only",
        "DATABASE_URL": f"sqlite:///{instance / 'none.db'}",
        "REDIS_URL": f"unix://{instance / 'none.sock'}",
    }
    return create_app(config.load(environ, instance))


def run(unconnected: Flask, *more: str) -> Result:
    words = ["--fans", "100000", "--auctions", "2", "--seats", "200", *more]
    return unconnected.test_cli_runner().invoke(args=["ops", "capacity", *words])


def test_json_has_tiers_ceilings_settings_bounds_and_sources(unconnected: Flask) -> None:
    plan = json.loads(run(unconnected, "--json").stdout)
    names = {each["name"] for each in plan["tiers"]}
    assert names == {"nginx", "web", "live", "live store", "queue store", "workers", "database"}
    assert plan["first_full"]["tier"] in names and plan["first_single_full"]["tier"] == "live store"
    assert plan["auction_bids_a_second_most"] > 0 and plan["settings"] and plan["bounds"]
    assert all({"file", "commit", "machine"} <= source.keys() for source in plan["sources"].values())


def test_an_option_changes_what_it_names(unconnected: Flask) -> None:
    usual = json.loads(run(unconnected, "--json").stdout)["peaks"]
    other = json.loads(run(unconnected, "--json", "--sign-ins", "600", "--watching", "10").stdout)["peaks"]
    assert (usual["sockets"], other["sockets"], other["sign_ins"]) == (60_000, 10_000, 10)


@pytest.mark.parametrize("words", [("--fans", "0"), ("--bids-each", "4"), ("--limit", "nan"), ("--watching", "x")])
def test_bad_input_ends_with_one_clear_line(unconnected: Flask, words: tuple[str, str]) -> None:
    result = run(unconnected, *words)
    assert result.exit_code != 0 and result.stdout == ""
    assert words[0] in result.stderr.splitlines()[-1]


def test_the_sizes_on_the_page_are_what_the_command_prints(unconnected: Flask) -> None:
    page = held_out.PAGE.read_text(encoding="utf-8")

    def output_of(words: list[str]) -> str:
        result = unconnected.test_cli_runner().invoke(args=words)
        assert result.exit_code == 0, result.output
        return result.stdout

    assert scaling_page.with_outputs(page, output_of) == page
