"""What leaving a line and pausing it costs at any size, what others are told of it, and that many have left."""

from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import func, select, true, update
from werkzeug.test import TestResponse

from cashticket.extensions import db
from cashticket.ledger.recording import record_waiting
from cashticket.models import Award, FinalRank, Notification
from cashticket.models.columns import utcnow
from cashticket.settlement import awards
from cashticket.settlement.leaving import leave
from cashticket.work.closing import close_and_settle
from tests.sizes.test_awards import SIZES
from tests.sizes.test_commands import WHY, command
from tests.staging.costs import Cost, Growth
from tests.staging.settlement import tell_everybody
from tests.staging.sizes import FilledSite, Sites


def settled(site: FilledSite) -> int:
    """The id of an auction of its own that was settled just now."""
    engine, auction = site.app.extensions["engine"], site.fill(ends_in_ms=-1_000)
    while record_waiting(engine, auction.id):
        pass
    close_and_settle(engine, auction.id)
    # The filling analyzed tables that had no award yet.
    site.analyze()
    # A job that waits already is not queued again.
    site.counters.queue.flushall()
    return auction.id


def next_in_line(auction: int) -> int:
    """The person who is next in its line."""
    waiting = (FinalRank.auction_id == auction, FinalRank.waiting == true())
    first = select(FinalRank.person_id).where(*waiting).order_by(FinalRank.line_place).limit(1)
    return db.session.execute(first).scalar_one()


def test_leaving_the_line_costs_the_same_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], TestResponse]:
        auction = settled(site)
        person = next_in_line(auction)
        browser = site.browser(person)
        form = {"csrf_token": site.token(person)}

        def send() -> TestResponse:
            answer = browser.post(f"/auctions/{auction}/leave", data=form, headers={"HX-Request": "true"})
            assert answer.status_code == 200, answer.get_data(as_text=True)[:500]
            return answer

        return send

    sites.cost_of(prepare, warm=False, sizes=SIZES).stays()


def test_what_is_told_when_the_first_leaves_is_two_notices_at_any_size(sites: Sites) -> None:
    """Everybody was told the result. With 20 seats or 1,000, one is next by now and one among the first twenty."""

    lines: list[tuple[FilledSite, int]] = []

    def prepare(site: FilledSite) -> Callable[[], object]:
        auction = settled(site)
        tell_everybody(auction, utcnow())
        site.analyze()
        lines.append((site, auction))
        person = next_in_line(auction)
        db.session.remove()
        return lambda: leave(auction, person, utcnow())

    costs = sites.cost_of(prepare, warm=False, sizes=SIZES)
    for site, auction in lines:
        with site.inside():
            moved = select(func.count()).where(Notification.auction_id == auction, Notification.kind == "moved_up")
            assert db.session.scalar(moved) == 2
            db.session.remove()
    costs.stays()


def test_the_page_before_leaving_costs_the_same_at_every_size(sites: Sites) -> None:
    def prepare(site: FilledSite) -> Callable[[], TestResponse]:
        auction = settled(site)
        browser = site.browser(next_in_line(auction))

        def read() -> TestResponse:
            answer = browser.get(f"/auctions/{auction}/leave")
            assert answer.status_code == 200, answer.status
            return answer

        return read

    sites.cost_of(prepare, sizes=SIZES).stays()


@pytest.mark.parametrize("act", ["pause-line", "resume-line"])
def test_pausing_a_line_and_letting_it_go_on_costs_the_same_for_any_number_of_bidders(sites: Sites, act: str) -> None:
    """One seat is free when the line goes on."""

    def prepare(site: FilledSite) -> Callable[[], Result]:
        auction = settled(site)
        if act == "resume-line":
            command("auction pause-line", str(auction), *WHY)(site)()
            award = db.session.scalars(select(Award).filter_by(auction_id=auction).order_by(Award.id)).first()
            assert award is not None
            awards.decline(award.id, award.person_id, utcnow())
            site.counters.queue.flushall()
        return command(f"auction {act}", str(auction), *WHY)(site)

    sites.cost_of(prepare, warm=False, sizes=SIZES[:2]).stays()


def test_the_next_in_line_is_found_at_the_same_cost_however_many_have_left(sites: Sites) -> None:
    site = sites.make(SIZES[1])
    costs: list[Cost] = []
    with site.inside():
        for gone in (0, 3_000):
            auction = settled(site)
            left = (FinalRank.auction_id == auction, FinalRank.line_place <= gone)
            db.session.execute(update(FinalRank).where(*left).values(left_at=utcnow(), waiting=False))
            db.session.commit()
            site.analyze()
            next_one = next_in_line(auction)
            award = db.session.scalars(select(Award).filter_by(auction_id=auction).order_by(Award.id)).first()
            assert award is not None
            holder, award_id = award.person_id, award.id
            db.session.remove()
            with site.counters.counted() as cost:
                awards.decline(award_id, holder, utcnow())
            costs.append(cost)
            offered = select(Award.id).filter_by(auction_id=auction, person_id=next_one)
            assert db.session.scalar(offered) is not None
    Growth(["nobody left", "3,000 left"], costs).stays()
