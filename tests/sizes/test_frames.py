"""What one update of an auction's watchers costs at any size: the store is read once, and frames stay small."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cashticket.blueprints.auction.frames import Frames
from cashticket.live.channel import AuctionChannel
from cashticket.live.update import Update
from cashticket.live.watcher import Watcher
from tests.staging.sizes import FilledSite, Sites

# Frames know nothing of the database.
pytestmark = pytest.mark.parametrize("sites", ["sqlite"], indirect=True)


def update_of_four(site: FilledSite) -> Callable[[], str]:
    """Each call serves four new watchers: three bidders, among them one who is out, and a stranger."""
    engine, frames = site.app.extensions["engine"], Frames(site.app, "http://localhost")
    last = engine.rows(site.running.id, site.size.bidders, 1).bids[0].person

    def serve() -> str:
        sent: list[tuple[str, str]] = []
        channel = AuctionChannel(site.running.id)
        people = (site.bidders[0], site.bidders[1], last, None)
        channel.watchers.update(Watcher(site.running.id, "ko", person, epoch=1) for person in people)
        with frames.rendering() as render:

            def noted(kind: str, locale: str, context: Mapping[str, Any]) -> str:
                sent.append((kind, render(kind, locale, context)))
                return sent[-1][1]

            Update(channel, engine, noted, lambda *_: None).serve(list(channel.watchers))
        assert {kind for kind, _ in sent} == {"board", "standing"}, sent
        return "".join(text for _, text in sent)

    return serve


def test_an_update_reads_the_same_and_sends_the_same_at_every_size(sites: Sites) -> None:
    """Somebody who is not among the rows of the board has their own neighbourhood read: one call more."""
    update = sites.cost_of(update_of_four)
    update.grows_by_at_most(4).never_exceeds(statements=0, round_trips=6, answer_bytes=24_000)
