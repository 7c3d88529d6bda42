"""The watch tells of a weak database once, looks again each minute, and tells when that is over."""

import logging

import pytest
from flask import Flask

from cashticket.models import durability
from cashticket.work.watch.weak_database import LOOK_SECONDS, WeakDatabase


def test_a_database_that_goes_on_without_its_replica_is_told_of_until_it_does_not(
    app: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    risks, moment, expected = ["it fell back"], [0.0], []

    def loss_risks(connection: object, replicas: int) -> list[str]:
        expected.append(replicas)
        return list(risks)

    monkeypatch.setattr(durability, "loss_risks", loss_risks)
    weak_database = WeakDatabase(lambda: moment[0])
    with caplog.at_level(logging.WARNING):
        weak_database.look()
        weak_database.look()
        assert len(expected) == 1, "one look a minute"
        moment[0] = LOOK_SECONDS
        weak_database.look()
        risks.clear()
        moment[0] *= 2
        weak_database.look()
    assert expected == [0, 0, 0]
    assert [each.message for each in caplog.records if "recorded bids" in each.message] == [
        "the database may lose recorded bids: it fell back",
        "over: the database may lose recorded bids: it fell back",
    ]
