"""The migration that makes final ranks computes those of auctions that older releases settled or voided."""

import flask_migrate
from flask import Flask
from sqlalchemy import select

from cashticket.extensions import db
from cashticket.models import Auction, FinalRank
from cashticket.settlement import awards
from cashticket.settlement.telling import auctions_to_tell
from tests.integration.test_schema import unmigrated
from tests.staging.rows import END, HOUR, add_concert, add_people, change_person
from tests.staging.settlement import add_ended_auction, award_of, settled, tell_everybody

__all__ = ["unmigrated"]

BEFORE = "0007"


def ranks() -> list[tuple[object, ...]]:
    """Every row of final ranks but the moment of telling, as the database has it now."""
    db.session.remove()
    db.engine.dispose()
    columns = [column for column in FinalRank.__table__.columns if column.name != "told_at"]
    rows = db.session.execute(select(*columns).order_by(FinalRank.auction_id, FinalRank.rank))
    answer = [tuple(row) for row in rows]
    db.session.remove()
    return answer


def test_ranks_of_finished_auctions_are_those_that_settlement_stored(unmigrated: Flask) -> None:
    """In the second auction alice holds a ticket already and mallory is blocked; bob declined, so carol was offered."""
    flask_migrate.upgrade()
    alice, bob, carol, mallory, *others = add_people(7)
    change_person(mallory, blocked_at=END)
    concert = add_concert()
    first_bids = [(alice, 120_000)]
    bids = [(alice, 150_000), (mallory, 190_000), (bob, 130_000), (carol, 120_000), (alice, 180_000)]
    bids += [(person, 110_000) for person in others]
    first = add_ended_auction(first_bids, concert=concert, seats=1)
    second = add_ended_auction(bids, concert=concert, seats=1, ends_at=END + HOUR, alias_salt="c:salt")
    settled(first, first_bids)
    settled(second, bids, END + HOUR)
    awards.decline(award_of(second, bob).id, bob, END + HOUR)
    for auction in (first, second):
        tell_everybody(auction, END + HOUR)
    stored = ranks()
    assert len(stored) == 8
    flask_migrate.downgrade(revision=BEFORE)
    flask_migrate.upgrade()
    assert ranks() == stored
    row = db.session.get_one(Auction, second)
    assert row.ranked_at == row.settled_at == END + HOUR and auctions_to_tell() == []
    moments = select(FinalRank.told_at).where(FinalRank.auction_id == second)
    assert set(db.session.scalars(moments)) == {END + HOUR}
    db.session.remove()
    db.engine.dispose()
