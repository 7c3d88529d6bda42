"""Recognises what an import finds stored: a concert by title, artist, venue and start, an auction by its terms."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cashticket.catalogue.import_rows import ImportedTerms, ImportRow
from cashticket.catalogue.plans import Plan
from cashticket.models import Auction, Concert, OperatorAct
from cashticket.models.operator_acts import Act, auction_subject
from cashticket.typed.text import one_line

IDENTIFYING = ("concert_id", "seats", "minimum", "step", "pricing")
"""The terms that an auction is recognised by, beside its opening and its end. A ceiling is not compared unless it is
named: releases may set the usual one differently. Nor is a zone in a file without zones; two zones of a concert may be
sold under the same terms."""

RECOGNISED = ("title", "artist", "venue", "starts_at")
AT_ONCE = 500

Key = tuple[str, str, str, datetime]


class StoredConcerts:
    """Finds the stored concert of a row. Earlier releases stored texts as they were typed, so that letters may be apart
    or an unseen mark may stand in them: such concerts are found by the spelling that they would have now."""

    def __init__(self, session: Session, rows: Sequence[ImportRow]) -> None:
        self._session = session
        self._other_spellings: dict[Key, int] = {}
        starts = sorted({row.concert["starts_at"] for row in rows})
        facts = select(Concert.id, Concert.title, Concert.artist, Concert.venue, Concert.starts_at)
        for first in range(0, len(starts), AT_ONCE):
            at_these = Concert.starts_at.in_(starts[first : first + AT_ONCE])
            for concert_id, *texts, starts_at in session.execute(facts.where(at_these).order_by(Concert.id)):
                title, artist, venue = map(one_line, texts)
                if [title, artist, venue] != texts:
                    self._other_spellings.setdefault((title, artist, venue, starts_at), concert_id)

    def find(self, columns: dict[str, Any]) -> Concert | None:
        """The first concert that has these columns."""
        same = (getattr(Concert, name) == columns[name] for name in RECOGNISED)
        concert = self._session.scalar(select(Concert).where(*same).order_by(Concert.id).limit(1))
        if concert is not None:
            return concert
        key = (columns["title"], columns["artist"], columns["venue"], columns["starts_at"])
        other = self._other_spellings.get(key)
        return None if other is None else self._session.get(Concert, other)


def stored_auctions(session: Session, plan: Plan, terms: ImportedTerms) -> list[Auction]:
    """The auctions of these terms, the first one first. An opening at the import is not compared; a span is compared as
    a span, and an end that was moved later as it was before."""
    names = (*IDENTIFYING, *(["maximum"] if plan.maximum is not None else []))
    same = (getattr(Auction, name) == getattr(plan, name) for name in names)
    return [
        auction
        for auction in session.scalars(select(Auction).where(*same).order_by(Auction.id))
        if _same_zone(auction, plan, terms)
        and (terms.opens is None or auction.opens_at == plan.opens_at)
        and _same_end(session, auction, terms)
    ]


def _same_zone(auction: Auction, plan: Plan, terms: ImportedTerms) -> bool:
    return one_line(auction.zone or "") == (plan.zone or "") or not (plan.zone or terms.has_zones)


def _same_end(session: Session, auction: Auction, terms: ImportedTerms) -> bool:
    closes_at = terms.end(auction.opens_at)
    if auction.closes_at <= closes_at:
        return auction.closes_at == closes_at
    moves = select(OperatorAct.facts).where(
        OperatorAct.subject == auction_subject(auction.id), OperatorAct.act == Act.AUCTION_EXTEND.value
    )
    return any(facts.get("from") == closes_at.isoformat() for facts in session.scalars(moves))
