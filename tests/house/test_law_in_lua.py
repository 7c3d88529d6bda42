"""The law is said in Python and in Lua; its numbers and words must be the same in both, and in what people read."""

import re

from cashticket.auction import values
from tests.house.source import product_modules, scripts


def test_the_numbers_of_the_law_are_the_same_in_lua() -> None:
    names, numbers = re.findall(r"^local ([A-Z_, ]+) = ([\d, ]+)$", scripts()["place_bid"], re.MULTILINE)[0]
    said = dict(zip(names.split(", "), map(int, numbers.split(", ")), strict=True))
    assert said == {
        "CHANCES": values.CHANCES,
        "SEQUENCE_MAX": values.SEQUENCE_MAX,
        "AMOUNT_MAX": values.AMOUNT_MAX,
        "SHIFT": 2**values.SEQUENCE_BITS,
        "FAR_ABOVE": values.FAR_ABOVE,
    }


def test_every_reason_of_the_law_is_given_in_lua_and_no_other() -> None:
    text = scripts()["place_bid"]
    given = set(re.findall(r"refuse\('(\w+)'\)", text)) | set(re.findall(r"\{'refused', '(\w+)'", text))
    assert given == {reason.value for reason in values.Reason}


def test_every_reason_has_a_sentence_for_people() -> None:
    wording = next(source for source in product_modules() if source.path == "cashticket/blueprints/wording/bids.py")
    unspoken = [reason.name for reason in values.Reason if f"Reason.{reason.name}" not in wording.text]
    assert not unspoken


def test_the_largest_score_is_still_exact_in_a_double() -> None:
    largest = values.AMOUNT_MAX * 2**values.SEQUENCE_BITS + values.SEQUENCE_MAX
    assert largest < 2**53 and float(largest) != float(largest - 1)


def test_no_script_loops_over_bids_while_deciding() -> None:
    assert not re.search(r"\b(for|while|repeat)\b", "\n".join(_code_lines(scripts()["place_bid"])))


def test_no_script_writes_before_its_last_refusal() -> None:
    lines = _code_lines(scripts()["place_bid"])
    writes = [number for number, line in enumerate(lines) if re.search(r"'(ZADD|HSET|RPUSH|PUBLISH|SADD|DEL)'", line)]
    refusals = [
        number for number, line in enumerate(lines) if "return refuse(" in line or re.search(r"return \{'\w+'", line)
    ][:-1]
    assert writes and refusals and max(refusals) < min(writes)


def _code_lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.lstrip().startswith("--")]
