"""What the live pieces show, from a snapshot and a place."""

from dataclasses import replace

from cashticket.engine.interface import Engine, Place, Snapshot
from cashticket.engine.memory_engine import MemoryEngine
from cashticket.live.pieces import board_context, standing_context, standing_of, to_win
from cashticket.live.places import no_place, place_in
from tests.staging.watchers import ALICE, AUCTION, BOB, CAROL, bid, open_auction


def two_seats_and_three_bidders() -> Snapshot:
    engine: Engine = MemoryEngine()
    open_auction(engine, seats=2)
    for person, amount in ((ALICE, 105_000), (BOB, 120_000), (CAROL, 110_000), (ALICE, 130_000)):
        bid(engine, person, amount)
    return replace(engine.read(AUCTION), recorded=2)


SNAPSHOT = two_seats_and_three_bidders()
CAROLS = Place(CAROL, SNAPSHOT.version, 3, 110_000, 3, winning=False, chances_left=2, recorded=False)


def test_the_board_names_people_by_alias_alone() -> None:
    engine = MemoryEngine()
    open_auction(engine, seats=2)
    bid(engine, ALICE, 130_000)
    bid(engine, BOB, 120_000)
    board = board_context(engine, AUCTION)
    rows = board["rows"].top
    assert [(row["rank"], row["amount"]) for row in rows] == [(1, 130_000), (2, 120_000)]
    own = [standing_context(engine, AUCTION, person)["alias"] for person in (ALICE, BOB)]
    assert [row["alias"] for row in rows] == own
    assert len(set(own)) == 2


def test_while_seats_are_free_the_minimum_wins() -> None:
    assert to_win(replace(SNAPSHOT, last_winner=None, cutoff=100_000)) == 100_000


def test_a_full_top_must_be_outbid_by_a_step_because_equal_amounts_rank_behind() -> None:
    assert to_win(SNAPSHOT) == 125_000


def test_a_person_who_is_out_is_shown_by_how_much() -> None:
    standing = standing_of(SNAPSHOT, CAROLS)
    assert (standing["status"], standing["rank"], standing["short_by"]) == ("out", 3, 15_000)
    assert not standing["recorded"]


def test_the_first_amount_wins_and_the_one_that_cannot_comes_last() -> None:
    choices = standing_of(SNAPSHOT, CAROLS)["choices"]
    assert [(choice["why"], choice["amount"]) for choice in choices] == [
        ("enter", 125_000),
        ("lead", 135_000),
        ("minimum", 115_000),
    ]


def test_while_seats_are_free_the_minimum_enters() -> None:
    empty = MemoryEngine()
    open_auction(empty, seats=2)
    snapshot = empty.read(AUCTION)
    choices = standing_of(snapshot, no_place(snapshot, CAROL))["choices"]
    assert [(choice["why"], choice["amount"]) for choice in choices] == [("enter", snapshot.terms.minimum)]


def test_a_winner_is_offered_a_step_up_and_the_lead_and_no_losing_amount() -> None:
    bobs = Place(BOB, SNAPSHOT.version, 2, 120_000, 2, winning=True, chances_left=2, recorded=True)
    choices = standing_of(SNAPSHOT, bobs)["choices"]
    assert [(choice["why"], choice["amount"]) for choice in choices] == [("raise", 125_000), ("lead", 135_000)]


def test_a_person_without_a_bid_is_watching() -> None:
    standing = standing_of(SNAPSHOT, no_place(SNAPSHOT, CAROL))
    assert (standing["status"], standing["rank"], standing["short_by"], standing["chances_left"]) == (
        "watching",
        None,
        0,
        3,
    )


def test_a_bid_the_ledger_has_is_recorded() -> None:
    bobs = Place(BOB, SNAPSHOT.version, 2, 120_000, 2, winning=True, chances_left=1, recorded=False)
    agreed = place_in(SNAPSHOT, bobs)
    assert agreed is not None and agreed.recorded
    assert standing_of(SNAPSHOT, agreed)["recorded"]


def test_a_newer_snapshot_decides_who_is_winning() -> None:
    was_winning = replace(CAROLS, version=3, rank=2, winning=True)
    agreed = place_in(SNAPSHOT, was_winning)
    assert agreed is not None
    assert (agreed.winning, agreed.rank) == (False, 3)


def test_reads_that_disagree_about_the_newest_bid_are_repeated() -> None:
    before_the_raise = Place(ALICE, 4, 1, 105_000, 1, winning=True, chances_left=2, recorded=True)
    assert place_in(SNAPSHOT, before_the_raise) is None
    assert place_in(SNAPSHOT, replace(CAROLS, version=SNAPSHOT.version + 1, sequence=5)) is None


def test_page_and_piece_agree_on_a_standing_read_together() -> None:
    engine = MemoryEngine()
    open_auction(engine)
    stale = engine.read(AUCTION)
    bid(engine, ALICE, 120_000)
    standing = standing_context(engine, AUCTION, ALICE, stale)
    assert (standing["status"], standing["snapshot"].version) == ("winning", engine.read(AUCTION).version)
