"""`make run` starts everything and keeps it running until a signal; a second run finds the same data."""

import json
import os
import re
import shutil
import signal
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cashticket import config, create_app
from cashticket.cli.demo.browser import Browser
from lab.servers.checkout import STOP_SECONDS, Checkout
from lab.waiting import wait_until
from tests.fixtures.databases import make_environment

pytestmark = [
    pytest.mark.sweep,
    pytest.mark.timeout(400),
    pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed: apt install make"),
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes through /proc"),
]
PARTS = (
    "embedded_store|redis-server|valkey-server",
    "gunicorn",
    "worker.py bids",
    "worker.py settlement",
    "worker.py checks",
    "worker.py mail",
    "worker.py push",
)
OTHER_PARTS = ("close-due --watch", "demo bots")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Checkout]:
    """A running demo. Its folder has a space in its name, as a desktop may have."""
    checkout = Checkout(tmp_path_factory.mktemp("demo") / "my tickets")
    try:
        yield checkout.start()
    finally:
        checkout.remove()


def auctions(checkout: Checkout) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(checkout.flask("auction", "list", "--json"))
    return rows


def is_ready(checkout: Checkout) -> bool:
    try:
        with urllib.request.urlopen(f"{checkout.url}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def test_every_part_is_running(demo: Checkout) -> None:
    for part in (*PARTS, *OTHER_PARTS):
        wait_until(lambda part=part: demo.process(part), part)


def test_nothing_but_the_port_on_loopback_is_open(demo: Checkout) -> None:
    assert demo.addresses() == {f"0100007F:{demo.port:04X}"}


def test_the_printed_log_ins_open_the_door(demo: Checkout) -> None:
    log_ins = re.findall(r"^ +(\S+@\S+) +(\S+)$", demo.output, re.MULTILINE)
    assert len(log_ins) >= 2
    for email, password in log_ins:
        # Not signed in, the page with the offers would be refused.
        Browser(demo.url, email, password).offers()
    with pytest.raises(urllib.error.HTTPError):
        Browser(demo.url, log_ins[0][0], "not the password").offers()


def test_robots_bid_and_the_ledger_hears_of_it(demo: Checkout) -> None:
    def bidding() -> bool:
        running = [auction for auction in auctions(demo) if auction["state"] == "open" and auction["recorded"]]
        return any(auction["bidders"] >= 2 for auction in running)

    wait_until(bidding, "recorded bids of two robots", 90)


def test_a_part_that_dies_comes_back(demo: Checkout) -> None:
    before = demo.process("gunicorn")
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait_until(
        lambda: "web        | ended (killed by SIGKILL); starting it again" in demo.output, "notice of the death"
    )
    wait_until(lambda: demo.process("gunicorn") and is_ready(demo), "a web process again", 60)
    assert demo.process("gunicorn") != before


def test_a_second_run_in_the_same_folder_is_refused_in_one_line(demo: Checkout) -> None:
    (line,) = demo.fails()
    assert "running from this folder already" in line


def test_a_port_in_use_is_refused_in_one_line(demo: Checkout, tmp_path: Path) -> None:
    other = Checkout(tmp_path / "other")
    (line,) = other.fails(f"PORT={demo.port}")
    assert f"Port {demo.port}" in line
    assert "make run PORT=" in line
    assert not other.processes()


def test_an_interrupt_ends_everything_and_a_second_run_finds_it_again(demo: Checkout) -> None:
    """The signal goes to make alone, as `kill -INT` sends it; a Ctrl+C reaches make's children as well."""
    before = auctions(demo)
    assert demo.make is not None
    demo.make.send_signal(signal.SIGINT)
    demo.make.wait(STOP_SECONDS)
    assert demo.processes() == {}
    assert "CashTicket has ended. Its data is in instance/" in demo.output
    demo.start()
    after = auctions(demo)
    assert [auction["id"] for auction in after] == [auction["id"] for auction in before]
    assert all(new["accepted"] >= old["accepted"] for new, old in zip(after, before, strict=True))
    os.killpg(demo.make.pid, signal.SIGINT)
    demo.make.wait(STOP_SECONDS)
    assert demo.processes() == {}


@pytest.mark.parametrize("what", ["up", "seed", "bots"])
def test_the_demo_is_refused_in_production(tmp_path: Path, what: str) -> None:
    environment = make_environment(f"sqlite:///{tmp_path / 'none.db'}", "unix:///nowhere.sock")
    app = create_app(replace(config.load(environment, tmp_path / "instance"), app_env="production"))
    answer = app.test_cli_runner().invoke(args=["demo", what])
    assert answer.exit_code != 0
    assert "refused in production" in answer.output
