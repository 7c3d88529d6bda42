"""Synthetic evidence: histories and final states as a faultless product would leave them, made from a seed.

Checkers are tested and measured with it. Bids take effect one by one; operations overlap, repeat and stay unanswered.
"""

import random
from dataclasses import dataclass, field
from typing import Any

from lab.evidence import AwardRow, BidRow, Ending, Evidence
from lab.history import FAIL, OK, UNKNOWN, Operation
from lab.oracle.bidding import CHANCES, Ranking, cutoff
from lab.oracle.boards import shown

MINIMUM, STEP, MAXIMUM, SEATS = 100_000, 5_000, 10_000_000, 20
OPENS, LASTS_MS = 1_900_000_000_000, 3_600_000
WAIT = 5_000
"""The longest a request or an answer is on its way, in ns. A bid takes effect every 1,000 ns."""


@dataclass
class SyntheticAuction:
    """One auction, made up bid by bid."""

    auction: int
    dice: random.Random
    people: int
    operations: list[Operation]
    seats: int = SEATS
    rows: list[BidRow] = field(default_factory=list)
    ranking: Ranking = field(init=False)
    own: dict[int, list[BidRow]] = field(default_factory=dict)
    alerts: list[tuple[int, int]] = field(default_factory=list)
    confirmed: list[tuple[dict[str, Any], dict[str, Any]]] = field(default_factory=list)
    now: int = 0

    def __post_init__(self) -> None:
        self.ranking = Ranking(self.seats, MINIMUM)

    def bid(self) -> None:
        """A new bid by somebody with a chance left, sometimes confirmed only on the second sending."""
        person = self.auction * 1_000_000 + self.dice.randrange(1, self.people + 1)
        mine = self.own.setdefault(person, [])
        question = {"auction": self.auction, "person": person, "request_id": f"r{len(mine)}-{self.now}"}
        if len(mine) >= CHANCES:
            self._say("bid", question | {"amount": MINIMUM}, FAIL, {"reason": "no_chances_left"})
            return
        above = mine[-1].amount + STEP if mine else MINIMUM
        question["amount"] = above + STEP * self.dice.randrange(40)
        answer = self._accept(question, mine)
        if self.dice.random() < 0.05:
            self._say("bid", question, UNKNOWN, {"why": "no answer"})
            answer = answer | {"replayed": True}
        self._say("bid", question, OK, answer)
        self.confirmed.append((question, answer))

    def something_else(self) -> None:
        """A repeat, a reused request, a refusal, a lost request, a look at the board, or at the recorded sequence."""
        kind = self.dice.randrange(6)
        question, answer = self.dice.choice(self.confirmed)
        if kind == 0:
            self._say("bid", question, OK, answer | {"replayed": True})
        elif kind == 1:
            self._say("bid", question | {"amount": question["amount"] + STEP}, FAIL, {"reason": "request_reused"})
        elif kind == 2:
            self._say(
                "bid", question | {"request_id": f"low-{self.now}", "amount": 1}, FAIL, {"reason": "below_minimum"}
            )
        elif kind == 3:
            self._say("bid", question | {"request_id": f"lost-{self.now}"}, UNKNOWN, {"why": "never arrived"})
        elif kind == 4:
            self._say("board", {"auction": self.auction}, OK, self._board())
        else:
            self._say("mark", {"auction": self.auction}, OK, {"recorded": len(self.rows)})

    def _accept(self, question: dict[str, Any], mine: list[BidRow]) -> dict[str, Any]:
        person, amount, sequence = question["person"], question["amount"], len(self.rows) + 1
        effect = self.ranking.accept(person, amount, sequence)
        row = BidRow(
            sequence=sequence,
            person=person,
            nth=len(mine) + 1,
            amount=amount,
            at_ms=OPENS + self.now // 1_000_000,
            ends_at_ms=OPENS + LASTS_MS,
            request_id=question["request_id"],
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
        return {
            "sequence": len(self.rows),
            "cutoff": cutoff(self.ranking.leaders(), self.seats, MINIMUM),
            "bidders": len(self.ranking.newest),
            **shown(self.ranking.order(), self.seats, STEP),
        }

    def _say(self, what: str, question: dict[str, Any], outcome: str, answer: dict[str, Any]) -> None:
        self.now += 1_000
        invoked, completed = self.now - self.dice.randrange(WAIT), self.now + self.dice.randrange(WAIT)
        # A repeat is sent after the first answer, so that its refusal proves something.
        if outcome == FAIL or answer.get("replayed"):
            self.now += 3 * WAIT
            invoked, completed = self.now, self.now + 1
        self.operations.append(Operation(f"p{invoked % 8}", what, question, invoked, outcome, answer, completed))

    def ending(self) -> Ending:
        """Final state, settled: who won, who gave a seat back, who took it over."""
        award_rows, events = self._seats()
        last = len(self.rows)
        return Ending(
            auction=self.auction,
            concert=self.auction,
            seats=self.seats,
            minimum=MINIMUM,
            step=STEP,
            maximum=MAXIMUM,
            opens_at_ms=OPENS,
            latest_end_ms=OPENS + LASTS_MS,
            ends_at_ms=OPENS + LASTS_MS,
            sequence=last,
            recorded=last,
            backlog=0,
            rows=self.rows,
            order=[(bid.person, bid.amount, bid.sequence) for bid in self.ranking.order()],
            chances={person: len(rows) for person, rows in self.own.items() if rows},
            state="settled",
            final_sequence=last,
            alerts=self.alerts,
            seat_numbers=list(range(1, self.seats + 1)),
            award_rows=award_rows,
            events=events,
        )

    def _seats(self) -> tuple[list[AwardRow], list[tuple[int, int, str]]]:
        award_rows: list[AwardRow] = []
        evidence: list[tuple[int, str]] = []
        waiting = self.ranking.order()

        def offer(seat: int, previous: int | None) -> None:
            heir = waiting.pop(0)
            number = self.auction * 1_000 + len(award_rows) + 1
            award_rows.append(AwardRow(number, seat, heir.person, heir.amount, "offered", previous))
            evidence.append((award_rows[-1].id, "offered"))

        def move(award: AwardRow, move: str, state: str) -> None:
            award.state = state
            evidence.append((award.id, state))
            self._say("move", {"award": award.id, "person": award.person, "move": move}, OK, {"state": state})

        for seat in range(1, min(self.seats, len(waiting)) + 1):
            offer(seat, None)
        for award in award_rows[::2]:
            move(award, "buy", "bought")
        for award in award_rows[:6:2]:
            move(award, "cancel", "cancelled")
            if waiting:
                offer(award.seat, award.id)
        return award_rows, [(number, award, state) for number, (award, state) in enumerate(evidence, 1)]


def synthetic_evidence(seed: int, auctions: int = 1, operations: int = 400, seats: int = SEATS) -> Evidence:
    """Evidence of a faultless run of about so many operations, shared out among the auctions."""
    dice = random.Random(seed)
    each = operations // auctions
    history: list[Operation] = []
    endings = []
    for auction in range(1, auctions + 1):
        synthetic = SyntheticAuction(auction, dice, max(5, each // 3), history, seats)
        started = len(history)
        synthetic.bid()
        while len(history) - started < each:
            synthetic.bid() if dice.random() < 0.75 else synthetic.something_else()
        endings.append(synthetic.ending())
    return Evidence(sorted(history, key=lambda operation: operation.invoked), endings)
