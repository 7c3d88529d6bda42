"""What the sockets of signed-in pages cost the stores at any size of an auction: when one opens, and each minute."""

from collections.abc import Callable

from cashticket.work.live_tables import LiveTables
from cashticket.work.missed_alerts import missed_by
from tests.staging.sizes import FilledSite, Sites


def missed(site: FilledSite) -> Callable[[], object]:
    """Each call finds what the last in the order of the running auction missed, as far as the news says."""
    engine, auction_id = site.app.extensions["engine"], site.running.id
    last = engine.rows(auction_id, site.size.bidders, 1).bids[0].person
    heard = {auction_id: 4_000_000}
    return lambda: list(missed_by(engine, last, heard))


def test_what_was_missed_costs_the_same_at_every_size(sites: Sites) -> None:
    sites.cost_of(missed).never_exceeds(statements=2, round_trips=2, queue_commands=0).stays()


def test_whoever_missed_nothing_costs_one_statement(sites: Sites) -> None:
    def nothing(site: FilledSite) -> Callable[[], object]:
        return lambda: list(missed_by(site.app.extensions["engine"], site.strangers[0], {}))

    sites.cost_of(nothing).never_exceeds(statements=1, round_trips=0).stays()


def test_what_was_missed_while_nothing_was_heard_is_one_statement_a_window(sites: Sites) -> None:
    def window(site: FilledSite) -> Callable[[], object]:
        tables, people = LiveTables(site.app), site.people[:100]
        return lambda: tables.displacements(people)

    # What it reads are unread notices of these people, more or fewer as they were pushed out.
    sites.cost_of(window).never_exceeds(statements=1, round_trips=0, rows_read=400)


def test_sessions_and_titles_are_one_statement_each(sites: Sites) -> None:
    def minute(site: FilledSite) -> Callable[[], object]:
        tables, people, auctions = LiveTables(site.app), site.people[:100], [site.running.id]
        return lambda: (tables.epochs(people), tables.titles(auctions))

    sites.cost_of(minute).never_exceeds(statements=2, round_trips=0).stays()
