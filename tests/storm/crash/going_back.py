"""A live store that went on from an older copy of itself, what witnesses know of the bids that it lacks, and what
accounting for them leaves."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import redis
from sqlalchemy import select

from cashticket.auction.values import Accepted, Entry
from cashticket.engine.condition import Pulse
from cashticket.engine.entries import entry_text
from cashticket.extensions import db
from cashticket.ledger.accounted import accounted_on, note_accounted
from cashticket.ledger.gaps import gaps_of
from cashticket.ledger.given_up_bids import given_up_bids
from cashticket.ledger.outages import outages_of
from cashticket.locale import to_ms
from cashticket.models import Notification, Outage, OutboxMessage
from cashticket.witness.file_shelf import FileShelf
from cashticket.witness.pages import NotedBid, Page
from tests.integration.accounting.steps import BEFORE, Copy, record_all, waiting
from tests.staging.engine import order_of
from tests.storm.client import bid
from tests.storm.crash.scene import BIDS, Scene

AWAY_MS = 60_000
"""So long before now the live store took its last orders."""

UNHEARD = 4
"""The number of the bid whose answer never arrived."""


def go_back(scene: Scene, client: redis.Redis) -> None:
    """The live store has alice's first bid, the ledger bob's second too, and three more were accepted after them.

    The witness holds carol's and alice's of these, and has heard of number 4, whose answer never arrived. It also holds
    a bid of mallory's that was answered with bob's number.
    """
    stage = scene.stage
    began_ms = stage.engine.clock() - AWAY_MS
    _bid(scene, 1, began_ms)
    record_all(stage)
    copy = Copy.of(client, scene.id)
    _bid(scene, 2, began_ms)
    bobs = waiting(stage)[2]
    record_all(stage)
    for number in (3, 4, 5):
        _bid(scene, number, began_ms)
    held = waiting(stage)
    others = replace(bobs, person=stage.people["mallory"], request_id="mallory-2", amount=130_000)
    _witness(scene, [held[3], held[5], others], began_ms + 6)
    note_accounted([scene.id], BEFORE)
    copy.restore(client, scene.id)


def _bid(scene: Scene, number: int, began_ms: int) -> None:
    name, amount = BIDS[number - 1]
    person, engine, request_id, now_ms = scene.stage.people[name], scene.stage.engine, f"{amount}", began_ms + number
    if number == UNHEARD:
        question = {"auction": scene.id, "person": person, "amount": amount, "request_id": request_id}
        pending = scene.recorder.invoke("bid", **question, now_ms=now_ms)
        answer: Any = engine.place_bid(scene.id, person, 1, amount, request_id, now_ms)
        pending.unknown("the connection was cut")
    else:
        answer = bid(scene.recorder, engine, scene.id, person, amount, request_id, now_ms)
    assert isinstance(answer, Accepted) and answer.sequence == number


def _witness(scene: Scene, entries: list[Entry], at_ms: int) -> None:
    bids = [NotedBid(scene.id, entry.sequence, entry_text(entry).encode()) for entry in entries]
    page = Page(bids, {scene.id: 5}, {}, Pulse(BEFORE, at_ms), [BEFORE])
    shelf = FileShelf(scene.app.extensions["settings"].witness_dir, f"web-of-{scene.id}")
    shelf.write(page, lambda: page)
    shelf.close()


def left(scene: Scene) -> dict[str, Any]:
    """What both stores have of the auction, without moments and ids that differ between two auctions."""
    db.session.remove()
    engine, names = scene.stage.engine, {person: name for name, person in scene.stage.people.items()}
    board, row, identity = engine.read(scene.id), scene.stage.row(), engine.condition().identity
    notices = db.session.scalars(select(Notification).where(Notification.auction_id == scene.id)).all()
    mails = select(OutboxMessage.kind).where(OutboxMessage.reference.in_([notice.id for notice in notices]))
    outages = outages_of(scene.id)
    return {
        "order": [(names[each.person], each.amount, each.sequence) for each in order_of(engine, scene.id)],
        "chances": {name: engine.place(scene.id, person).chances_left for name, person in scene.stage.people.items()},
        "list": list(waiting(scene.stage)),
        "bids": [(each.sequence, names[each.person_id], each.request_id) for each in scene.stage.recorded()],
        "gaps": [(gap.first, gap.last) for gap in gaps_of(scene.id)],
        "given up": [(each.sequence, names[each.person_id], each.amount) for each in given_up_bids(scene.id)],
        "notices": sorted((str(each.kind), names[each.person_id], each.facts.get("amount")) for each in notices),
        "mails": sorted(map(str, db.session.scalars(mails))),
        "numbers": (board.sequence, row.recorded_sequence),
        "everything is accounted for here": accounted_on([scene.id])[scene.id] == identity,
        "paused": board.paused,
        "outages": [(each.number, each.reason) for each in outages],
        "the ends moved by what was given back": _moved_alike(scene, board.ends_at_ms, outages),
    }


def _moved_alike(scene: Scene, end_ms: int, outages: Sequence[Outage]) -> bool:
    """Whether the end of both stores moved by the length of the outages, which is at least AWAY_MS."""
    row = scene.stage.row()
    moved = {ends_at_ms - to_ms(row.closes_at) for ends_at_ms in (end_ms, to_ms(row.ends_at))}
    given_back = sum(to_ms(each.ends_after) - to_ms(each.ends_before) for each in outages)
    return moved == {given_back} and given_back >= AWAY_MS
