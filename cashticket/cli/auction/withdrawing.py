"""`flask auction withdraw`: take a standing out of a running auction, for a reason."""

from dataclasses import asdict

import click

from cashticket.accounts import people
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import ID, Data, command, json_option, print_one
from cashticket.models import Person
from cashticket.wiring import current_engine
from cashticket.work import withdrawing
from cashticket.work.withdrawing import Withdrawn


@command("withdraw", example="auction withdraw 3 --person mallory@example.com --why 'a stolen identity' --dry-run")
@click.argument("auction_id", metavar="ID", type=ID)
@click.option("--person", "who", required=True, help="Account number or e-mail address.")
@why_option
@operator_option
@click.option(
    "--dry-run", is_flag=True, help="Change nothing; print which bid it would take out, and who would come in."
)
@json_option
def withdraw(auction_id: int, who: str, why: str, operator: str, dry_run: bool, as_json: bool) -> None:
    """Take the standing bid of a person out of the order of a running auction.

    The order goes on without it, the end does not move, and who comes in by it is told. The public record shows the
    withdrawal by alias, not the reason. Chances stay used: an account that is not blocked may bid again with those that
    are left, so block it first, or use `user block --withdraw`. It cannot be undone. A repeat changes nothing.
    """
    person = _person(who)
    if dry_run:
        print_one(_data(withdrawing.foresee(current_engine(), auction_id, person)), as_json)
        return
    done = withdrawing.withdraw(current_engine(), auction_id, person, why, operator)
    print_one(_data(done), as_json)
    if done.may_bid_again:
        click.echo(f"Account {person.id} is not blocked and may bid again; `user block` keeps it out.", err=True)


def _person(who: str) -> Person:
    person = people.find(who)
    if person is None:
        raise click.ClickException(f"There is no account {who}.")
    return person


def _data(done: Withdrawn) -> Data:
    facts = asdict(done)
    return {"id": facts.pop("auction_id"), "person": facts.pop("person_id"), **facts}


commands = (withdraw,)
