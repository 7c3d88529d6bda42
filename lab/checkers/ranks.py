"""The order, played again from the ledger alone by a model that shares nothing with the product: every rank, cut-off,
board, end and displacement that anybody was told must come out of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from lab.evidence import Ending, Row, Story
from lab.history import OK, Operation
from lab.oracle.bidding import CHANCES, Effect, Ranking, amount_faults


class Replay:
    """The recorded bids of one auction, ranked again one by one."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        self.ranking = Ranking(ending.seats, ending.minimum)

    def steps(self) -> Iterator[tuple[Row, Effect]]:
        """Each recorded bid and what it did. Stops at the first missing number: later bids cannot be judged."""
        for number, row in enumerate(self.ending.rows, 1):
            if row.sequence != number:
                return
            yield row, self.ranking.accept(row.person, row.amount, row.sequence)


def ranks_are_true(story: Story) -> Iterator[str]:
    """I6: both stores hold one order; every rank, board and standing that somebody saw is that order at that bid."""
    answers, boards, standings = (_seen(story, what) for what in ("bid", "board", "standing"))
    for ending in story.endings:
        replay = Replay(ending)
        for row, effect in replay.steps():
            number = row.sequence
            yield from _row_faults(ending, row, effect)
            for operation in answers[ending.auction].get(number, ()):
                yield from _answer_faults(ending, row, effect, operation)
            for operation in boards[ending.auction].get(number, ()):
                yield from _board_faults(replay, row, effect, operation)
            for operation in standings[ending.auction].get(number, ()):
                yield from _standing_faults(replay, row, operation)
        if not ending.aside and not ending.lost and replay.ranking.order() != ending.order:
            yield f"auction {ending.auction}: live store and ledger end in different orders"


def _row_faults(ending: Ending, row: Row, effect: Effect) -> Iterator[str]:
    if amount_faults(row.amount, minimum=ending.minimum, step=ending.step, own=effect.own):
        yield f"auction {ending.auction}: bid {row.sequence} of {row.amount} won is not one that the rules allow"
    if (row.rank, row.cutoff) != (effect.rank, effect.cutoff):
        yield f"auction {ending.auction}: the ledger ranks bid {row.sequence} as {row.rank}, it is {effect.rank}"


def _answer_faults(ending: Ending, row: Row, effect: Effect, operation: Operation) -> Iterator[str]:
    told = operation.answer
    if (told["rank"], told["cutoff"], told["winning"]) != (effect.rank, effect.cutoff, effect.rank <= ending.seats):
        yield f"auction {ending.auction}: bid {row.sequence} was told rank {told['rank']}, it is {effect.rank}"


def _seen(story: Story, what: str) -> dict[int, dict[int, list[Operation]]]:
    """What was told, by auction and by the bid after which it was true."""
    found: dict[int, dict[int, list[Operation]]] = defaultdict(lambda: defaultdict(list))
    for operation in story.operations:
        if operation.outcome == OK and operation.what == what:
            found[operation.asked["auction"]][operation.answer["sequence"]].append(operation)
    return found


def _board_faults(replay: Replay, row: Row, effect: Effect, operation: Operation) -> Iterator[str]:
    told, ranking = operation.answer, replay.ranking
    if [tuple(leader) for leader in told["leaders"]] != ranking.leaders():
        yield f"auction {replay.ending.auction}: a board after bid {row.sequence} shows others than who leads"
    if (told["cutoff"], told["bidders"]) != (effect.cutoff, len(ranking.newest)):
        yield f"auction {replay.ending.auction}: a board after bid {row.sequence} shows a wrong cut-off or count"


def _standing_faults(replay: Replay, row: Row, operation: Operation) -> Iterator[str]:
    """A standing tells position (winning, out, watching; anything else is no claim), the own bid and the chances."""
    person, told, ranking = operation.asked["person"], operation.answer, replay.ranking
    bid = ranking.newest.get(person)
    true = "watching" if bid is None else "winning" if ranking.is_winning(person) else "out"
    name = f"auction {replay.ending.auction}: a standing of {person} after bid {row.sequence}"
    if told["position"] in ("winning", "out", "watching") and told["position"] != true:
        yield f"{name} says {told['position']}, it is {true}"
    own, chances = bid.sequence if bid else 0, CHANCES - ranking.used[person]
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
        for row, effect in Replay(ending).steps():
            if (row.displaced, row.alert) != (effect.displaced, effect.alert):
                yield f"auction {ending.auction}: bid {row.sequence} pushed {effect.displaced}, not as recorded"
            if effect.alert and effect.displaced is not None:
                due[effect.displaced, row.sequence] += 1
        told = Counter(ending.alerts)
        if ending.aside or ending.lost:
            continue
        for person, sequence in due - told:
            yield f"auction {ending.auction}: {person} was not told of falling out by bid {sequence}"
        for person, sequence in told - due:
            yield f"auction {ending.auction}: {person} was told of bid {sequence} without cause, or twice"
