"""What one process knows of accepted bids: nothing twice, nothing that the ledger has, nothing hidden."""

from dataclasses import replace

from cashticket.auction.values import Entry
from cashticket.engine.condition import Pulse
from cashticket.witness.knowledge import INBOX_MAX, Inbox, Knowledge
from cashticket.witness.pages import Page, bid_text, read_bid

AUCTION, OTHER = 7, 8
BID = Entry(3, 1, 1, 10_000, 70, "r 3\udcff{", 99, 1, 10_000, displaced=2, alert=True)
FROM_ITS_ANSWER = replace(BID, displaced=None, alert=False)


def bids_of(page: Page) -> list[tuple[int, Entry]]:
    return [read_bid(bid_text(bid)) for bid in page.bids]


def test_a_bid_is_written_once_and_known_until_it_is_recorded() -> None:
    knowledge = Knowledge()
    knowledge.learn((AUCTION, BID))
    assert bids_of(knowledge.news(None)) == [(AUCTION, BID)]
    assert (knowledge.news(None).highest, knowledge.count_unwritten()) == ({AUCTION: 3}, 1)
    knowledge.mark_written()
    knowledge.learn((AUCTION, BID))
    assert knowledge.news(None) == Page([], waiting_bytes=knowledge.waiting_bytes)
    assert bids_of(knowledge.everything(None)) == [(AUCTION, BID)]
    knowledge.learn((AUCTION, 3))
    assert (knowledge.news(None).recorded, knowledge.waiting_bytes) == ({AUCTION: 3}, 0)
    assert knowledge.everything(None).bids == [] and knowledge.waiting() == []


def test_what_was_not_written_stays_news() -> None:
    knowledge = Knowledge()
    knowledge.learn((AUCTION, BID))
    knowledge.news(None)
    knowledge.learn((OTHER, BID))
    assert bids_of(knowledge.news(None)) == [(AUCTION, BID), (OTHER, BID)]


def test_a_bid_that_was_recorded_before_the_write_is_not_written_but_its_number_is() -> None:
    knowledge = Knowledge()
    knowledge.learn((AUCTION, BID))
    knowledge.learn((AUCTION, 3))
    knowledge.learn((AUCTION, FROM_ITS_ANSWER))
    page = knowledge.news(None)
    assert (page.bids, page.highest, page.recorded) == ([], {AUCTION: 3}, {AUCTION: 3})


def test_the_ledger_never_goes_back() -> None:
    knowledge = Knowledge()
    for recorded in (5, 2):
        knowledge.learn((AUCTION, recorded))
    knowledge.learn((AUCTION, BID))
    assert knowledge.news(None).recorded == {AUCTION: 5} and knowledge.waiting() == []
    assert knowledge.news(None).highest == {AUCTION: 5}


def test_who_was_displaced_is_added_and_never_lost() -> None:
    for notes in ([FROM_ITS_ANSWER, BID], [BID, FROM_ITS_ANSWER]):
        knowledge = Knowledge()
        for entry in notes:
            knowledge.learn((AUCTION, entry))
        assert bids_of(knowledge.news(None)) == [(AUCTION, BID)]


def test_two_bids_with_one_number_are_both_written() -> None:
    knowledge, stranger = Knowledge(), replace(BID, person=9, request_id="another")
    for entry in (BID, stranger, BID, stranger, replace(stranger, displaced=None, alert=False)):
        knowledge.learn((AUCTION, entry))
    assert bids_of(knowledge.news(None)) == [(AUCTION, BID), (AUCTION, stranger)]
    knowledge.learn((AUCTION, 3))
    assert knowledge.waiting_bytes == 0


def test_recording_costs_as_many_steps_as_there_are_bids_even_from_a_number_far_away() -> None:
    knowledge = Knowledge()
    for number in (4_000_000, 4_000_001, 4_000_002):
        knowledge.learn((AUCTION, replace(BID, sequence=number)))
    knowledge.learn((AUCTION, 4_000_001))
    assert [entry.sequence for _, entry in bids_of(knowledge.everything(None))] == [4_000_002]


def test_store_processes_are_named_once_and_all_again_for_a_shelf_that_lost_them() -> None:
    knowledge, first, second = Knowledge(), Pulse("a master", 5), Pulse("b master", 6)
    knowledge.hear(first)
    assert knowledge.news(first).identities == ("a master",)
    knowledge.mark_written()
    knowledge.hear(second)
    assert knowledge.news(second).identities == ("b master",)
    assert knowledge.everything(second).identities == ("a master", "b master")


def test_an_inbox_is_bounded_and_keeps_the_newest() -> None:
    inbox = Inbox()
    for number in range(INBOX_MAX + 2):
        inbox.put((AUCTION, number))
    notes = list(inbox.take_all())
    assert (len(notes), notes[0], notes[-1]) == (INBOX_MAX, (AUCTION, 2), (AUCTION, INBOX_MAX + 1))
    assert list(inbox.take_all()) == []
