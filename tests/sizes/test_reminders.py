"""What reminding costs: a round looks at one follower of an auction, a run goes through followers in windows."""

from collections.abc import Callable
from threading import Event

from sqlalchemy import func, insert, select

from cashticket.accounts import watch_lists
from cashticket.auction.values import NoticeKind
from cashticket.extensions import db
from cashticket.models import Follow, Notification
from cashticket.models.columns import utcnow
from cashticket.models.units import in_one_unit
from cashticket.notify.reminders import BATCH
from cashticket.work.reminding import any_due, remind
from tests.staging.sizes import FilledSite, Sites, Size, page

# Sites of their own: thousands of notices and mails are left behind.
SIZES = (Size(600, 24), Size(6_000, 24))


def everybody_follows(site: FilledSite, reminded: int) -> int:
    """Let every bidder follow the running auction, with this reminder behind them. Returns how many."""
    auction_id = site.running.id
    rows = [
        {"person_id": each, "auction_id": auction_id, "reminded": reminded, "created_at": utcnow()}
        for each in site.bidders
    ]
    for start in range(0, len(rows), 5_000):
        part = rows[start : start + 5_000]
        in_one_unit(lambda session, part=part: session.execute(insert(Follow), part))  # type: ignore[misc]
    site.analyze()
    return len(rows)


def test_followers_are_reminded_in_windows(sites: Sites) -> None:
    followers: list[int] = []

    def prepare(site: FilledSite) -> Callable[[], bool]:
        followers.append(everybody_follows(site, 0))
        return lambda: remind(site.app.extensions["engine"], Event(), 600)

    cost = sites.cost_of(prepare, warm=False, sizes=SIZES)
    cost.stays_in_windows(followers, BATCH, each=14, base=40)
    with sites.make(SIZES[-1]).inside():
        given = select(func.count()).where(Notification.kind == NoticeKind.AUCTION_REMINDER)
        assert db.session.scalar(given) == followers[-1] and not any_due(utcnow())


def test_a_round_costs_the_same_however_many_follow(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], bool]:
        everybody_follows(site, 1)
        return lambda: any_due(utcnow())

    cost = sites.cost_of(prepare, sizes=(Size(600, 25), Size(6_000, 25)))
    cost.stays().never_exceeds(statements=2)


def test_the_watch_list_and_its_forms_cost_the_same_at_every_size(sites: Sites) -> None:
    def reader(site: FilledSite) -> int:
        person = site.strangers[5]
        watch_lists.follow(person, site.running.id, utcnow())
        return person

    for path in ("/me/watchlist", "/me/watchlist/watched"):
        sites.cost_of(page(path, reader)).stays().never_exceeds(statements=4)
    sites.cost_of(page("/auctions/{running}/reminder", reader)).stays().never_exceeds(statements=5)
    sites.cost_of(page("/concerts/{running.concert_id}/reminders", reader)).stays().never_exceeds(statements=3)


def test_calendar_files_cost_the_same_at_every_size(sites: Sites) -> None:
    sites.cost_of(page("/auctions/{running}/calendar.ics")).stays().never_exceeds(statements=1, round_trips=0)
