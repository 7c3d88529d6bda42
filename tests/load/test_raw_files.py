"""Raw files: read back as they were written, and refused when they are broken."""

import gzip
import math
import statistics
from pathlib import Path

import pytest

from lab.history import FAIL, OK, UNKNOWN
from lab.load import raw
from lab.load.bid_answers import Bid, operations
from lab.load.figures import dropped, turn_figures
from lab.load.raw import Answer, RawTurn
from lab.load.waits import percentile

BODY = (
    '{"outcome": "accepted", "sequence": 7, "amount": 102000, "rank": 1, "winning": true, "chances_left": 2, '
    '"cutoff": 100000, "ends_at": "2026-11-27T19:57:48.060Z", "replayed": false}'
)
REFUSAL = '{"outcome": "refused", "reason": "not_above_own", "message": "…", "chances_left": 1}'


def raw_turn(answers: list[Answer], **changes: object) -> RawTurn:
    facts = {"rate": 10, "seconds": 2, "ledger_bids": 2, "recorded_after_s": 0.4, "backlog": [[0.0, 1], [1.0, 5]]}
    facts |= {"client": {"cpu_seconds": 1.5, "seconds": 3.0, "cores": 1}, "cpu_seconds": {"web": 0.5}, "violations": []}
    return RawTurn(facts | changes, {"metrics": {"dropped_iterations": {"values": {"count": 4}}}}, answers)


def answer(status: int, waited_ms: float = 10.0) -> Answer:
    return Answer(1_000, 1_010, 2, status, waited_ms, BODY if status == 201 else "")


def test_answers_are_read_back_from_their_compressed_lines(tmp_path: Path) -> None:
    lines = tmp_path / "answers.tsv"
    lines.write_text(f"1000\t1012\t2\t201\t11.250\t{BODY}\n1001\t6001\t3\t0\t5000.000\trequest timeout\n")
    packed = raw.compress(lines)
    assert not lines.exists()
    first, second = raw.read_answers(packed)
    assert first == Answer(1000, 1012, 2, 201, 11.25, BODY)
    assert (second.status, second.waited_ms, second.body) == (0, 5000.0, "request timeout")


def test_equal_answers_make_equal_files(tmp_path: Path) -> None:
    packed = []
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "answers.tsv").write_text("1\t2\t3\t201\t1.0\t\n")
        packed.append(raw.compress(tmp_path / name / "answers.tsv").read_bytes())
    assert packed[0] == packed[1]


@pytest.mark.parametrize("text", ["", "torn", "1000\t1001\t2\t201", "1000\t1001\tx\t201\t1.0\t{}"])
def test_a_line_that_is_no_answer_is_named(tmp_path: Path, text: str) -> None:
    path = tmp_path / "answers.tsv.gz"
    path.write_bytes(gzip.compress(f"1000\t1001\t1\t201\t1.0\t\n{text}\n".encode()))
    with pytest.raises(ValueError, match=r"answers\.tsv\.gz:2 is no answer"):
        raw.read_answers(path)


@pytest.mark.parametrize("text", ["{", "[]", ""])
def test_a_broken_document_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "turn.json").write_text(text)
    with pytest.raises(ValueError, match=r"turn\.json"):
        raw.read_json(tmp_path / "turn.json")


def test_an_interrupted_system_and_an_interrupted_turn_do_not_count(tmp_path: Path) -> None:
    for system, is_finished in (("row-lock", True), ("architecture", False)):
        for number, has_facts in ((1, True), (2, False)):
            folder = tmp_path / system / f"turn-{number:02}-rate-10"
            folder.mkdir(parents=True)
            (folder / "answers.tsv").write_text(f"1000\t1012\t2\t201\t11.250\t{BODY}\n")
            raw.compress(folder / "answers.tsv")
            raw.write_json(folder / "k6.json", {"metrics": {}})
            if has_facts:
                raw.write_json(folder / "turn.json", {"rate": 10})
        if is_finished:
            raw.write_json(tmp_path / system / "system.json", {"title": "A"})
    systems = raw.read_systems(tmp_path, ["row-lock", "architecture", "procedure"])
    assert [(each.name, len(each.turns)) for each in systems] == [("row-lock", 1)]


def test_refusals_are_neither_errors_nor_throughput() -> None:
    figures = turn_figures(raw_turn([answer(201), answer(422), answer(422), answer(201)]))
    assert (figures.accepted, figures.accepted_per_second) == (2, 1.0)
    assert (figures.refused, figures.errors, figures.turn.error_share) == (2, {}, 0.0)


