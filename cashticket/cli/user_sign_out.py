"""`flask user sign-out`: end every session of somebody whose account may be in other hands."""

import click

from cashticket.accounts import people, sessions
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import command, json_option, print_one
from cashticket.ledger.operator_acts import record_alone
from cashticket.models.operator_acts import Act
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce_again


@command("sign-out", example="user sign-out 7 --why 'called: somebody else bids with the account'")
@click.argument("who")
@why_option
@operator_option
@json_option
def sign_out(who: str, why: str, operator: str, as_json: bool) -> None:
    """End every session of WHO (account number or e-mail address), on pages and in auctions, and void open links.

    The password stays: tell the owner to set a new one by "Forgot your password?". Repeating is harmless.
    """
    account = people.find(who)
    if account is None:
        raise click.ClickException(f"There is no account {who}.")
    person = sessions.end_all(account.id)
    record_alone(operator, Act.USER_SIGN_OUT, f"person {person.id}", why)
    record(SecurityEvent.SESSION_ENDED, person_id=person.id)
    if not introduce_again(current_engine(), person):
        raise click.ClickException(
            f"The sessions of account {person.id} are ended, but the live store is away: run this again later."
        )
    print_one({"id": person.id, "email": person.email, "sessions": 0}, as_json)
