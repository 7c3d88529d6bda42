"""What it costs to look at messages of the outbox and to send them again: a page looks at its own rows alone."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Notification, OutboxMessage
from cashticket.models.columns import utcnow
from cashticket.models.outbox import MessageState
from cashticket.models.outbox_adding import add_notice_messages
from cashticket.models.units import in_one_unit
from cashticket.work import resending
from tests.sizes.test_commands import WHY, command
from tests.staging.sizes import FilledSite, Sites, Size

pytestmark = pytest.mark.sweep

# Sites of their own: thousands of messages are left behind.
SIZES = (Size(100, 27), Size(4_000, 27))
LISTS: tuple[tuple[str, ...], ...] = (
    (),
    ("--kind=voided",),
    ("--auction={running}",),
    ("--auction={running}", "--kind=voided"),
    ("--person={bidder}",),
    ("--after={newest}",),
)


def everybody_failed(site: FilledSite) -> int:
    """A failed mail about the running auction for every bidder, once a site. Returns how many have failed."""
    auction, kind, now = site.running.id, NoticeKind.VOIDED, utcnow()
    failed = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.state == MessageState.FAILED)
    if count := db.session.scalar(failed):
        return count

    def work(session: Any) -> None:
        rows = [{"person_id": each, "auction_id": auction, "kind": kind, "facts": {}} for each in site.bidders]
        session.execute(insert(Notification), rows)
        mine = (Notification.kind == kind, Notification.auction_id == auction)
        add_notice_messages(session, now, *mine)
        session.execute(update(OutboxMessage).values(state=MessageState.FAILED))

    in_one_unit(work)
    site.analyze()
    return db.session.scalar(failed) or 0


@pytest.mark.parametrize("given", LISTS, ids=lambda given: " ".join(given) or "all")
def test_a_page_of_messages_looks_at_its_rows_and_at_no_others(sites: Sites, given: tuple[str, ...]) -> None:
    def prepare(site: FilledSite) -> Callable[[], Any]:
        assert everybody_failed(site) >= site.size.bidders
        newest = db.session.scalar(select(func.max(OutboxMessage.id)))
        marks = {"{bidder}": str(site.bidders[50]), "{newest}": str(newest)}
        whole = [each.replace(mark, value) for each in given for mark, value in marks.items() if mark in each]
        whole += [each for each in given if not any(mark in each for mark in marks)]
        return command("post list", "--limit=20", *whole)(site)

    sites.cost_of(prepare, sizes=SIZES).stays()


def test_one_message_is_shown_and_sent_again_at_the_same_cost_at_every_size(sites: Sites) -> None:
    def one(name: str, *more: str) -> Callable[[FilledSite], Callable[[], Any]]:
        def prepare(site: FilledSite) -> Callable[[], Any]:
            everybody_failed(site)
            return command(name, str(db.session.scalar(select(func.max(OutboxMessage.id)))), *more)(site)

        return prepare

    sites.cost_of(one("post show"), sizes=SIZES).stays()
    sites.cost_of(one("post resend", "--dry-run", *WHY), sizes=SIZES).stays()


def test_all_that_failed_is_sent_again_in_windows(sites: Sites) -> None:
    failed: list[int] = []

    def prepare(site: FilledSite) -> Callable[[], Any]:
        failed.append(everybody_failed(site))
        return command("post resend", "--failed", "--auction={running}", *WHY)(site)

    cost = sites.cost_of(prepare, warm=False, sizes=SIZES)
    assert max(failed) > 10 * min(failed)
    # A page of ids, the messages, what they are about, and the update; the engine is asked about displacements alone.
    cost.stays_in_windows(failed, resending.WINDOW, each=7, base=30)
