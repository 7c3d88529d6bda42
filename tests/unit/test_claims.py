"""The table of what pages may say of an auction can fail, and nothing in it is true of nothing."""

from itertools import combinations, product

import pytest

from tests.staging.claims import BY_NAME, CLAIMS, Claim, Facts, contradictions, said

PHASES = ("coming", "open", "paused", "closing", "settled", "voided", "away")
PLACES = (
    *("none", "winning", "out", "won", "offered", "bought", "run_out", "waiting", "declined", "lapsed", "cancelled"),
    *("void", "unknown"),
)


def test_no_auction_is_coming_and_running_and_over_at_once() -> None:
    for one, other in combinations(("coming", "running", "over"), 2):
        assert not [each for each in PHASES if BY_NAME[one].holds(Facts(each)) and BY_NAME[other].holds(Facts(each))]


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.name)
def test_every_claim_is_true_of_some_facts_and_false_of_others(claim: Claim) -> None:
    facts = [
        Facts(phase, place, chances, is_extended=is_extended)
        for phase in PHASES
        for place in PLACES
        for chances, is_extended in product((0, 2), (False, True))
    ]
    assert {claim.holds(each) for each in facts} == {True, False}


@pytest.mark.parametrize(
    ("text", "language", "facts"),
    [
        ("진행 중 마감됨", "ko", Facts("open")),
        ("낙찰 순위 안이에요", "ko", Facts("open", "out", 2)),
        ("You’re winning", "en", Facts("closing", "winning", 2)),
        ("남은 기회 2/3", "ko", Facts("open", "winning", 1)),
        ("VIP-1 구매 완료", "ko", Facts("settled", "won", 2)),
        ("You’ve been outbid", "en", Facts("open", "winning", 2)),
        ("[순위 밖] 한강의 밤", "ko", Facts("open", "winning", 2)),
        ("10분 연장됨", "ko", Facts("open")),
    ],
)
def test_a_contradiction_is_seen(text: str, language: str, facts: Facts) -> None:
    assert contradictions(text, language, facts, own=True)


@pytest.mark.parametrize("condition", ["if you’re", "if you're", "if I’m", "if I'm"])
def test_what_would_be_said_of_being_outbid_is_no_claim(condition: str) -> None:
    assert not contradictions(f"Alert me {condition} outbid", "en", Facts("open", "winning", 2), own=True)


def test_what_nobody_sees_is_not_said() -> None:
    page = '<main><p hidden>무효</p><template><b>마감됨</b></template><p class="story">포기</p>진행 중</main>'
    assert said(page) == "진행 중"
