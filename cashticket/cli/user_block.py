"""`flask user block`: keep an account from bids and seats, and let it in again."""

from typing import NoReturn

import click

from cashticket.accounts import blocking, people
from cashticket.accounts.security_log import SecurityEvent, record
from cashticket.cli.options import operator_option, why_option
from cashticket.cli.output import Data, command, json_option, print_one
from cashticket.cli.user_data import person_data
from cashticket.engine.interface import OutcomeUnknown, StoreUnavailable
from cashticket.ledger.operator_acts import record_alone
from cashticket.models import Person
from cashticket.models.operator_acts import Act
from cashticket.wiring import current_engine
from cashticket.work.introducing import introduce_again
from cashticket.work.withdrawing import withdraw_everywhere


@command("block", example="user block 7 --withdraw --why 'paid with a stolen card'")
@click.argument("who")
@click.option("--withdraw", is_flag=True, help="Take its bids out of the order of every auction that runs.")
@click.option("--lift", is_flag=True, help="Take the block back.")
@why_option
@operator_option
@json_option
def block(who: str, withdraw: bool, lift: bool, why: str, operator: str, as_json: bool) -> None:
    """Block WHO (account number or e-mail address) from bids and seats. Earlier bids keep their ranks.

    A block ends sessions, links and second factors. With --withdraw its bids leave the order of running auctions, as by
    `auction withdraw`, for good. With --lift the account may bid again and is back in its lines for the seats that come
    free from then on; what the block ended stays ended. A repeat changes nothing.
    """
    if lift and withdraw:
        _refuse("--lift and --withdraw do not go together: a withdrawal cannot be taken back.")
    person = _lifted(who, why, operator) if lift else _blocked(who, why, operator)
    is_told = introduce_again(current_engine(), person)
    # Of several live stores one may be away; the auctions of the others do not wait for it.
    is_possible = withdraw and (is_told or len(current_engine().stores()) > 1)
    done = _withdrawn(person, why, operator, as_json) if is_possible else {}
    if not is_told:
        now = "not blocked any more" if lift else "blocked"
        _refuse(f"Account {person.id} is {now}, but a live store is away: run this again when it is back.")
    print_one(person_data(person) | done, as_json)


def _withdrawn(person: Person, why: str, operator: str, as_json: bool) -> Data:
    try:
        done = withdraw_everywhere(current_engine(), person, why, operator)
    except (StoreUnavailable, OutcomeUnknown):
        _refuse(f"Account {person.id} is blocked, but no live store answers: run this again when they are back.")
    if done.failed:
        faults = " ".join(done.failed.values())
        _refuse(f"Account {person.id} is blocked and taken out of {len(done.withdrawn)} auctions. {faults}")
    numbers = ", ".join(map(str, done.withdrawn)) or "none"
    return {"withdrawn_from": done.withdrawn if as_json else numbers}


def _blocked(who: str, why: str, operator: str) -> Person:
    person = blocking.block(_account(who).id)
    record_alone(operator, Act.USER_BLOCK, f"person {person.id}", why)
    record(SecurityEvent.ACCOUNT_BLOCKED, person_id=person.id)
    return person


def _lifted(who: str, why: str, operator: str) -> Person:
    account = _account(who)
    if account.closed_at is not None:
        _refuse(f"Account {account.id} is closed for good, so there is no block to take back.")
    person, was_blocked = blocking.lift_block(account.id)
    if was_blocked:
        record_alone(operator, Act.USER_BLOCK, f"person {person.id}", why, facts={"lifted": True})
        record(SecurityEvent.ACCOUNT_UNBLOCKED, person_id=person.id)
    return person


def _account(who: str) -> Person:
    account = people.find(who)
    if account is None:
        _refuse(f"There is no account {who}.")
    return account


def _refuse(sentence: str) -> NoReturn:
    raise click.ClickException(sentence)
