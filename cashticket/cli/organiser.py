"""`flask organiser …`: who sells the seats of concerts, and who may not bid for them."""

import click
from flask.cli import AppGroup

from cashticket.accounts import own_people
from cashticket.accounts.addresses import BadEmail, normalise_email
from cashticket.catalogue import organisers
from cashticket.catalogue.organisers import OrganiserFacts
from cashticket.cli.output import Data, command, json_option, print_many, print_one
from cashticket.models import Organiser
from cashticket.wiring import current_engine
from cashticket.work.organising import save_organiser

group = AppGroup("organiser", help="Organisers: add, list.")

COLUMNS = ("id", "name", "email", "phone", "own_people")


@command(
    "add",
    example="organiser add --name 'Lantern Live' --representative '김하나' --registration 123-45-67890 "
    "--email help@lantern.example --may-not-bid kim@lantern.example",
)
@click.option("--name", required=True, help="As the business is registered.")
@click.option("--representative", default="", help="Who represents the business.")
@click.option("--registration", default="", help="Business registration number.")
@click.option("--mail-order", default="", help="Number of the mail-order sales report.")
@click.option("--address", default="", help="Address of the business.")
@click.option("--email", default="", help="Where customers write to.")
@click.option("--phone", default="", help="Where customers call.")
@click.option("--hours", default="", help="When somebody answers, such as 'Mon-Fri 10:00-18:00'.")
@click.option("--may-not-bid", multiple=True, metavar="EMAIL", help="One of its own people; may be repeated.")
@json_option
def add(may_not_bid: tuple[str, ...], registration: str, mail_order: str, as_json: bool, **texts: str) -> None:
    """Add an organiser, or fill in the one that has this name: what is given replaces what was there.

    All of it is shown on the pages of its concerts; what is not given is said to be missing. Its own people may not bid
    for seats of its concerts, and bids that they have made stay. An address that has no account yet counts once
    somebody proves it.
    """
    # Nobody else would notice that mails to the organiser cannot leave.
    texts["email"] = _normalised("--email", texts["email"]) if texts["email"].strip() else ""
    facts = OrganiserFacts(registration_number=registration, mail_order_number=mail_order, **texts)
    addresses = [_normalised("--may-not-bid", address) for address in may_not_bid]
    saved = save_organiser(current_engine(), facts, addresses)
    print_one(_data(saved, own_people.counts().get(saved.id, 0)), as_json)


@command("list", example="organiser list --json")
@json_option
def list_organisers(as_json: bool) -> None:
    """List all organisers, the oldest first."""
    counts = own_people.counts()
    rows = (_data(row, counts.get(row.id, 0)) for row in organisers.all_organisers())
    print_many(rows, COLUMNS, as_json, none="No organisers; `flask organiser add --help` shows how to add one.")


def _normalised(option: str, address: str) -> str:
    try:
        return normalise_email(address)
    except BadEmail as error:
        raise click.ClickException(f"{option} {address!r} is not an e-mail address.") from error


def _data(row: Organiser, own: int) -> Data:
    return {"id": row.id} | {name: getattr(row, name) for name in OrganiserFacts.__slots__} | {"own_people": own}


for _command in (add, list_organisers):
    group.add_command(_command)
