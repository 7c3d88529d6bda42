"""A process that cannot write down the bids it accepts says so to operators and goes on taking bids."""

import json

import pytest
from flask import Flask

from cashticket.wiring import current_witness
from cashticket.witness.writer import WitnessCondition
from tests.fixtures.people import Browser


def witness_says(monkeypatch: pytest.MonkeyPatch, condition: WitnessCondition) -> None:
    monkeypatch.setattr(current_witness(), "condition", lambda: condition)


def part(client: Browser) -> tuple[int, dict[str, object]]:
    """The status of /readyz and what it says of the witness."""
    answer = client.get("/readyz")
    return answer.status_code, json.loads(answer.data)["parts"]["witness"]


def test_a_process_that_was_not_started_as_a_witness_says_so(app: Flask, client: Browser) -> None:
    assert part(client)[1] == {"ok": True, "running": False, "unwritten": 0, "written_seconds_ago": 0, "warnings": []}


def test_a_witness_that_cannot_write_is_a_warning(app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    witness_says(monkeypatch, WitnessCondition(True, 12.5, 3, "the disk is full"))
    status, witness = part(client)
    assert (status, witness["ok"], witness["unwritten"], witness["written_seconds_ago"]) == (200, True, 3, 12.5)
    assert witness["warnings"] == ["accepted bids are not witnessed: the disk is full"]


def test_the_witness_is_among_the_figures(app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    witness_says(monkeypatch, WitnessCondition(True, 12.5, 3, "the disk is full"))
    figures = client.get("/metrics").text.splitlines()
    assert "cashticket_witness_written_seconds_ago 12.5" in figures and "cashticket_witness_unwritten 3.0" in figures
