"""The public record of a finished auction: every accepted bid by alias and each move of the end, as pages and as CSV.

Both are the same bytes for everybody: they read no session and set no cookie. The CSV is written in windows while it is
read, so that memory does not grow with the auction.
"""

from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, abort, make_response, redirect, render_template, url_for

from cashticket.auction.end_moves import EndMove
from cashticket.auction.values import State
from cashticket.blueprints.auction.page_numbers import asked_page, page_address
from cashticket.blueprints.request.languages import chosen_language
from cashticket.blueprints.request.public_pages import public_answer, public_page
from cashticket.blueprints.request.reading_copy import fresh_copy
from cashticket.blueprints.wording.concerts import title_of
from cashticket.ledger import gaps, public_record
from cashticket.ledger.end_moves import moves_of
from cashticket.ledger.operator_acts import why_voided
from cashticket.ledger.public_record import PublicRecord, RecordRow
from cashticket.ledger.whole_record import all_rows
from cashticket.locale import iso
from cashticket.spreadsheet import csv_line, heading

blueprint = Blueprint("record", __name__, url_prefix="/auctions/<int(max=9007199254740991):auction_id>")

COLUMNS = (
    "sequence",
    "alias",
    "bid",
    "amount",
    "at",
    "rank",
    "final_rank",
    "cutoff",
    "ends_at",
    "moved_end_by_ms",
    "kept",
    "withdrawal",
)


@blueprint.get("/record")
def show(auction_id: int) -> Response:
    """Every accepted bid, 50 numbers a page, and on the first page each move of the end.

    An unfinished auction leads to its own page. 404 for a page that there is not.
    """
    record = _finished(auction_id)
    if isinstance(record, Response):
        return record
    number = asked_page()
    if number is None or number > record.pages:
        page = make_response(render_template("auctions/record_missing.html", **_frame(record)), 404)
        page.headers["Cache-Control"] = "no-store"
        return page
    concert = record.auction.concert
    facts = (*_facts(record), number, title_of(concert))
    return public_page(facts, lambda: _page(record, number))


@blueprint.get("/record.csv")
def as_csv(auction_id: int) -> Response:
    """Every accepted bid as CSV for spreadsheets: amounts in won, moments in UTC to the millisecond."""
    record = _finished(auction_id)
    if isinstance(record, Response):
        return record
    name = f"auction-{auction_id}-record.csv"

    def make() -> Response:
        # Its windows are read after this door has answered.
        copy = fresh_copy()
        rows = all_rows(record, copy.engine if copy else None)
        response = Response(_lines(rows), content_type="text/csv; charset=utf-8")
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    return public_answer(_facts(record), make)


def _finished(auction_id: int) -> PublicRecord | Response:
    """The record, or for an unfinished auction the way to its page."""
    record = public_record.record_of(auction_id) or abort(404)
    if not record.auction.state.is_end:
        return make_response(redirect(url_for("auctions.show", auction_id=auction_id)))
    return record


def _facts(record: PublicRecord) -> tuple[object, ...]:
    """Everything in the record that can still change, such as late bids of an auction that was voided."""
    auction = record.auction
    return (
        auction.state,
        auction.ranked_at,
        auction.ends_at,
        auction.soft_close_seconds,
        record.last,
        record.given_up,
        record.shifts,
    )


def _page(record: PublicRecord, number: int) -> str:
    first, last = public_record.numbers_of(number)
    moves: list[EndMove] | None = moves_of(record.auction, record.shifts) if number == 1 else None
    return render_template(
        "auctions/record.html",
        page=number,
        rows=public_record.page(record, number),
        gaps=gaps.gaps_between(record.auction_id, first, last),
        moves=moves,
        why=why_voided(record.auction_id) if record.auction.state is State.VOIDED else "",
        **_frame(record),
    )


def _frame(record: PublicRecord) -> dict[str, Any]:
    auction_id = record.auction_id
    return {
        "for_all": True,
        "back_to": url_for("record.show", auction_id=auction_id),
        "auction": record.auction,
        "auction_id": auction_id,
        "record": record,
        "address": page_address("record.show", auction_id),
        "results_address": page_address("results.show", auction_id),
        "lineage_address": page_address("lineage.show", auction_id),
        "page_of": public_record.page_of,
        "chosen_language": chosen_language(),
    }


def _lines(windows: Iterator[list[RecordRow]]) -> Iterator[str]:
    yield heading(COLUMNS)
    for rows in windows:
        yield "".join(csv_line(_cells(row)) for row in rows)


def _cells(row: RecordRow) -> tuple[object, ...]:
    return (
        row.sequence,
        row.alias,
        row.nth,
        row.amount,
        iso(row.at_ms),
        row.rank,
        row.final_rank,
        row.cutoff,
        iso(row.ends_at_ms) if row.ends_at_ms is not None else None,
        row.moved_ms,
        row.is_kept,
        row.is_withdrawal,
    )
