"""What the witnesses know together: merged records, contradictions, and who has not written yet."""

from dataclasses import replace

from cashticket.auction.values import Entry
from cashticket.witness.testimony import KnownBids, Record, Testimony, read_testimony

AUCTION, OTHER = 7, 8
OLD, NEW = "old-run master", "new-run master"
BID = Entry(3, 1, 1, 10_000, 70, "r3", 99, 1, 10_000, displaced=2, alert=True)
FROM_ITS_ANSWER = replace(BID, displaced=None, alert=False)
NEXT = replace(BID, sequence=4, person=2, request_id="r4", displaced=None, alert=False)


def record(process: str, *entries: Entry, highest: int = 0, alive: bool = True, identity: str = NEW) -> Record:
    """What a process has written of AUCTION. It heard OLD once."""
    by_sequence = {entry.sequence: entry for entry in entries}
    account = {AUCTION: KnownBids(highest, by_sequence)} if highest or entries else {}
    return Record(process, alive, 1_000, identity, frozenset({OLD, identity}), account)


def test_of_an_auction_that_nobody_knows_nothing_is_known() -> None:
    assert Testimony([]).of(AUCTION) == KnownBids(0, {})
    assert Testimony([record("web-1", BID)]).of(OTHER) == KnownBids(0, {})


def test_what_several_witnesses_know_is_put_together() -> None:
    testimony = Testimony([record("web-1", BID, highest=3), record("web-2", NEXT, highest=4, alive=False)])
    assert testimony.of(AUCTION) == KnownBids(4, {3: BID, 4: NEXT})
    assert testimony.conflicts(AUCTION) == []
    assert testimony.auctions() == [AUCTION]


def test_the_highest_number_is_known_without_its_bid_and_never_below_one() -> None:
    assert Testimony([record("web-1", highest=9), record("web-2", BID)]).of(AUCTION) == KnownBids(9, {3: BID})
    assert Testimony([record("web-1", NEXT, highest=0)]).of(AUCTION).highest == 4


def test_the_account_that_says_who_was_displaced_is_taken() -> None:
    for records in (
        [record("web-1", BID), record("live", FROM_ITS_ANSWER)],
        [record("live", FROM_ITS_ANSWER), record("web-1", BID)],
    ):
        testimony = Testimony(records)
        assert testimony.of(AUCTION).entries == {3: BID}
        assert testimony.conflicts(AUCTION) == []


def test_two_answers_with_one_number_are_a_conflict_told_once() -> None:
    stranger = replace(BID, person=9, request_id="another")
    testimony = Testimony(
        [record("web-1", BID), record("web-2", stranger), record("live", stranger), record("w", NEXT)]
    )
    assert testimony.conflicts(AUCTION) == [(BID, stranger)]
    assert testimony.of(AUCTION).entries[3] == BID


def test_two_accounts_of_who_was_displaced_are_a_conflict() -> None:
    assert Testimony([record("web-1", BID), record("web-2", replace(BID, displaced=5))]).conflicts(AUCTION)


def test_a_contradicting_account_never_replaces_the_first() -> None:
    stranger = replace(BID, person=9)
    testimony = Testimony([record("web-1", FROM_ITS_ANSWER), record("web-2", stranger)])
    assert testimony.of(AUCTION).entries == {3: FROM_ITS_ANSWER}
    assert testimony.conflicts(AUCTION) == [(FROM_ITS_ANSWER, stranger)]


def test_living_processes_that_have_not_heard_the_store_process_are_waited_for() -> None:
    late, dead = record("web-2", BID, identity=OLD), record("web-3", BID, identity=OLD, alive=False)
    testimony = Testimony([record("web-1"), late, dead, record("live", identity=OLD)])
    assert testimony.waits_for(NEW) == ["live", "web-2"]
    assert testimony.waits_for(OLD) == ["web-1"]


def test_a_store_process_is_covered_if_anybody_ever_heard_it() -> None:
    testimony = Testimony([record("web-1", alive=False)])
    assert testimony.covers(OLD) and testimony.covers(NEW)
    assert not testimony.covers("another-run master") and not Testimony([]).covers(OLD)


def test_a_shelf_is_read_whole() -> None:
    class Shelf:
        def records(self) -> list[Record]:
            return [record("web-1", BID), record("web-2", NEXT)]

    assert read_testimony(Shelf()).of(AUCTION).entries == {3: BID, 4: NEXT}
