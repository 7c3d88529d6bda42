"""The order, played again from the ledger alone by a model that shares nothing with the product: every rank, cut-off,
board, end and displacement that anybody was told must come out of it."""

from bisect import bisect_left, insort
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from lab.evidence import Ending, Row, Story
from lab.history import OK, Operation

CHANCES = 3

Key = tuple[int, int]
"""(-amount, sequence): smaller stands before larger."""


@dataclass(slots=True)
class Step:
    """What one recorded bid did: rank from 1, the cut-off after it, who was pushed to place N+1, whether that
    person still has a chance, and whether the bid is above its person's own last."""

    row: Row
    rank: int
    cutoff: int
    displaced: int | None
    alert: bool
    raised: bool


class Ladder:
    """Ranks among all keys that will ever stand: a tree of counts over their final order."""

    def __init__(self, keys: list[Key]) -> None:
        self._place = {key: place for place, key in enumerate(sorted(keys), 1)}
        self._size = len(keys)
        self._counts = [0] * (self._size + 1)

    def change(self, key: Key, by: int) -> None:
        place = self._place[key]
        while place <= self._size:
            self._counts[place] += by
            place += place & -place

    def rank(self, key: Key) -> int:
        place, total = self._place[key], 0
        while place:
            total += self._counts[place]
            place -= place & -place
        return total


