"""An award as its holder sees it: its wording, the time left, what may be done now, and the story of its seat."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cashticket.auction.values import AwardState
from cashticket.blueprints.request import store_silence
from cashticket.blueprints.wording import awards
from cashticket.ledger.person_queries import Step
from cashticket.models import Award
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine
from cashticket.work import handing_over


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One step in the story of a seat, as a sentence, and when it happened (UTC)."""

    at: datetime
    text: str


@dataclass(frozen=True, slots=True)
class Holding:
    """`left_ms` is the time left to buy. `cancel_until` is the cancellation deadline (UTC)."""

    award: Award
    state_label: str
    may_buy: bool
    may_cancel: bool
    cancel_until: datetime
    left_ms: int
    story: tuple[StoryLine, ...] = ()

    @property
    def urgency(self) -> int:
        """Sorts holdings: 0 may be bought now, 1 bought, 2 over."""
        if self.may_buy:
            return 0
        return 1 if self.award.state is AwardState.BOUGHT else 2


def holders_now() -> datetime:
    """The moment (UTC) by which what a holder may do is shown and decided."""
    now = utcnow()
    return now if store_silence.is_silent() else handing_over.holders_now(current_engine(), now)


def holding_of(award: Award, now: datetime, steps: Sequence[Step] = ()) -> Holding:
    """What the holder of `award` may do with it at `now` (UTC). `steps` is the story of its seat, oldest first."""
    deadline = award.auction.concert.cancel_until
    may_buy = award.state is AwardState.OFFERED and now < award.expires_at
    # One that was not bought in time is called so before it is taken back.
    is_over = award.state is AwardState.OFFERED and not may_buy
    return Holding(
        award=award,
        state_label=awards.state_label(AwardState.LAPSED if is_over else award.state),
        may_buy=may_buy,
        may_cancel=award.state is AwardState.BOUGHT and now < deadline,
        cancel_until=deadline,
        left_ms=int((award.expires_at - now).total_seconds() * 1000),
        story=tuple(StoryLine(step.at, _sentence(step, award)) for step in steps),
    )


def _sentence(step: Step, award: Award) -> str:
    sentence = awards.own_step if step.award_id == award.id else awards.step
    return sentence(step.state, step.rank, handed_over=step.handed_over)
