"""The demo's season: concerts over several months, auctions that run or open later, and one that has ended.

The concerts are imported as from a file. A repeat adds only what is missing.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select

from cashticket.auction.values import State
from cashticket.catalogue.import_files.columns import CONCERT_TEXTS
from cashticket.catalogue.import_storing import Imported
from cashticket.catalogue.importing import read_file, store
from cashticket.cli.demo.ended_auction import hold_ended_auction
from cashticket.cli.demo.evening import Evening
from cashticket.cli.demo.evenings import ENDED, SEASON
from cashticket.extensions import db
from cashticket.locale import SEOUL
from cashticket.models import Auction, Concert
from cashticket.wiring import current_engine
from cashticket.work.identity_terms import usual
from cashticket.work.publishing import open_imported, store_now

ROUND_HOUR = time(20, 0)
FAR_OFF = timedelta(hours=12)


def seed_season() -> dict[str, Any]:
    """Add the concerts and auctions that are missing; the demo's people must exist. Returns how many concerts were
    added."""
    now = store_now(current_engine())
    missing = [evening for evening in SEASON if not _is_stored(evening)]
    if missing:
        content = json.dumps([_row(evening, now) for evening in missing], ensure_ascii=False)
        store(read_file(content.encode(), "season"), {}, "season", now)
    # Includes auctions of an interrupted seeding; opening one twice is harmless.
    open_imported(current_engine(), Imported(unsure=list(_auctions_without_bids())), lambda auctions, _: auctions)
    if _is_stored(ENDED):
        return {"concerts_added": len(missing)}
    hold_ended_auction(_row(ENDED, now), _seat_facts(ENDED), now)
    return {"concerts_added": len(missing) + 1}


def is_season_auction(auction: Auction) -> bool:
    """Whether this is one of the season's auctions, in which robots may bid."""
    concert = auction.concert
    return any((concert.title, concert.artist) == (evening.title, evening.artist) for evening in SEASON)


def _is_stored(evening: Evening) -> bool:
    concerts = select(Concert.id).where(Concert.title == evening.title, Concert.artist == evening.artist)
    return db.session.scalar(concerts.limit(1)) is not None


def _row(evening: Evening, now: datetime) -> dict[str, Any]:
    """The concert and its auction as a row of an import at `now`."""
    day = (now + timedelta(days=evening.days)).astimezone(SEOUL).date()
    row: dict[str, Any] = {name: getattr(evening, name) for name in (*CONCERT_TEXTS, "age_limit")}
    row["starts"] = datetime.combine(day, evening.starts, SEOUL).isoformat()
    if evening.auction is not None:
        row |= {name: getattr(evening.auction, name) for name in ("seats", "minimum", "step")}
        row["opens"] = _opens(now, timedelta(minutes=evening.auction.opens_in_minutes))
        row["closes"] = f"+{evening.auction.hours}h"
        row |= _seat_facts(evening) | {"identity": usual().value}
    return row


def _seat_facts(evening: Evening) -> dict[str, Any]:
    return asdict(evening.seats) if evening.seats else {}


def _opens(now: datetime, after: timedelta) -> str:
    """The opening: now, in minutes, or, more than twelve hours ahead, at 20:00 of that day in Seoul."""
    if not after:
        return "now"
    moment = now + after
    if after > FAR_OFF:
        moment = datetime.combine(moment.astimezone(SEOUL).date(), ROUND_HOUR, SEOUL)
    return moment.isoformat()


def _auctions_without_bids() -> Sequence[Auction]:
    titles = [evening.title for evening in SEASON]
    auctions = select(Auction).join(Auction.concert).where(Concert.title.in_(titles))
    return db.session.scalars(auctions.where(Auction.state == State.OPEN, Auction.recorded_sequence == 0)).all()
