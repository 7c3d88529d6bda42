"""`flask user …`: add, list, block and change accounts."""

import sys
from datetime import datetime
from typing import Any, NoReturn

import click
from flask.cli import AppGroup

from cashticket.accounts import fields, listing, passwords, people
from cashticket.accounts.addresses import BadEmail, BadPhone
from cashticket.accounts.frozen_facts import AccountClosed, FrozenFact
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import command, json_option, print_many, print_one
from cashticket.cli.progress import with_progress
from cashticket.cli.second_factor import renew_secrets, reset_factor
from cashticket.cli.user_block import block
from cashticket.cli.user_data import person_data
from cashticket.cli.user_marks import marks
from cashticket.cli.user_phone import prove_phone
from cashticket.cli.user_sign_out import sign_out
from cashticket.locale import SEOUL
from cashticket.models import Person
from cashticket.typed.text import can_be_shown, one_line
from cashticket.wiring import current_engine
from cashticket.work.changing_people import change_frozen_facts

group = AppGroup("user", help="Accounts: add, list, block, change, prove phones, sign out, reset second factors.")

COLUMNS = ("id", "email", "name", "permission", "staff")


@command("add", example="user add --email bob@example.com --name Bob --verified <<< 'a long password'")
@click.option("--email", required=True, help="Address the person signs in with.")
@click.option("--name", required=True, help="Full name, as on a ticket.")
@click.option("--birth-date", metavar="YYYY-MM-DD", help="Date of birth.")
@click.option("--phone", help="010-1234-5678 or +82 10-1234-5678.")
@click.option("--verified", is_flag=True, help="Count e-mail address and phone as proven, so that the person may bid.")
@click.option("--staff", is_flag=True, help="A member of the staff, who may not bid.")
@json_option
def add(
    email: str, name: str, birth_date: str | None, phone: str | None, verified: bool, staff: bool, as_json: bool
) -> None:
    """Add an account. The password is the first line of standard input; at a terminal, there is a prompt for it."""
    born = _checked_facts({"birth_date": birth_date})[FrozenFact.BIRTH_DATE] if birth_date else None
    name = one_line(name)
    if not (1 <= len(name) <= people.NAME_LENGTH_MAX and can_be_shown(name)):
        _refuse(f"--name must have 1 to {people.NAME_LENGTH_MAX} characters, without control characters.")
    password = _password()
    try:
        person = people.add_person(email, name, password, born, phone, verified=verified, staff=staff)
    except BadEmail:
        _refuse(f"--email {email!r} is not an e-mail address.")
    except BadPhone:
        _refuse(f"--phone {phone!r} is not a phone number; write 010-1234-5678 or +82 10-1234-5678.")
    except people.EmailTaken:
        _refuse(f"Another account has the e-mail address {email}.")
    except people.PhoneTaken:
        _refuse(f"Another account has the phone number {phone}.")
    print_one(person_data(person), as_json)


@command("list", example="user list --json")
@json_option
def list_people(as_json: bool) -> None:
    """List all accounts, the oldest first."""
    accounts = with_progress(listing.all_people(), "accounts listed", listing.count_people())
    print_many(map(person_data, accounts), COLUMNS, as_json, none="There are no accounts.")


@command("change", example="user change 7 --name '김하나' --why 'spelled as on her identity card'")
@click.argument("who")
@click.option("--name", help="The full name, as on a ticket.")
@click.option("--birth-date", metavar="YYYY-MM-DD", help="Date of birth.")
@why_option
@operator_option
@json_option
def change(who: str, name: str | None, birth_date: str | None, why: str, operator: str, as_json: bool) -> None:
    """Change the name or date of birth of WHO (account number or e-mail address), also while bids of theirs count.

    Both values are kept with the reason until the account is closed. Tickets keep the name they were made for. A new
    date of birth counts at once for concerts with an age limit; bids made before stay.
    """
    account = _account(who)
    facts = _checked_facts({"name": name, "birth_date": birth_date})
    try:
        person, is_told = change_frozen_facts(current_engine(), account.id, facts, why, operator)
    except AccountClosed:
        _refuse(f"Account {account.id} is closed, so it has no name and no date of birth.")
    if not is_told:
        _refuse(f"Account {account.id} is changed, but the live store is away: run this again when it is back.")
    print_one(person_data(person), as_json)


def _account(who: str) -> Person:
    account = people.find(who)
    if account is None:
        _refuse(f"There is no account {who}.")
    return account


def _checked_facts(typed: dict[str, str | None]) -> dict[FrozenFact, Any]:
    """The facts to store. They obey the same rules as in the forms of the pages."""
    given = {field: text for field, text in typed.items() if text is not None}
    if not given:
        _refuse("Say what to change: --name, --birth-date, or both.")
    values, problems = fields.check(given, datetime.now(SEOUL).date(), tuple(given))
    for field, code in problems.items():
        hint = "; write YYYY-MM-DD" if field == "birth_date" else ""
        _refuse(f"--{field.replace('_', '-')} {given[field]!r} is refused: {code.replace('_', ' ')}{hint}.")
    return {FrozenFact(field): value for field, value in values.items()}


def _password() -> str:
    if sys.stdin.isatty():
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    else:
        password = _first_line()
    if not passwords.LENGTH_MIN <= len(password) <= passwords.LENGTH_MAX:
        _refuse(
            f"The password (first line of standard input) must have {passwords.LENGTH_MIN} to "
            f"{passwords.LENGTH_MAX} characters."
        )
    return password


def _first_line() -> str:
    """The first line of standard input. Bytes that no form of the pages could send are refused."""
    try:
        line = sys.stdin.readline().rstrip("\r\n")
        line.encode()
    except UnicodeError:
        _refuse("The password (first line of standard input) is not UTF-8.")
    return line


def _refuse(sentence: str) -> NoReturn:
    raise click.ClickException(sentence)


for _command in (add, list_people, block, change, marks, prove_phone, sign_out, reset_factor, renew_secrets):
    group.add_command(_command)
