"""The plan of a block as SVG: every rank has its seat, labels have room, nothing leaves the drawing or runs code."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cashticket.auction.seat_plan import ROW_SEATS_MAX, ROWS_MAX, read_rows
from cashticket.catalogue.plan_art import DARK, LABEL, LIGHT, WIDTH, PlanWords, draw_plan

WORDS = PlanWords("Seats & <plan>", "Ranks 1 to 10 in row 1.", "Stage side", "Row {number}")
SVG = "{http://www.w3.org/2000/svg}"
LABELS = 12


def drawn(rows: str, words: PlanWords = WORDS) -> ElementTree.Element:
    return ElementTree.fromstring(draw_plan(read_rows(rows), words, LIGHT))


def texts(svg: ElementTree.Element) -> list[str]:
    return [each.text or "" for each in svg.iter(f"{SVG}text")]


def test_a_small_block_has_every_rank_at_its_seat() -> None:
    svg = drawn("3,4")
    numbers = [each for each in texts(svg) if each.isdigit()]
    assert numbers == [str(rank) for rank in range(1, 8)]
    squares = [(float(each.attrib["x"]), float(each.attrib["y"])) for each in svg.iter(f"{SVG}rect")]
    assert len(set(squares)) == 7 and squares[0][0] == squares[3][0] and squares[0][1] < squares[3][1]
    assert {"Row 1", "Row 2", "Stage side"} <= set(texts(svg))
    best = [each.attrib["fill"] for each in svg.iter(f"{SVG}rect")].count(LIGHT.best)
    assert best == 1 and next(svg.iter(f"{SVG}rect")).attrib["fill"] == LIGHT.best


def test_a_large_block_has_its_rows_with_their_ranks() -> None:
    labels = texts(drawn("50x40"))
    assert {"Row 1", "1–40", "Row 50", "1,961–2,000"} <= set(labels)
    assert len(list(drawn("50x40").iter(f"{SVG}path"))) == 51, "a line for each row, and the front"


@pytest.mark.parametrize("rows", ["50x40", "100x100", "11", "200x1"])
def test_ranks_stand_beside_the_rows_and_not_on_them(rows: str) -> None:
    svg = drawn(rows)
    ends = [re.findall(r"M([\d.]+) [\d.]+h([\d.]+)", each.attrib["d"]) for each in svg.iter(f"{SVG}path")][1:]
    longest = max(float(left) + float(length) for [(left, length)] in ends)
    # Wide letters: a digit takes two thirds of its height.
    room = max(sum(8 if each.isdigit() else 6 for each in text) for text in texts(svg) if text[0].isdigit())
    assert longest + room <= WIDTH


def test_title_and_description_are_read_aloud_and_escaped() -> None:
    svg = drawn("2x10")
    assert [svg.findtext(f"{SVG}title"), svg.findtext(f"{SVG}desc")] == [WORDS.title, WORDS.description]
    ids = {each.attrib["id"] for each in svg if "id" in each.attrib}
    assert svg.attrib["role"] == "img" and set(svg.attrib["aria-labelledby"].split()) == ids


BLOCKS = st.lists(st.tuples(st.integers(1, 30), st.integers(1, ROW_SEATS_MAX)), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(BLOCKS)
def test_nothing_leaves_the_drawing_and_no_labels_touch(runs: list[tuple[int, int]]) -> None:
    svg = drawn(",".join(f"{count}x{size}" for count, size in runs))
    _, _, width, height = (float(each) for each in svg.attrib["viewBox"].split())
    assert width == WIDTH
    for each in svg.iter(f"{SVG}rect"):
        x, y, w, h = (float(each.attrib[name]) for name in ("x", "y", "width", "height"))
        assert min(x, y) >= 0 and x + w <= width and y + h <= height
    for each in svg.iter(f"{SVG}path"):
        found = re.fullmatch(r"M([\d.]+) ([\d.]+)h([\d.]+)", each.attrib["d"])
        assert found and float(found[1]) + float(found[3]) <= width and float(found[2]) <= height
    heights = [float(each.attrib["y"]) for each in svg.iter(f"{SVG}text") if (each.text or "").startswith("Row")]
    assert all(below - above >= LABELS for above, below in pairwise(heights))


@pytest.mark.parametrize("rows", ["2x10", "50x40", f"{ROWS_MAX}x1"])
def test_a_plan_has_no_script_no_style_and_no_link(rows: str) -> None:
    text = draw_plan(read_rows(rows), WORDS, DARK)
    assert not re.search(r"<(script|style|a|use|image|foreignObject)\b|\sstyle=|href|\son\w+=", text)
    assert DARK.best in text and LIGHT.best not in text and LABEL == LABELS
