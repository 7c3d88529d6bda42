"""Answers pages that ask for the board again and again: 304 while the version is the one that the page has.

The product needs none of this, because sockets bring its boards. The systems whose pages poll get it, so that they pay
for a board only when it has changed.
"""

from collections.abc import Callable

from flask import Flask, Response, request

from cashticket.wiring import current_engine

BOARD = "auctions.board"


def answer_polls(app: Flask) -> None:
    """Give boards with a named language an ETag, and answer 304 to who has it."""
    app.view_functions[BOARD] = _conditional(app.view_functions[BOARD])


def _conditional(render: Callable[..., Response]) -> Callable[..., Response]:
    def board(auction_id: int) -> Response:
        # Without a named language the same address has a board for each language.
        tag = _tag(auction_id) if "lang" in request.args else None
        if tag is None:
            return render(auction_id=auction_id)
        if request.if_none_match.contains_weak(tag):
            response = Response(status=304)
            response.headers["Cache-Control"] = "public, max-age=1"
        else:
            response = render(auction_id=auction_id)
        if response.status_code in (200, 304):
            # Read before the board, so it is never newer than what it stands for.
            response.set_etag(tag, weak=True)
        return response

    return board


def _tag(auction_id: int) -> str | None:
    """The version and whether the end has come; None for an auction that the engine has not. An auction that has not
    opened yet is shown as it was until something changes: those of the lab are open from the start."""
    status = current_engine().statuses([auction_id]).get(auction_id)
    return status and f"{status.version}-{int(status.now_ms >= status.ends_at_ms)}"
