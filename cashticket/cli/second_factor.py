"""`flask user reset-factor`: let somebody who has lost every second factor sign in by password again."""

import click

from cashticket.accounts import people, second_factor_changes
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import command, json_option, print_one
from cashticket.work import queueing


@command("reset-factor", example="user reset-factor 7 --why 'lost the phone; passport seen, ticket 4711'")
@click.argument("who")
@why_option
@operator_option
@json_option
def reset_factor(who: str, why: str, operator: str, as_json: bool) -> None:
    """Remove every second factor of WHO (account number or e-mail address), with the recovery codes.

    Only after checking who asks: see docs/operations.md. The owner gets a mail.
    """
    account = people.person(int(who)) if who.isascii() and who.isdigit() else people.find_by_email(who)
    if account is None:
        raise click.ClickException(f"There is no account {who}.")
    person_id, email = account.id, account.email
    changed = second_factor_changes.reset_by_operator(person_id, operator, why)
    record(SecurityEvent.SECOND_FACTOR_REMOVED, person_id=person_id)
    queueing.deliver_account_mail_soon(changed.mail_id)
    print_one({"id": person_id, "email": email, "second_factor": False}, as_json)