class Replay:
    """One auction, bid by bid. `top` holds the keys of the best N+1, `holder` whose each key is."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        self.newest: dict[int, Key] = {}
        self.holder: dict[Key, int] = {}
        self.top: list[Key] = []
        self.used: Counter[int] = Counter()
        self._ladder = Ladder([(-row.amount, row.sequence) for row in ending.rows])

    def steps(self) -> Iterator[Step]:
        """Stops at the first hole: what comes after it cannot be judged."""
        for number, row in enumerate(self.ending.rows, 1):
            if row.sequence != number:
                return
            yield self._step(row)

    def _step(self, row: Row) -> Step:
        key, old, seats = (-row.amount, row.sequence), self.newest.get(row.person), self.ending.seats
        was_winning = old is not None and bisect_left(self.top[:seats], old) < len(self.top[:seats])
        if old is not None:
            self._ladder.change(old, -1)
            if old in self.top:
                self.top.remove(old)
        self._ladder.change(key, 1)
        self.newest[row.person], self.holder[key] = key, row.person
        self.used[row.person] += 1
        insort(self.top, key)
        del self.top[seats + 1 :]
        rank = self._ladder.rank(key)
        pushed = rank <= seats and not was_winning and len(self.top) > seats
        displaced = self.holder[self.top[seats]] if pushed else None
        cutoff = -self.top[seats - 1][0] if len(self.top) >= seats else self.ending.minimum
        alert = displaced is not None and self.used[displaced] < CHANCES
        return Step(row, rank, cutoff, displaced, alert, raised=old is None or key < old)

    def order(self) -> list[tuple[int, int, int]]:
        return [(self.holder[key], -key[0], key[1]) for key in sorted(self.newest.values())]


def ranks_are_true(story: Story) -> Iterator[str]:
    """I6: both stores hold one order; every rank, board and standing that somebody saw is that order at that bid."""
    answers, boards, standings = (_seen(story, what) for what in ("bid", "board", "standing"))
    for ending in story.endings:
        replay = Replay(ending)
        for step in replay.steps():
            number, amount = step.row.sequence, step.row.amount
            if not step.raised or amount < ending.minimum or (amount - ending.minimum) % ending.step:
                yield f"auction {ending.auction}: bid {number} of {amount} won is not one that the rules allow"
            if (step.row.rank, step.row.cutoff) != (step.rank, step.cutoff):
                yield f"auction {ending.auction}: the ledger ranks bid {number} as {step.row.rank}, it is {step.rank}"
            for operation in answers[ending.auction].get(number, ()):
                told = operation.answer
                if (told["rank"], told["cutoff"], told["winning"]) != (step.rank, step.cutoff, _wins(step, ending)):
                    yield f"auction {ending.auction}: bid {number} was told rank {told['rank']}, it is {step.rank}"
            for operation in boards[ending.auction].get(number, ()):
                yield from _board_faults(replay, step, operation)
            for operation in standings[ending.auction].get(number, ()):
                yield from _standing_faults(replay, step, operation)
        if not ending.aside and not ending.lost and replay.order() != ending.order:
            yield f"auction {ending.auction}: live store and ledger end in different orders"


def _wins(step: Step, ending: Ending) -> bool:
    return step.rank <= ending.seats


def _seen(story: Story, what: str) -> dict[int, dict[int, list[Operation]]]:
    """What was told, by auction and by the bid after which it was true."""
    found: dict[int, dict[int, list[Operation]]] = defaultdict(lambda: defaultdict(list))
    for operation in story.operations:
        if operation.outcome == OK and operation.what == what:
            found[operation.asked["auction"]][operation.answer["sequence"]].append(operation)
    return found


def _board_faults(replay: Replay, step: Step, operation: Operation) -> Iterator[str]:
    told, seats = operation.answer, replay.ending.seats
    leaders = [[replay.holder[key], -key[0], key[1]] for key in replay.top[:seats]]
    if [list(leader) for leader in told["leaders"]] != leaders:
        yield f"auction {replay.ending.auction}: a board after bid {step.row.sequence} shows others than who leads"
    if (told["cutoff"], told["bidders"]) != (step.cutoff, len(replay.newest)):
        yield f"auction {replay.ending.auction}: a board after bid {step.row.sequence} shows a wrong cut-off or count"


def _standing_faults(replay: Replay, step: Step, operation: Operation) -> Iterator[str]:
    """A standing tells position (winning, out, watching; anything else is no claim), the own bid and the chances."""
    person, told = operation.asked["person"], operation.answer
    key = replay.newest.get(person)
    true = "watching" if key is None else "winning" if key in replay.top[: replay.ending.seats] else "out"
    name = f"auction {replay.ending.auction}: a standing of {person} after bid {step.row.sequence}"
    if told["position"] in ("winning", "out", "watching") and told["position"] != true:
        yield f"{name} says {told['position']}, it is {true}"
    own, chances = key[1] if key else 0, CHANCES - replay.used[person]
    if (told["own"], told["chances"]) != (own, chances):
        yield f"{name} says bid {told['own']} and {told['chances']} chances, they are {own} and {chances}"


def nothing_after_the_end(story: Story) -> Iterator[str]:
    """I12: no bid before the opening, none at or after the end in force, none after the end was marked."""
    for ending in story.endings:
        end = 0
        for row in ending.rows:
            name = f"auction {ending.auction}: bid {row.sequence}"
            if row.at_ms < ending.opens_at_ms:
                yield f"{name} is earlier than the opening"
            if row.at_ms >= min(end or ending.latest_end_ms, ending.ends_at_ms):
                yield f"{name} is not earlier than the end"
            if row.ends_at_ms < end or row.ends_at_ms > ending.latest_end_ms:
                yield f"{name} moved the end backwards or past its limit"
            if ending.final_sequence is not None and row.sequence > ending.final_sequence:
                yield f"{name} came after the end was marked at bid {ending.final_sequence}"
            end = max(end, row.ends_at_ms)


def alerts_are_due(story: Story) -> Iterator[str]:
    """I13: who falls out and has a chance left is told once for every fall; nobody else is told."""
    for ending in story.endings:
        due: Counter[tuple[int, int]] = Counter()
        for step in Replay(ending).steps():
            if (step.row.displaced, step.row.alert) != (step.displaced, step.alert):
                yield f"auction {ending.auction}: bid {step.row.sequence} pushed {step.displaced}, not as recorded"
            if step.alert and step.displaced is not None:
                due[step.displaced, step.row.sequence] += 1
        told = Counter(ending.alerts)
        if ending.aside or ending.lost:
            continue
        for person, sequence in due - told:
            yield f"auction {ending.auction}: {person} was not told of falling out by bid {sequence}"
        for person, sequence in told - due:
            yield f"auction {ending.auction}: {person} was told of bid {sequence} without cause, or twice"
