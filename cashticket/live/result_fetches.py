"""The frames after the end: each page of a signed-in person fetches that person's result, which is not the hub's to
know. The fetches are spread evenly, over more time the more people watch.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence

from cashticket.engine.interface import Snapshot
from cashticket.live.watcher import Mark, Watcher

SPREAD_MS = 3_000
"""The least time over which the results are fetched."""

FETCHES_PER_SECOND = 500
"""How many pages of one hub fetch in a second: a part of what two web processes answer while another auction runs."""

SLOT_MS = 50
"""Pages that fetch in the same slot share a frame."""

RenderFetch = Callable[[str, Mapping[str, object]], str]
"""`render_fetch(locale, context)` returns the frame."""


def send_fetches(
    auction_id: int, snapshot: Snapshot, sockets_by_person: Mapping[int, list[Watcher]], render: RenderFetch
) -> None:
    """Have each page that does not have the result of this state yet fetch it in a slot of its own person's."""
    mark: Mark = (snapshot.state, snapshot.version)
    behind = [
        new
        for sockets in sockets_by_person.values()
        if (new := [watcher for watcher in sockets if watcher.standing_mark != mark])
    ]
    frames: dict[tuple[str, int], str] = {}
    for delay_ms, watchers in _delayed(behind):
        for watcher in watchers:
            key = watcher.locale, delay_ms
            if key not in frames:
                context = {"auction_id": auction_id, "snapshot": snapshot, "delay_ms": delay_ms}
                frames[key] = render(watcher.locale, context)
            watcher.standing_mark = mark
            watcher.mailbox.put("standing", frames[key])


def _delayed(behind: Sequence[list[Watcher]]) -> Iterator[tuple[int, list[Watcher]]]:
    spread_ms = max(SPREAD_MS, len(behind) * 1000 // FETCHES_PER_SECOND)
    for number, watchers in enumerate(behind):
        yield number * spread_ms // len(behind) // SLOT_MS * SLOT_MS, watchers
