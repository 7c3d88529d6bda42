"""The commands of docs/logging.md find a theft in real lines."""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask

from lab.servers.processes import ROOT
from tests.fixtures.logs import LogLines
from tests.fixtures.people import Browser, make_person, sign_in
from tests.security.limited import CAFE, HOME, browser_at, fail

# The kind of database changes nothing here.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

MISSING = "jq is not installed: apt install jq"
BLOCK = re.compile(r"```sh\n(.*?)```", re.DOTALL)


def recipes() -> list[str]:
    """The shell blocks of the chapter, in order."""
    chapter = (ROOT / "docs" / "logging.md").read_text(encoding="utf-8").partition("## Finding out")[2]
    return BLOCK.findall(chapter)


@pytest.fixture
def shell(tmp_path: Path, database_url: str) -> Callable[[str], str]:
    """Runs a block in a folder with the lines of the test in lines.txt. Returns what it prints."""
    if shutil.which("jq") is None:
        pytest.fail(MISSING) if os.environ.get("CI") == "true" else pytest.skip(MISSING)

    def run(block: str) -> str:
        result = subprocess.run(["sh", "-e", "-c", block], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout

    return run


def test_when_and_from_where_a_thief_came(
    app: Flask, log_lines: LogLines, tmp_path: Path, shell: Callable[[str], str]
) -> None:
    app.test_client_class = Browser
    alice, bob = make_person("alice"), make_person("bob")
    sign_in(browser_at(app, HOME), "alice")
    thief = browser_at(app, CAFE)
    fail(thief, 2)
    sign_in(thief, "alice")
    fail(browser_at(app, CAFE), 1, "bob@example.com")
    sign_in(browser_at(app, HOME), "bob")
    (tmp_path / "lines.txt").write_text("a line that is no JSON\n" + log_lines.text)
    printed = app.test_cli_runner().invoke(args=["user", "marks", "alice@example.com", "--json"]).stdout
    account = re.search(r'"account": "([0-9a-f]+)"', printed)
    assert account is not None
    in_order, by_code, _, of_account, of_network = recipes()
    shell(in_order.splitlines()[1])
    rows = [row.split("\t") for row in shell(filled(of_account, alice.id, account.group(1))).splitlines()]
    assert [(row[1], row[2]) for row in rows] == [
        ("sign_in.ok", "203.0.113.0/24"),
        ("sign_in.failed", "198.51.100.0/24"),
        ("sign_in.failed", "198.51.100.0/24"),
        ("sign_in.new_browser", "198.51.100.0/24"),
        ("sign_in.ok", "198.51.100.0/24"),
    ]
    network = shell(of_network.replace("203.0.113.0/24", "198.51.100.0/24")).splitlines()
    assert len(network) == 5 and str(bob.id) not in {row.split("\t")[2] for row in network}
    code = rows[-1][4]
    found = shell(re.sub('"[0-9a-f]{32}"', f'"{code}"', by_code)).splitlines()
    assert len(found) == 2 and all(code in line for line in found)


def filled(recipe: str, person: int, account: str) -> str:
    return recipe.replace("--argjson person 7", f"--argjson person {person}").replace("5c0a…", account)
