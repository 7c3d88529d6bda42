"""When each watcher saw each bid: computed from what k6 wrote of the boards that watchers saw, and from the ledger.

Every bid of this scenario raises the cut-off, so a board shows all bids whose cut-off is not above its own. News is the
time from the moment at which the store accepted a bid to the moment at which a watcher had a board with it. For people
who ask every two seconds that is up to two seconds and the wait for the answer; for people with a socket it is the time
that the live service waits for more news, draws and sends.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from lab.load.kinds import LATE, MISSING, NEWS_LATE, NEWS_MISSING, NEWS_SEEN, SEEN
from lab.load.raw import Answer, RawTurn

LATE_MS = 2_500
"""News that took longer is late. Whoever asks every two seconds, and waits no longer than the rule of the knee allows,
has it earlier."""

Changes = Sequence[tuple[int, int]]
"""Each accepted bid: the cut-off after it (won), and when the store accepted it (ms since 1970)."""


def with_news(turn: RawTurn) -> RawTurn:
    """The turn with news in place of sights. A turn of another scenario stays as it is."""
    if "changes" not in turn.facts:
        return turn
    changes = [(int(cutoff), int(moment)) for cutoff, moment in turn.facts["changes"]]
    sights = [each for each in turn.answers if each.kind == SEEN]
    others = [each for each in turn.answers if each.kind != SEEN]
    return replace(turn, answers=[*others, *news_of(sights, changes, turn.facts["watchers"])])


def news_of(sights: Sequence[Answer], changes: Changes, watchers: int) -> list[Answer]:
    """How old each bid was when a watcher saw it, as answers that stand for many. Each of the watchers had to see each
    bid; what one of them never saw is missing."""
    ordered = sorted(changes)
    cutoffs = [cutoff for cutoff, _ in ordered]
    ages: Counter[int] = Counter()
    for sight in sights:
        before, after, moment = map(int, sight.body.split())
        for _, accepted_at in ordered[bisect_right(cutoffs, before) : bisect_right(cutoffs, after)]:
            ages[max(0, moment - accepted_at)] += sight.count
    news = [_news(NEWS_LATE, age, count) for age, count in ages.items() if age > LATE_MS]
    news += [_news(NEWS_SEEN, age, count) for age, count in ages.items() if age <= LATE_MS]
    missing = watchers * len(changes) - ages.total()
    return [*news, _news(NEWS_MISSING, LATE_MS, missing)] if missing > 0 else news


def _news(kind: str, age_ms: int, count: int) -> Answer:
    status = {NEWS_SEEN: 200, NEWS_LATE: LATE, NEWS_MISSING: MISSING}[kind]
    return Answer(0, 0, count, status, float(age_ms), "", kind)
