"""What commands of operators cost that look at one auction, one person or one concert: the same at every size."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest
from click.testing import Result
from sqlalchemy import func, select

from cashticket.extensions import db
from cashticket.models import Notification, Person
from cashticket.models.columns import utcnow
from cashticket.wiring import queue_redis
from cashticket.work.closing import close_and_settle
from cashticket.work.ending_keys import forget
from lab.filling.auctions import FilledAuction
from tests.staging.rows import PASSWORD
from tests.staging.sizes import FilledSite, Sites, Size

pytestmark = pytest.mark.sweep

# Sites of their own: an auction whose keys left stays in the list.
FORGOTTEN = (Size(110, 20), Size(5_000, 20), Size(5_000, 1_000))
WHY = ("--why", "counted", "--operator", "carol")
CONCERT = ("--title=Night", "--artist=The Lanterns", "--venue=Hall", "--starts=2031-06-01T19:00:00+09:00")
TERMS = ("--seats=20", "--minimum=100000", "--step=5000", "--opens=now", "--closes=+1h")

COMMANDS: dict[str, tuple[str, ...]] = {
    "auction add": ("--concert={running.concert_id}", *TERMS),
    "auction extend": ("{running}", "--to={later}", *WHY),
    "auction list": (),
    "auction show": ("{running}",),
    "auction withdraw": ("{running}", "--person={bidder}", *WHY),
    "concert add": CONCERT,
    "concert list": (),
    "concert show": ("{running.concert_id}",),
    "operator acts": (),
    "user add": ("--email={free}", "--name=Guest", "--verified"),
    "user block": ("{blocked}", *WHY),
    "user marks": ("{stranger}",),
    "user change": ("{stranger}", "--name=Guest Changed", *WHY),
    "user sign-out": ("{stranger}", *WHY),
}


def command(name: str, *arguments: str) -> Callable[[FilledSite], Callable[[], Result]]:
    """Running a command that must succeed. Its arguments may hold `{running}`, `{settled}`, `{stranger}`, `{blocked}`,
    an address that is `{free}`, a `{bidder}` and a moment that is `{later}` each time. Its input is a password."""

    def prepare(site: FilledSite) -> Callable[[], Result]:
        known = {"{stranger}": str(site.strangers[5]), "{blocked}": str(site.strangers[6])}
        numbers = count(2)

        def run() -> Result:
            number = next(numbers)
            known["{bidder}"] = str(site.bidders[number])
            closes = datetime.now(UTC) + timedelta(hours=number)
            texts = known | {"{free}": f"{uuid4().hex}@example.org", "{later}": closes.isoformat(timespec="seconds")}
            given = [_filled_in(site.address(text), texts) for text in arguments]
            runner = site.app.test_cli_runner()
            done = runner.invoke(args=[*name.split(" "), *given, "--json"], input=f"{PASSWORD}\n")
            assert done.exit_code == 0, done.output
            return done

        return run

    return prepare


def _filled_in(text: str, texts: dict[str, str]) -> str:
    for mark, value in texts.items():
        text = text.replace(mark, value)
    return text


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_costs_the_same_at_every_size(sites: Sites, name: str) -> None:
    sites.cost_of(command(name, *COMMANDS[name])).stays()


@pytest.mark.parametrize("name", ["auction list", "auction show"])
def test_an_auction_whose_keys_left_is_shown_at_the_same_cost_at_every_size(sites: Sites, name: str) -> None:
    def prepare(site: FilledSite) -> Callable[[], Result]:
        engine, auction = site.app.extensions["engine"], site.fill(ends_in_ms=-1_000)
        close_and_settle(engine, auction.id)
        assert forget(engine, queue_redis(), auction.id, utcnow() + timedelta(days=2))
        return command(name, *([str(auction.id)] if name == "auction show" else []))(site)

    sites.cost_of(prepare, sizes=FORGOTTEN).stays()


def test_pausing_costs_the_same_and_resuming_a_check_in_windows(sites: Sites) -> None:
    auctions: dict[int, FilledAuction] = {}

    def pausing(site: FilledSite) -> Callable[[], Result]:
        auctions[id(site)] = site.fill()
        return command("auction pause", str(auctions[id(site)].id), *WHY)(site)

    def resuming(site: FilledSite) -> Callable[[], Result]:
        return command("auction resume", str(auctions[id(site)].id), *WHY)(site)

    sites.cost_of(pausing).stays()
    resumed = sites.cost_of(resuming, warm=False)
    # A window of rows, and of places of their bidders.
    resumed.stays_in_windows([auction.bids for auction in auctions.values()], window=500, each=3, base=40)


def test_forgetting_walks_its_tables_in_windows(sites: Sites) -> None:
    """`ops forget`: a window of ids of each table that it looks at."""
    rows: list[int] = []

    def prepare(site: FilledSite) -> Callable[[], Result]:
        assert site.running
        rows.append(sum(db.session.scalar(select(func.max(table.id))) or 0 for table in (Person, Notification)))
        return command("ops forget", "--dry-run")(site)

    sites.cost_of(prepare).stays_in_windows(rows, window=5_000, each=4, base=60)
