"""`flask user reset-factor` and `user renew-secrets`: second factors that were lost, and the key that encrypts them."""

import click

from cashticket.accounts import people, second_factor_changes
from cashticket.accounts.renewed_seals import renew_seals
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import command, json_option, print_one
from cashticket.wiring import current_settings
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
    account = people.find(who)
    if account is None:
        raise click.ClickException(f"There is no account {who}.")
    person_id, email = account.id, account.email
    changed = second_factor_changes.reset_by_operator(person_id, operator, why)
    record(SecurityEvent.SECOND_FACTOR_REMOVED, person_id=person_id)
    queueing.deliver_account_mail_soon(changed.mail_id)
    print_one({"id": person_id, "email": email, "second_factor": False}, as_json)


@command("renew-secrets", example="user renew-secrets")
@json_option
def renew_secrets(as_json: bool) -> None:
    """Encrypt the secrets of authenticator apps with the present SECRET_KEY, before SECRET_KEY_FALLBACKS is emptied.

    Says how many were renewed and how many no key opens: their owners set up the app again. Repeating is harmless.
    """
    settings = current_settings()
    outcome = renew_seals((settings.secret_key, *settings.secret_key_fallbacks))
    print_one(outcome._asdict(), as_json)
