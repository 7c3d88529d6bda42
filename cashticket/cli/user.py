"""`flask user …`: accounts made, listed and blocked by an operator."""

import getpass
import json
import sys
from datetime import date
from typing import Any, NoReturn

import click
from flask.cli import AppGroup

from cashticket.accounts import passwords, people
from cashticket.accounts.addresses import BadEmail, BadPhone
from cashticket.blueprints.introductions import tell_auctions
from cashticket.models import OperatorAct, Person
from cashticket.models.units import in_one_unit

group = AppGroup("user", help="Accounts: add, list, block.")


@group.command(
    "add",
    epilog="Example: printf 'a long password\\n' | flask user add --email bob@example.com --name Bob --verified",
)
@click.option("--email", required=True, help="Address the person signs in with.")
@click.option("--name", required=True, help="Full name, as on a ticket.")
@click.option("--birth-date", metavar="YYYY-MM-DD", help="Date of birth.")
@click.option("--phone", help="010-1234-5678 or +82 10-1234-5678.")
@click.option("--verified", is_flag=True, help="Count the e-mail address as confirmed, so that the person may bid.")
@click.option("--staff", is_flag=True, help="A member of the staff.")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def add(
    email: str, name: str, birth_date: str | None, phone: str | None, verified: bool, staff: bool, as_json: bool
) -> None:
    """Make an account. The password is the first line of standard input, or asked for at a terminal."""
    born = _date(birth_date) if birth_date else None
    name = name.strip()
    if not 1 <= len(name) <= people.NAME_LONGEST:
        _refuse(f"--name must have 1 to {people.NAME_LONGEST} characters.")
    password = _password()
    try:
        person = people.add_person(email, name, password, born, phone, verified=verified, staff=staff)
    except BadEmail:
        _refuse(f"--email {email!r} is not an e-mail address.")
    except BadPhone:
        _refuse(f"--phone {phone!r} is not a phone number; write 010-1234-5678 or +82 10-1234-5678.")
    except people.EmailTaken:
        _refuse(f"another account has the e-mail address {email}.")
    except people.PhoneTaken:
        _refuse(f"another account has the phone number {phone}.")
    _print(as_json, _document(person), f"Account {person.id} added: {person.name} <{person.email}>")


@group.command("list", epilog="Example: flask user list --json")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_(as_json: bool) -> None:
    """Every account, oldest first."""
    documents = [_document(person) for person in people.all_people()]
    if as_json:
        click.echo(json.dumps(documents, ensure_ascii=False))
        return
    for found in documents:
        marks = [found["permission"], *(["staff"] if found["staff"] else [])]
        click.echo(f"{found['id']:>6}  {found['email']:<40} {', '.join(marks):<18} {found['name']}")


@group.command("block", epilog="Example: flask user block 7 --why 'paid with a stolen card'")
@click.argument("who")
@click.option("--why", required=True, help="The reason, kept for good.")
@click.option("--json", "as_json", is_flag=True, help="Print the account as JSON.")
def block(who: str, why: str, as_json: bool) -> None:
    """Let WHO (account number or e-mail address) bid no more and win no seat. Bids made so far stay in the order."""
    found = people.person(int(who)) if who.isascii() and who.isdigit() else people.find_by_email(who)
    if found is None:
        _refuse(f"there is no account {who}.")
    if not why.strip():
        _refuse("--why must say something.")
    person = people.block(found.id)
    act = OperatorAct(operator=_operator(), act="user block", subject=f"person {person.id}", why=why.strip()[:500])
    in_one_unit(lambda session: session.add(act))
    if not tell_auctions(person):
        _refuse(f"account {person.id} is blocked, but the live store is away: run this again when it is back.")
    _print(as_json, _document(person), f"Account {person.id} is blocked: {person.name} <{person.email}>")


def _password() -> str:
    if sys.stdin.isatty():
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not passwords.SHORTEST <= len(password) <= passwords.LONGEST:
        _refuse(
            f"the password (first line of standard input) must have {passwords.SHORTEST} to "
            f"{passwords.LONGEST} characters."
        )
    return password


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        _refuse(f"--birth-date {text!r} is not a date; write YYYY-MM-DD.")


def _document(person: Person) -> dict[str, Any]:
    return {
        "id": person.id,
        "email": person.email,
        "name": person.name,
        "birth_date": person.birth_date.isoformat() if person.birth_date else None,
        "phone": person.phone,
        "permission": person.permission,
        "verified": person.verified_at is not None,
        "blocked": person.blocked_at is not None,
        "staff": person.is_staff,
    }


def _print(as_json: bool, document: dict[str, Any], line: str) -> None:
    click.echo(json.dumps(document, ensure_ascii=False) if as_json else line)


def _operator() -> str:
    try:
        return getpass.getuser()[:80]
    except (KeyError, OSError):
        return "unknown"


def _refuse(sentence: str) -> NoReturn:
    raise click.ClickException(sentence)
