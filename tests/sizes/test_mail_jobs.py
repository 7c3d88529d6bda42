"""What the jobs behind mails cost: they go through what is due in windows, and through nothing else."""

from collections.abc import Callable

from sqlalchemy import func, select

from cashticket import jobs
from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Notification, OutboxMessage
from cashticket.models.outbox import MessageState
from tests.staging.sizes import FilledSite, Sites, Size

# Sites of their own: thousands of mails are left behind.
SIZES = (Size(100, 22), Size(3_000, 22))
WINDOW = 500


def due_rank_outs(site: FilledSite) -> int:
    """How many displacements nobody has decided yet."""
    due = select(func.count()).where(Notification.kind == NoticeKind.RANK_OUT, Notification.mailed_at.is_(None))
    return db.session.scalar(due) or 0


def test_displacements_are_sorted_in_windows(sites: Sites) -> None:
    due: list[int] = []

    def prepare(site: FilledSite) -> Callable[[], None]:
        assert site.running
        due.append(due_rank_outs(site))
        return jobs.sort_rank_outs

    cost = sites.cost_of(prepare, warm=False, sizes=SIZES)
    assert min(due) > 20 and max(due) > 3 * min(due), due
    # A window of places, of open pages, and of each of both marks.
    cost.stays_in_windows(due, WINDOW, each=12)
    with sites.make(SIZES[-1]).inside():
        assert due_rank_outs(sites.make(SIZES[-1])) == 0


def test_each_mail_costs_the_same_however_many_wait(sites: Sites) -> None:
    waiting: list[int] = []

    def prepare(site: FilledSite) -> Callable[[], None]:
        assert site.running
        jobs.sort_rank_outs()
        due = select(func.count(OutboxMessage.id)).where(OutboxMessage.state == MessageState.WAITING)
        waiting.append(db.session.scalar(due) or 0)
        return jobs.deliver_due

    cost = sites.cost_of(prepare, warm=False, sizes=(Size(100, 23), Size(3_000, 23)))
    assert max(waiting) > 2 * min(waiting) > 0, waiting
    cost.stays_in_windows(waiting, window=1, each=20)
