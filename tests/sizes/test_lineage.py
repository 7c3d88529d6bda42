"""What the lineage of the seats of a settled auction costs at any size: its pages, also of seats that moved."""

from collections.abc import Callable

from sqlalchemy import select
from werkzeug.test import TestResponse

from cashticket.auction.values import AwardState
from cashticket.extensions import db
from cashticket.ledger import seat_histories
from cashticket.models import Award
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.work.closing import close_and_settle
from tests.staging.sizes import FilledSite, Sites, Size, page

# The smaller auctions have 20 seats, and a whole page has 50.
WHOLE_PAGE = 2.5
SHOWN = {"answer_bytes": WHOLE_PAGE, "rows_read": WHOLE_PAGE, "rows_fetched": WHOLE_PAGE}
STATEMENTS = 3
MOVED = 20
# Sites of their own: hand-overs leave much behind. First the bidders grow, then the seats.
SIZES = (Size(110, 50), Size(5_000, 50), Size(5_000, 1_000))


def test_a_page_of_the_lineage_costs_the_seats_that_it_shows(sites: Sites) -> None:
    cost = sites.cost_of(page("/auctions/{settled}/lineage"))
    cost.stays(**SHOWN).never_exceeds(statements=STATEMENTS, rows_fetched=60, rows_read=400, answer_bytes=40_000)


def test_the_last_page_costs_no_more_than_the_first_one(sites: Sites) -> None:
    def last_page(site: FilledSite) -> Callable[[], TestResponse]:
        return page(f"/auctions/{{settled}}/lineage?page={-(-site.size.seats // seat_histories.PAGE_SEATS)}")(site)

    # The first seat of a page looks for those before its winner, and the last page may be shorter.
    sites.cost_of(last_page).never_exceeds(statements=STATEMENTS, rows_fetched=60, rows_read=400, answer_bytes=40_000)


def test_an_unchanged_page_of_the_lineage_costs_one_statement_and_no_bytes(sites: Sites) -> None:
    def again(site: FilledSite) -> Callable[[], TestResponse]:
        browser, path = site.browser(), f"/auctions/{site.settled.id}/lineage"
        tag = browser.get(path).headers["ETag"]
        return lambda: browser.get(path, headers={"If-None-Match": tag})

    sites.cost_of(again).stays().never_exceeds(statements=1, round_trips=0, answer_bytes=0)


def test_seats_that_moved_cost_their_rows_at_every_size(sites: Sites) -> None:
    def moved(site: FilledSite) -> Callable[[], TestResponse]:
        auction = site.fill(ends_in_ms=-1_000)
        close_and_settle(site.app.extensions["engine"], auction.id)
        offered = (Award.auction_id == auction.id, Award.state == AwardState.OFFERED)
        first = db.session.execute(select(Award.id, Award.person_id).where(*offered).order_by(Award.id).limit(MOVED))
        for award_id, person in first.all():
            awards.decline(award_id, person, utcnow())
        site.analyze()
        return page(f"/auctions/{auction.id}/lineage")(site)

    cost = sites.cost_of(moved, sizes=SIZES)
    # Who stands directly before them is read where the page does not show them all.
    cost.stays(statements=1.5, rows_fetched=1.1).never_exceeds(statements=STATEMENTS, rows_fetched=2 * MOVED + 60)
    cost.never_exceeds(rows_read=600, answer_bytes=60_000)
