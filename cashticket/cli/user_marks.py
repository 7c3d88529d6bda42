"""`flask user marks`: what stands for a person in log lines."""

import click

from cashticket.accounts import people
from cashticket.accounts.addresses import BadEmail, normalise_email
from cashticket.accounts.security_log import account_hash
from cashticket.cli.output import command, json_option, print_one


@command("marks", example="user marks alice@example.com --json")
@click.argument("who")
@json_option
def marks(who: str, as_json: bool) -> None:
    """Print what stands for WHO (account number or e-mail address) in log lines: account number and keyed hash.

    An address without an account has a hash too. It changes with SECRET_KEY.
    """
    account = people.find(who)
    try:
        email = account.email if account else normalise_email(who)
    except BadEmail:
        raise click.ClickException(f"There is no account {who}.") from None
    print_one({"person_id": account.id if account else None, "account": account_hash(email)}, as_json)