@pytest.mark.parametrize("status", [0, 400, 401, 429, 500, 503, 504])
def test_whatever_is_neither_accepted_nor_refused_is_an_error(status: int) -> None:
    figures = turn_figures(raw_turn([answer(201), answer(status), answer(422), answer(201)]))
    assert (figures.errors, figures.turn.error_share) == ({status: 1}, 0.25)


def test_throughput_is_what_the_ledger_holds_and_not_what_the_client_counts() -> None:
    figures = turn_figures(raw_turn([answer(201)] * 100, ledger_bids=40))
    assert (figures.accepted, figures.accepted_per_second) == (40, 20.0)


def test_processor_time_is_told_per_accepted_bid() -> None:
    figures = turn_figures(raw_turn([answer(201), answer(422), answer(0), answer(201)], cpu_seconds={"web": 0.5}))
    assert figures.cpu_ms == {"web": 250.0}


def test_answers_that_come_after_the_last_request_lengthen_the_turn() -> None:
    late = Answer(2_900, 5_000, 3, 201, 2_100.0, BODY)
    assert turn_figures(raw_turn([answer(201), late])).accepted_per_second == 2 / 4


def test_a_turn_without_any_answer_failed_as_a_whole() -> None:
    figures = turn_figures(raw_turn([], ledger_bids=0))
    assert figures.turn.error_share == 1.0
    assert (figures.mean_ms, figures.cpu_ms) == (0.0, {})


def test_the_client_share_counts_the_cores_that_the_client_was_allowed() -> None:
    client = {"cpu_seconds": 3.0, "seconds": 2.0, "cores": 2}
    assert turn_figures(raw_turn([answer(201)], client=client)).turn.client_cpu_share == 0.75
    assert turn_figures(raw_turn([answer(201)])).turn.dropped == 4
    assert dropped({"metrics": {}}) == 0


@pytest.mark.parametrize("count", [1, 2, 19, 20, 21, 100, 1_001])
@pytest.mark.parametrize("share", [0.5, 0.95, 0.99])
def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed(count: int, share: float) -> None:
    values = [float(value) for value in range(1, count + 1)]
    chosen = percentile(values, share)
    assert sum(value <= chosen for value in values) >= share * count
    assert chosen == 1 or sum(value <= chosen - 1 for value in values) < share * count


def test_percentiles_and_mean_count_every_answer_errors_included() -> None:
    answers = [answer(201, float(value)) for value in range(1, 100)] + [answer(0, 5_000.0)]
    figures = turn_figures(raw_turn(answers))
    assert (figures.p50_ms, figures.p95_ms, figures.p99_ms, figures.longest_ms) == (50, 95, 99, 5_000)
    assert math.isclose(figures.mean_ms, statistics.fmean(each.waited_ms for each in answers))


def test_answers_become_operations_that_the_checkers_understand() -> None:
    answers = [
        Answer(2_000, 2_020, 1, 201, 12.0, BODY),
        Answer(1_000, 1_004, 0, 422, 3.0, REFUSAL),
        Answer(3_000, 8_000, 2, 0, 5_000.0, "request timeout"),
    ]

    def bid_of(answer: Answer) -> Bid:
        return Bid(5, 70 + answer.row % 2, 100_000 + 1_000 * answer.row, f"row-{answer.row}")

    page = Answer(900, 950, 9, 200, 50.0, "", "bid.page")
    refused, accepted, lost = operations([page, *answers], bid_of)
    assert (refused.outcome, refused.answer, refused.question["person"]) == (FAIL, {"reason": "not_above_own"}, 70)
    assert accepted.question == {"auction": 5, "person": 71, "amount": 101_000, "request_id": "row-1", "sure": 101_000}
    assert (accepted.outcome, accepted.answer["sequence"], accepted.answer["nth"]) == (OK, 7, 1)
    assert accepted.answer["ends_at_ms"] == 1_795_809_468_060
    # By the script's clock, of whole milliseconds, and not by the tool's account of the request, which leaves out the
    # time before and after it.
    assert (accepted.invoked, accepted.completed) == (2_000_000_000, 2_021_000_000)
    assert (lost.outcome, lost.completed, lost.question["person"]) == (UNKNOWN, None, 70)
