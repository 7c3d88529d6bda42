"""Storms that never were: histories and endings as a faultless product would leave them, from a seed. What checkers are
tested and measured with. Bids take effect one by one; the questions around them overlap, repeat and stay unanswered."""

import random
from dataclasses import dataclass, field
from typing import Any

from lab.evidence import Ending, Right, Row, Story
from lab.history import FAIL, OK, UNKNOWN, Operation
from lab.oracle.bidding import CHANCES, Ranking, cutoff

MINIMUM, STEP, SEATS = 100_000, 5_000, 20
OPENS, LASTS_MS = 1_900_000_000_000, 3_600_000
WAIT = 5_000
"""The longest a question or an answer of a made-up storm is on its way, in ns; a bid takes effect every 1,000 ns."""


@dataclass
class MadeUp:
    """One auction that is made up bid by bid."""

    auction: int
    dice: random.Random
    people: int
    operations: list[Operation]
    seats: int = SEATS
    rows: list[Row] = field(default_factory=list)
    ranking: Ranking = field(init=False)
    own: dict[int, list[Row]] = field(default_factory=dict)
    alerts: list[tuple[int, int]] = field(default_factory=list)
    confirmed: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    now: int = 0

    def __post_init__(self) -> None:
        self.ranking = Ranking(self.seats, MINIMUM)

    def bid(self) -> None:
        """A new bid of somebody who has a chance left, at times confirmed only when asked again."""
        person = self.auction * 1_000_000 + self.dice.randrange(1, self.people + 1)
        mine = self.own.setdefault(person, [])
        asked = {"auction": self.auction, "person": person, "request_id": f"r{len(mine)}-{self.now}"}
        if len(mine) >= CHANCES:
            self._say("bid", asked | {"amount": MINIMUM}, FAIL, {"reason": "no_chances_left"})
            return
        above = mine[-1].amount + STEP if mine else MINIMUM
        asked["amount"] = above + STEP * self.dice.randrange(40)
        answer = self._accept(asked, mine)
        if self.dice.random() < 0.05:
            self._say("bid", asked, UNKNOWN, {"why": "no answer"})
            answer = answer | {"replayed": True}
        self._say("bid", asked, OK, answer)
        self.confirmed.append((asked, answer))

    def something_else(self) -> None:
        """A repeat, a contradiction, a refusal, a lost question, a look at the board, or a look at the mark."""
        kind = self.dice.randrange(6)
        asked, answer = self.dice.choice(self.confirmed)
        if kind == 0:
            self._say("bid", asked, OK, answer | {"replayed": True})
        elif kind == 1:
            self._say("bid", asked | {"amount": asked["amount"] + STEP}, FAIL, {"reason": "request_reused"})
        elif kind == 2:
            self._say("bid", asked | {"request_id": f"low-{self.now}", "amount": 1}, FAIL, {"reason": "below_minimum"})
        elif kind == 3:
            self._say("bid", asked | {"request_id": f"lost-{self.now}"}, UNKNOWN, {"why": "never arrived"})
        elif kind == 4:
            self._say("board", {"auction": self.auction}, OK, self._board())
        else:
            self._say("mark", {"auction": self.auction}, OK, {"recorded": len(self.rows)})

    def _accept(self, asked: dict[str, Any], mine: list[Row]) -> dict[str, Any]:
        person, amount, sequence = asked["person"], asked["amount"], len(self.rows) + 1
        effect = self.ranking.accept(person, amount, sequence)
        row = Row(
            sequence=sequence,
            person=person,
            nth=len(mine) + 1,
            amount=amount,
            at_ms=OPENS + self.now // 1_000_000,
            ends_at_ms=OPENS + LASTS_MS,
            request_id=asked["request_id"],
            rank=effect.rank,
            cutoff=effect.cutoff,
            displaced=effect.displaced,
            alert=effect.alert,
        )
        self.rows.append(row)
        mine.append(row)
        if effect.alert and effect.displaced is not None:
            self.alerts.append((effect.displaced, sequence))
        return {
            "sequence": sequence,
            "nth": row.nth,
            "amount": amount,
            "rank": effect.rank,
            "winning": effect.rank <= self.seats,
            "chances_left": CHANCES - row.nth,
            "cutoff": effect.cutoff,
            "at_ms": row.at_ms,
            "ends_at_ms": row.ends_at_ms,
            "replayed": False,
        }

    def _board(self) -> dict[str, Any]:
        leaders = self.ranking.leaders()
        return {
            "sequence": len(self.rows),
            "cutoff": cutoff(leaders, self.seats, MINIMUM),
            "bidders": len(self.ranking.newest),
            "leaders": [list(ranked) for ranked in leaders],
        }

    def _say(self, what: str, asked: dict[str, Any], outcome: str, answer: dict[str, Any]) -> None:
        self.now += 1_000
        asked_at, told_at = self.now - self.dice.randrange(WAIT), self.now + self.dice.randrange(WAIT)
        # A repeat is asked after the first answer is known, so that its refusal proves something.
        if outcome == FAIL or answer.get("replayed"):
            self.now += 3 * WAIT
            asked_at, told_at = self.now, self.now + 1
        self.operations.append(Operation(f"p{asked_at % 8}", what, asked, asked_at, outcome, answer, told_at))

    def ending(self) -> Ending:
        """At rest, settled: who won, who gave the seat back, who took it over."""
        rights, events = self._seats()
        last = len(self.rows)
        return Ending(
            auction=self.auction,
            concert=self.auction,
            seats=self.seats,
            minimum=MINIMUM,
            step=STEP,
            opens_at_ms=OPENS,
            latest_end_ms=OPENS + LASTS_MS,
            ends_at_ms=OPENS + LASTS_MS,
            sequence=last,
            recorded=last,
            waiting=0,
            rows=self.rows,
            order=[tuple(ranked) for ranked in self.ranking.order()],
            chances={person: len(rows) for person, rows in self.own.items() if rows},
            state="settled",
            final_sequence=last,
            alerts=self.alerts,
            seat_numbers=list(range(1, self.seats + 1)),
            rights=rights,
            events=events,
        )

    def _seats(self) -> tuple[list[Right], list[tuple[int, int, str]]]:
        rights: list[Right] = []
        story: list[tuple[int, str]] = []
        waiting = self.ranking.order()

        def offer(seat: int, previous: int | None) -> None:
            heir = waiting.pop(0)
            number = self.auction * 1_000 + len(rights) + 1
            rights.append(Right(number, seat, heir.person, heir.amount, "offered", previous))
            story.append((rights[-1].id, "offered"))

        def move(right: Right, move: str, state: str) -> None:
            right.state = state
            story.append((right.id, state))
            self._say("move", {"award": right.id, "person": right.person, "move": move}, OK, {"state": state})

        for seat in range(1, min(self.seats, len(waiting)) + 1):
            offer(seat, None)
        for right in rights[::2]:
            move(right, "buy", "bought")
        for right in rights[:6:2]:
            move(right, "cancel", "cancelled")
            if waiting:
                offer(right.seat, right.id)
        return rights, [(number, award, state) for number, (award, state) in enumerate(story, 1)]


def storm(seed: int, auctions: int = 1, operations: int = 400, seats: int = SEATS) -> Story:
    """So many operations, dealt out to so many auctions."""
    dice = random.Random(seed)
    each = operations // auctions
    said: list[Operation] = []
    endings = []
    for auction in range(1, auctions + 1):
        made_up = MadeUp(auction, dice, max(5, each // 3), said, seats)
        started = len(said)
        made_up.bid()
        while len(said) - started < each:
            made_up.bid() if dice.random() < 0.75 else made_up.something_else()
        endings.append(made_up.ending())
    return Story(sorted(said, key=lambda operation: operation.invoked), endings)
