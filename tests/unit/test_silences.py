"""Which part of a time without orders an auction gets back (rule 19)."""

import pytest

from cashticket.auction.outages import AWAY_MS, Outage, Silence, longest_part, uncovered

SILENCE = Silence(100_000, 140_000)


@pytest.mark.parametrize(
    ("accepted_ms", "part"),
    [
        ([], SILENCE),
        ([99_000, 100_000, 140_000, 141_000], SILENCE),
        ([100_700], Silence(100_700, 140_000)),
        ([139_200], Silence(100_000, 139_200)),
        ([139_500, 100_700, 139_200], Silence(100_700, 139_200)),
    ],
)
def test_bids_at_its_edges_shorten_it(accepted_ms: list[int], part: Silence) -> None:
    assert longest_part(SILENCE, accepted_ms) == part


def test_bids_all_along_leave_nothing() -> None:
    assert longest_part(SILENCE, range(100_000, 140_000, AWAY_MS)) is None
    assert longest_part(SILENCE, range(100_000, 140_000, AWAY_MS + 1)) is not None


def outage(began_ms: int, ended_ms: int) -> Outage:
    return Outage(1, began_ms, ended_ms, 200_000, 210_000, "disk")


@pytest.mark.parametrize(
    ("given_ms", "stopped_ms", "last", "part"),
    [
        (0, None, None, SILENCE),
        (110_000, None, None, Silence(110_000, 140_000)),
        (0, 139_000, None, Silence(100_000, 139_000)),
        (0, None, outage(50_000, 101_000), Silence(101_000, 140_000)),
        (0, None, outage(138_000, 150_000), Silence(100_000, 138_000)),
        (0, None, outage(50_000, 60_000), SILENCE),
    ],
)
def test_no_part_is_given_back_twice(given_ms, stopped_ms, last, part) -> None:
    assert uncovered(SILENCE, given_ms, stopped_ms, last) == part


def test_what_is_covered_is_empty() -> None:
    for given_ms, stopped_ms, last in [(140_000, None, None), (0, 90_000, None), (0, None, outage(90_000, 150_000))]:
        rest = uncovered(SILENCE, given_ms, stopped_ms, last)
        assert rest.ended_ms <= rest.began_ms
