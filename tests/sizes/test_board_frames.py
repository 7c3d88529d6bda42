"""How long the frames are that every socket of an auction gets, at any number of seats and bidders."""

import re
from collections.abc import Callable

import pytest

from cashticket.blueprints.auction.frames import Frames
from cashticket.live.channel import AuctionChannel
from cashticket.live.pieces import board_context, standing_context
from cashticket.live.update import Render, Update
from cashticket.live.watcher import Watcher
from tests.staging.sizes import FilledSite, Sites

BOARD_BYTES = 8 * 1024
STANDING_BYTES = 3 * 1024
AMOUNT = re.compile(r"\d{1,3}(?:,\d{3})+")
LONGEST_AMOUNT = "2,147,483,647"


def board_of(site: FilledSite, locale: str) -> str:
    with site.inside() as app, Frames(app, "http://127.0.0.1").rendering() as render:
        return _board(site, render, locale)


def _board(site: FilledSite, render: Render, locale: str) -> str:
    return render("board", locale, board_context(site.app.extensions["engine"], site.running.id))


@pytest.mark.parametrize("locale", ["ko", "en"])
def test_a_board_stays_below_eight_kilobytes(sites: Sites, locale: str) -> None:
    for site in sites:
        frame = board_of(site, locale)
        assert len(frame.encode()) <= BOARD_BYTES, str(site.size)
        # However high the amounts rise.
        assert len(AMOUNT.sub(LONGEST_AMOUNT, frame).encode()) <= BOARD_BYTES, str(site.size)


def test_the_largest_board_shows_thirty_rows_and_says_how_many_there_are_besides(sites: Sites) -> None:
    *_, largest = sites
    frame = board_of(largest, "en")
    assert len(re.findall('data-alias="', frame)) == 30
    assert "See all 2,000 winning bids" in frame and "… 7,995 more bids below …" in frame
    counts = [int(count.replace(",", "")) for count in re.findall(r"<span>([\d,]+) bids?</span>", frame)]
    assert len(counts) <= 12 and sum(counts) == largest.size.bidders
    assert len(re.findall('class="bar bar-cutoff"', frame)) == 1


def update_of_a_hall(site: FilledSite) -> Callable[[], None]:
    """Each call is one update of a hub for 40 strangers and 10 people whose places it knows."""
    engine, channel = site.app.extensions["engine"], AuctionChannel(site.running.id)
    people = [None] * 40 + list(site.bidders[:10])
    watchers = [Watcher(site.running.id, ("ko", "en")[number % 2], person) for number, person in enumerate(people)]

    def serve() -> None:
        with Frames(site.app, "http://127.0.0.1").rendering() as render:
            Update(channel, engine, render, lambda *_: None).serve(watchers)

    return serve


def test_an_update_of_a_hall_is_one_read_at_every_size(sites: Sites) -> None:
    sites.cost_of(update_of_a_hall).never_exceeds(statements=0, round_trips=1, queue_commands=0)


def test_a_standing_stays_below_three_kilobytes(sites: Sites) -> None:
    lengths = []
    for site in sites:
        with site.inside() as app, Frames(app, "http://127.0.0.1").rendering() as render:
            engine, auction, size = app.extensions["engine"], site.running.id, site.size
            # Somebody whose row no board shows, with neighbours.
            person = engine.rows(auction, min(size.bidders - 3, size.seats + 50), 1).bids[0].person
            lengths.append(len(render("standing", "ko", standing_context(engine, auction, person)).encode()))
    assert max(lengths) <= STANDING_BYTES, lengths
