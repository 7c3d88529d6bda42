"""`flask award …`: who holds and held the seats of an auction, and taking one back."""

from dataclasses import asdict

import click
from flask.cli import AppGroup

from cashticket.auction.values import AwardState
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, Data, command, iso_or_none, json_option, offers_cell, print_many, print_one
from cashticket.cli.progress import with_progress
from cashticket.errors import OperatorError
from cashticket.ledger import award_queries, queries
from cashticket.ledger.operator_acts import why_revoked
from cashticket.ledger.passed_over import passed_over
from cashticket.locale import iso
from cashticket.models import Award, AwardEvent
from cashticket.models.columns import utcnow
from cashticket.wiring import current_engine
from cashticket.work import revoking

group = AppGroup("award", help="Awards: who may buy or has bought which seat.")

COLUMNS = ("seat", "id", "state", "person", "rank", "price", "offered_at", "expires_at", "decided_at")
PASSED_COLUMNS = ("person", "rank", "why")
LINEAGE_COLUMNS = ("at", "award", "person", "rank", "state")


@command("list", example="award list 3 --json")
@click.argument("auction_id", metavar="AUCTION_ID", type=ID)
@json_option
def list_awards(auction_id: int, as_json: bool) -> None:
    """List all awards of an auction by seat, the first holder of each seat first: `previous` is whose seat it was."""
    if queries.auction(auction_id) is None:
        raise OperatorError(f"There is no auction {auction_id}; `flask auction list` shows them.")
    total = award_queries.count_awards(auction_id)
    rows = with_progress(map(_data, award_queries.awards_by_seat(auction_id)), "awards read", total)
    print_many(rows, COLUMNS, as_json, none="No awards: the auction is not settled, or nobody won a seat.")


@command("show", example="award show 7 --json")
@click.argument("award_id", metavar="AWARD_ID", type=ID)
@json_option
def show(award_id: int, as_json: bool) -> None:
    """Show one award, whom it passed over and why, and everything that happened to its seat.

    Passed over are people directly before the holder who could not be given the seat when it was won or offered:
    `left` the line, `holds_ticket` for the same concert, or `account` (blocked or closed). The last 20 are looked at.
    """
    award = award_queries.award(award_id)
    if award is None:
        raise OperatorError(f"There is no award {award_id}; `flask award list` shows those of an auction.")
    data = _data(award) | ({"why": why_revoked(award_id)} if award.state is AwardState.REVOKED else {})
    passed = [{"person": each.person_id, "rank": each.rank, "why": each.why} for each in passed_over(award)]
    lineage = [_change(event, of) for event, of in award_queries.changes_of_seat(award.seat_id)]
    if as_json:
        print_one(data | {"passed_over": passed, "lineage": lineage}, as_json)
        return
    print_one(data, as_json)
    if passed:
        click.echo("\nPassed over:")
        print_many(passed, PASSED_COLUMNS, as_json, none="Nobody.")
    click.echo(f"\nHistory of {award.seat.label}:")
    print_many(lineage, LINEAGE_COLUMNS, as_json, none="Nothing.")


@command("revoke", example="award revoke 7 --why 'bought with a stolen card' --dry-run")
@click.argument("award_id", metavar="AWARD_ID", type=ID)
@why_option
@operator_option
@click.option("--dry-run", is_flag=True, help="Change nothing; print whom it would tell, and who comes next.")
@json_option
def revoke(award_id: int, why: str, operator: str, dry_run: bool, as_json: bool) -> None:
    """Take back one seat that may be bought or was bought, and offer it to the next in line.

    Its holder reads the reason by notice and mail, and never returns to the line. What was paid is to be given back.
    It cannot be undone. A repeat changes nothing. While the line is paused (`line_paused`), the seat is offered to
    nobody until `auction resume-line`.
    """
    engine, now = current_engine(), utcnow()
    if dry_run:
        foreseen = asdict(revoking.foresee(engine, award_id, now))
        print_one({"id": award_id, "person": foreseen.pop("person_id"), **foreseen}, as_json)
        return
    done = revoking.revoke(engine, award_id, why, operator, now)
    print_one(
        {
            "id": award_id,
            "state": AwardState.REVOKED,
            "repeated": done.repeated,
            "seat": done.seat,
            "person": done.person_id,
            "refund": done.refund,
            "offered": list(done.offered) if as_json else offers_cell(done.offered),
            "line_paused": done.line_paused,
        },
        as_json,
    )


def _data(award: Award) -> Data:
    return {
        "id": award.id,
        "auction_id": award.auction_id,
        "seat": award.seat.label,
        "state": award.state,
        "person": award.person_id,
        "rank": award.rank,
        "price": award.price,
        "offered_at": iso(award.offered_at),
        "expires_at": iso(award.expires_at),
        "decided_at": iso_or_none(award.decided_at),
        "previous": award.previous_id,
    }


def _change(event: AwardEvent, award: Award) -> Data:
    return {
        "at": iso(event.at),
        "award": award.id,
        "person": award.person_id,
        "rank": award.rank,
        "state": event.state,
    }


for _command in (list_awards, show, revoke):
    group.add_command(_command)
