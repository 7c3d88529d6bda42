"""Parses pages and frames: a board, a standing or an alert as plain facts."""

import re
from typing import Any

BOARD = re.compile(r'<section id="board"[^>]*?data-version="(\d+)" data-state="(\w+)"[^>]*?data-cutoff="(\d+)"')
FIGURE = re.compile(r"<dt>[^<]*</dt><dd>([\d,]+)")
RUNG = re.compile(r'data-alias="(\w+)">\s*<td>([\d,]+)</td>.*?<td class="amount">\D*([\d,]+)', re.DOTALL)
STANDING = re.compile(r'<section id="standing"[^>]*?data-version="(\d+)" data-position="(\w+)"([^>]*)>')
CHANCES, OWN = re.compile(r'data-chances="(\d+)"'), re.compile(r'data-sequence="(\d+)"')
ALERT = re.compile(r'<[^>]*data-alert="rank-out"[^>]*>')

Facts = dict[str, Any]


def board(text: str) -> Facts | None:
    """The board in a text: version, state, cut-off, bidders, and the ladder as (alias, amount), best first."""
    if (match := BOARD.search(text)) is None:
        return None
    rest = text[match.start() :]
    # Bids below the cut-off line do not win.
    rungs = [(alias, _won(amount)) for alias, _, amount in RUNG.findall(rest.partition('class="below"')[0])]
    # Bidders and seats are the last two figures; the best bid before them is a dash while there is none.
    bidders = _won(FIGURE.findall(rest)[-2])
    version, state, cutoff = match.groups()
    return {"version": int(version), "state": state, "cutoff": int(cutoff), "bidders": bidders, "ladder": rungs}


def standing(text: str) -> Facts | None:
    """A person's standing: version, position, chances left, and the own bid's sequence (0: none)."""
    if (match := STANDING.search(text)) is None:
        return None
    version, position, rest = match.groups()
    chances, own = CHANCES.search(rest), OWN.search(rest)
    if chances is None:
        return None
    return {
        "version": int(version),
        "position": position,
        "chances": int(chances[1]),
        "own": int(own[1]) if own else 0,
    }


def alert(text: str) -> int | None:
    """Sequence of the bid that pushed the reader out, if the text is an alert."""
    match = ALERT.search(text)
    own = OWN.search(match[0]) if match else None
    return int(own[1]) if own else None


def alert_auction(text: str) -> int | None:
    """The auction that an alert is about."""
    match = ALERT.search(text)
    about = re.search(r'data-auction="(\d+)"', match[0]) if match else None
    return int(about[1]) if about else None


def _won(text: str) -> int:
    return int(text.replace(",", ""))
