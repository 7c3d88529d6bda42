"""`flask post bounced`: an address from which mails come back."""

import click

from cashticket.accounts.addresses import BadEmail, normalise_email
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import command, iso_or_none, json_option, print_one
from cashticket.errors import OperatorError
from cashticket.notify.outbox_listing import masked
from cashticket.work import bounced_addresses


@command("bounced", example="post bounced alice@example.org --why 'came back: mailbox closed'")
@click.argument("address")
@click.option("--lift", is_flag=True, help="Take it back: the address takes mail again.")
@why_option
@operator_option
@json_option
def bounced(address: str, lift: bool, why: str, operator: str, as_json: bool) -> None:
    """Say that mails to ADDRESS come back. Those that their reader can do without are not sent there any more.

    The product notices by itself what its mail server refuses at once; this is for what came back later, by mail. It
    stays until --lift, for a year at most. A repeat changes nothing. `operator acts` shows when, by whom and why.
    """
    try:
        email = normalise_email(address)
    except BadEmail:
        raise OperatorError(f"{address[:40]!r} is no e-mail address, such as alice@example.org.") from None
    marked = (bounced_addresses.lift if lift else bounced_addresses.mark)(email, why, operator)
    now = marked.mark
    shown = {
        "to": masked(email),
        "person": marked.person_id,
        "bounced": now is not None,
        "repeated": marked.repeated,
        "since": iso_or_none(now.since if now else None),
        "code": now.code if now and now.code else None,
        "by_operator": now.by_operator if now else None,
    }
    print_one(shown, as_json)
    if marked.person_id is None:
        click.echo("No account has this address; look whether it is spelled right.", err=True)
