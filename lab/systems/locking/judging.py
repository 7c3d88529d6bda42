"""What the law says of a bid, given what was read of the auction and the bidder."""

from dataclasses import dataclass

from cashticket.auction import rules
from cashticket.auction.answers import answer_of, entry_of
from cashticket.auction.values import Accepted, Entry, Permission, Reason, Refused, State
from cashticket.engine.errors import Paused
from cashticket.engine.introductions import Introduction
from cashticket.engine.pauses import BACKLOG_FULL
from cashticket.engine.values import Decision, UnknownPerson
from lab.systems.locking.statements import Standing


@dataclass(frozen=True, slots=True)
class Attempt:
    """A bid as `place_bid` takes it. `now_ms` is None for the database's own clock, `backlog_max` for no limit.
    `looks_first`: whether it may be refused is read before the lock, too. `sure` is the amount said once more."""

    auction_id: int
    person: int
    epoch: int
    amount: int
    request_id: str
    now_ms: int | None = None
    backlog_max: int | None = None
    looks_first: bool = False
    sure: int | None = None


def judged(attempt: Attempt, standing: Standing) -> tuple[Decision, Entry | None, int] | None:
    """The answer when the bid is not accepted now, with the entry of a repeated request; None to accept it. Raises
    Paused."""
    if standing.answer:
        return _repeated(attempt, standing)
    introduction = _introduction(standing)
    objection = UnknownPerson() if introduction is None else introduction.objection(attempt.epoch)
    if objection is not None:
        return objection, None, 0
    is_open = standing.state == State.OPEN
    if is_open and standing.pause_reason:
        raise Paused(attempt.auction_id, standing.pause_reason)
    window = rules.Window(_now_ms(attempt, standing), standing.ends_at_ms, ended=not is_open)
    own = rules.Own(standing.used, rules.unscore(standing.score)[0] if standing.score >= 0 else None)
    met = rules.unscore(standing.cutoff_score)[0] if standing.cutoff_score >= 0 else standing.terms.minimum
    bid = (standing.sequence, attempt.amount)
    reason = rules.judge(standing.terms, window, own, *bid, cutoff=met, sure=attempt.sure)
    if reason is not None:
        return Refused(reason, rules.chances_left(standing.used)), None, 0
    if attempt.backlog_max is not None and standing.sequence - standing.recorded >= attempt.backlog_max:
        raise Paused(attempt.auction_id, BACKLOG_FULL)
    return None


def accepted(attempt: Attempt, before: Standing) -> tuple[Entry, tuple[int, int]]:
    """The entry of a lawful bid, and score and person at place N after it (-1 and 0 while fewer than N stand).

    Nobody is counted: the bid at place N changes only when somebody enters the top N, or when it is raised itself, and
    is then the lowest one above it.
    """
    terms, sequence, now_ms = before.terms, before.sequence + 1, _now_ms(attempt, before)
    rank = before.at_or_above + 1
    was_winning = before.score >= 0 and before.score >= before.cutoff_score
    entered = rules.is_winning(rank, terms.seats) and not was_winning
    score, person = before.cutoff_score, before.cutoff_person
    bidders = before.bidders + (before.score < 0)
    if bidders >= terms.seats and (entered or (score >= 0 and before.score == score)):
        own = (rules.score(attempt.amount, sequence), attempt.person)
        score, person = own if before.next_score < 0 else min(own, (before.next_score, before.next_person))
    displaced = before.cutoff_person if entered and before.cutoff_score >= 0 else None
    out = rules.ranked_out(displaced, before.cutoff_used)
    answer = Accepted(
        sequence=sequence,
        nth=before.used + 1,
        amount=attempt.amount,
        rank=rank,
        winning=rules.is_winning(rank, terms.seats),
        chances_left=rules.chances_left(before.used + 1),
        cutoff=terms.minimum if score < 0 else rules.unscore(score)[0],
        at_ms=now_ms,
        ends_at_ms=rules.soft_close(before.ends_at_ms, now_ms, terms, entered),
    )
    return entry_of(answer, attempt.person, attempt.request_id, out), (score, person)


def _repeated(attempt: Attempt, standing: Standing) -> tuple[Decision, Entry | None, int]:
    sequence, nth, amount, rank, cutoff, at_ms, ends_at_ms = map(int, standing.answer.split(" "))
    if amount != attempt.amount:
        return Refused(Reason.REQUEST_REUSED, rules.chances_left(standing.used)), None, 0
    bid = (sequence, attempt.person, nth, amount, at_ms, attempt.request_id, ends_at_ms, rank, cutoff)
    entry = Entry(*bid, displaced=None, alert=False)
    return answer_of(entry, standing.terms.seats, replayed=True), entry, 0


def _introduction(standing: Standing) -> Introduction | None:
    if standing.permission == "-":
        return None
    return Introduction(Permission(standing.permission), standing.epoch, revision=0)


def _now_ms(attempt: Attempt, standing: Standing) -> int:
    return max(standing.clock_ms if attempt.now_ms is None else attempt.now_ms, standing.last_ms)
