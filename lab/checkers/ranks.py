"""Checks ranks: ranks the recorded bids again and compares every rank, cut-off, board, end and alert that anybody
saw."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from lab.evidence import BidRow, Ending, Evidence
from lab.history import OK, Operation
from lab.oracle.bidding import CHANCES, WITHDRAWN, Effect, Gone, Ranking, amount_faults, is_far_above
from lab.oracle.boards import shown


class Replay:
    """The recorded bids of one auction, ranked again one by one."""

    def __init__(self, ending: Ending) -> None:
        self.ending = ending
        self.ranking = Ranking(ending.seats, ending.minimum)
        self.withdrawn: list[tuple[BidRow, Gone | None]] = []

    def steps(self) -> Iterator[tuple[BidRow, Effect]]:
        """Yields each recorded bid and what it did. Stops at the first missing number: later bids cannot be judged."""
        for number, row in enumerate(self.ending.rows, 1):
            if row.sequence != number:
                return
            if row.nth == WITHDRAWN:
                self.withdrawn.append((row, self.ranking.withdraw(row.person)))
            else:
                yield row, self.ranking.accept(row.person, row.amount, row.sequence)


def ranks_are_true(evidence: Evidence) -> Iterator[str]:
    """I6: both stores hold one order; every rank, board and standing that somebody saw is that order at that bid."""
    answers, boards, standings = (_seen(evidence, what) for what in ("bid", "board", "standing"))
    sure = {(each.auction, each.person, each.request_id, each.amount) for each in evidence.requests if each.sure}
    for ending in evidence.endings:
        replay = Replay(ending)
        for row, effect in replay.steps():
            number = row.sequence
            yield from _row_faults(ending, row, effect)
            said_twice = (ending.auction, row.person, row.request_id, row.amount) in sure
            if is_far_above(row.amount, effect.met) and not said_twice:
                yield f"auction {ending.auction}: bid {number} is far above {effect.met} won and was said once alone"
            for operation in answers[ending.auction].get(number, ()):
                yield from _answer_faults(ending, row, effect, operation)
            for operation in boards[ending.auction].get(number, ()):
                yield from _board_faults(replay, row, effect, operation)
            for operation in standings[ending.auction].get(number, ()):
                yield from _standing_faults(replay, row, operation)
        for row, gone in replay.withdrawn:
            if gone is None or (row.rank, row.cutoff, row.displaced) != (gone.rank, gone.cutoff, gone.brought_in):
                yield f"auction {ending.auction}: withdrawal {row.sequence} of {row.person} should have done {gone}"
        if not ending.quarantined and not ending.given_up and replay.ranking.order() != ending.order:
            yield f"auction {ending.auction}: live store and ledger end in different orders"


def _row_faults(ending: Ending, row: BidRow, effect: Effect) -> Iterator[str]:
    if amount_faults(row.amount, minimum=ending.minimum, step=ending.step, maximum=ending.maximum, own=effect.own):
        yield f"auction {ending.auction}: bid {row.sequence} of {row.amount} won is not one that the rules allow"
    if (row.rank, row.cutoff) != (effect.rank, effect.cutoff):
        yield f"auction {ending.auction}: the ledger ranks bid {row.sequence} as {row.rank}, it is {effect.rank}"


def _answer_faults(ending: Ending, row: BidRow, effect: Effect, operation: Operation) -> Iterator[str]:
    answer = operation.answer
    wins = effect.rank <= ending.seats
    if (answer["rank"], answer["cutoff"], answer["winning"]) != (effect.rank, effect.cutoff, wins):
        yield f"auction {ending.auction}: bid {row.sequence} was answered rank {answer['rank']}, it is {effect.rank}"


def _seen(evidence: Evidence, what: str) -> dict[int, dict[int, list[Operation]]]:
    """Confirmed operations of one kind, by auction and by the bid after which their answer was true."""
    operations: dict[int, dict[int, list[Operation]]] = defaultdict(lambda: defaultdict(list))
    for operation in evidence.operations:
        if operation.outcome == OK and operation.what == what:
            operations[operation.question["auction"]][operation.answer["sequence"]].append(operation)
    return operations


def _board_faults(replay: Replay, row: BidRow, effect: Effect, operation: Operation) -> Iterator[str]:
    answer, ranking = operation.answer, replay.ranking
    expected = shown(ranking.order(), replay.ending.seats, replay.ending.step)
    # A board on a page has the top alone, one of the engine has every part.
    for part in [part for part in expected if (part in answer or part == "top") and answer[part] != expected[part]]:
        yield f"auction {replay.ending.auction}: a board after bid {row.sequence} shows another {part} than there was"
    if (answer["cutoff"], answer["bidders"]) != (effect.cutoff, len(ranking.newest)):
        yield f"auction {replay.ending.auction}: a board after bid {row.sequence} shows a wrong cut-off or count"


def _standing_faults(replay: Replay, row: BidRow, operation: Operation) -> Iterator[str]:
    """Compares position, own bid and chances. Positions other than winning, out and watching are not judged."""
    person, answer, ranking = operation.question["person"], operation.answer, replay.ranking
    bid = ranking.newest.get(person)
    true = "watching" if bid is None else "winning" if ranking.is_winning(person) else "out"
    name = f"auction {replay.ending.auction}: a standing of {person} after bid {row.sequence}"
    if answer["position"] in ("winning", "out", "watching") and answer["position"] != true:
        yield f"{name} says {answer['position']}, it is {true}"
    own, chances = bid.sequence if bid else 0, CHANCES - ranking.used[person]
    if (answer["own"], answer["chances"]) != (own, chances):
        yield f"{name} says bid {answer['own']} and {answer['chances']} chances, they are {own} and {chances}"


def nothing_after_the_end(evidence: Evidence) -> Iterator[str]:
    """I12: no bid before the opening, none at or after the end in force, none after the end was marked."""
    for ending in evidence.endings:
        end = 0
        for row in ending.rows:
            name = f"auction {ending.auction}: bid {row.sequence}"
            moves = [(before, after) for ended, before, after in ending.outages if ended <= row.at_ms]
            end = max([end, *(after for _, after in moves)])
            latest_end = ending.latest_end_ms + sum(after - before for before, after in moves)
            if row.at_ms < ending.opens_at_ms:
                yield f"{name} is earlier than the opening"
            if row.at_ms >= min(end or latest_end, ending.ends_at_ms):
                yield f"{name} is not earlier than the end"
            if row.ends_at_ms < end or row.ends_at_ms > latest_end:
                yield f"{name} moved the end backwards or past its limit"
            if ending.final_sequence is not None and row.sequence > ending.final_sequence:
                yield f"{name} came after the end was marked at bid {ending.final_sequence}"
            end = max(end, row.ends_at_ms)


def alerts_are_due(evidence: Evidence) -> Iterator[str]:
    """I13: one alert per displacement, to the displaced person, only while that person has chances left."""
    for ending in evidence.endings:
        due: Counter[tuple[int, int]] = Counter()
        for row, effect in Replay(ending).steps():
            if (row.displaced, row.alert) != (effect.displaced, effect.alert):
                yield f"auction {ending.auction}: bid {row.sequence} displaced {effect.displaced}, not as recorded"
            if effect.alert and effect.displaced is not None:
                due[effect.displaced, row.sequence] += 1
        answer = Counter(ending.alerts)
        if ending.quarantined or ending.given_up:
            continue
        for person, sequence in due - answer:
            yield f"auction {ending.auction}: {person} got no alert of bid {sequence}"
        for person, sequence in answer - due:
            yield f"auction {ending.auction}: {person} got an alert of bid {sequence} without cause, or twice"
